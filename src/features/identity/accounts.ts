// Accounts: people with a name and a password.
import { sql } from 'kysely';
import { namedRow } from '../../db/names.ts';
import type { SlowContext, TransactionContext } from '../../kernel/context.ts';
import type { Handlers } from '../../kernel/registry.ts';
import { AppError } from '../../protocol/errors.ts';
import type { SignedInAnswer } from '../../protocol/identity.ts';
import type { CommandInput } from '../../protocol/index.ts';
import { askToVerify, emailPlace, unverifiedEmail } from './emails.ts';
import { dropLinks, limitLetters } from './links.ts';
import { holdProof } from './password-proof.ts';
import { hashPassword, isPassword } from './passwords.ts';
import type { IdentityPorts } from './ports.ts';
import { noteSignIn } from './security-notes.ts';
import { answerOf, beginSession, endSessions, renewSession } from './sessions.ts';
import { newPair } from './tokens.ts';

type NewAccount = CommandInput<'account.register'>;

export function accountHandlers(ports: IdentityPorts): Handlers {
  return {
    'account.get': (context) => read(ports, context),
    'account.register': (context, wish) => register(ports, context, wish),
    'account.upgrade': (context, wish) => upgrade(ports, context, wish),
    'account.changePassword': (context, input) => changePassword(ports, context, input),
  };
}

async function read(ports: IdentityPorts, { trx, user }: TransactionContext) {
  const row = await trx
    .selectFrom('users')
    .select(['kind', 'username', 'role', 'email_encrypted'])
    .where('id', '=', user.id)
    .executeTakeFirstOrThrow();
  if (row.kind !== 'human') return { account: null };
  return {
    account: {
      username: row.username,
      role: row.role,
      email: row.email_encrypted && ports.secrets.open(row.email_encrypted, emailPlace(user.id)),
      unverifiedEmail: await unverifiedEmail(trx, ports, user.id),
      hasPassword: await hasPassword(ports, user.id),
    },
  };
}

/** Hashes are the system's: the role that commands run as cannot read them. */
async function hasPassword({ system }: IdentityPorts, userId: string): Promise<boolean> {
  const query = system.selectFrom('users').select('id').where('id', '=', userId).where('password_hash', 'is not', null);
  return (await query.executeTakeFirst()) !== undefined;
}

async function register(ports: IdentityPorts, context: SlowContext, wish: NewAccount): Promise<SignedInAnswer> {
  refuseNames(wish);
  await refuseTaken(ports, wish.username);
  if (wish.email) await limitLetters(ports, context.caller, wish.email);
  const password_hash = await hashPassword(wish.password);
  const displayName = wish.displayName ?? wish.username;
  return context.transaction(async (inside) => {
    const { id } = await named(wish.username, () =>
      inside.trx
        .insertInto('users')
        .values({ kind: 'human', username: wish.username, ...namedRow(ports.secrets, displayName), password_hash })
        .returning('id')
        .executeTakeFirstOrThrow(),
    );
    const user = { id, displayName, kind: 'human' as const };
    await inside.actAs(id);
    await inside.record({
      type: 'user.registered',
      resource: { type: 'user', id },
      after: { username: wish.username },
    });
    if (wish.email) await askToVerify(inside, ports, { userId: id, username: wish.username, email: wish.email });
    return beginSession(inside, user);
  });
}

/** The same user with another kind: everything that is a guest's stays where it is. The session goes on with new tokens. */
async function upgrade(ports: IdentityPorts, context: SlowContext, wish: NewAccount): Promise<SignedInAnswer> {
  const { caller, user } = context;
  const { session } = caller;
  if (!session) throw new AppError('forbidden', 'Only a guest who is signed in can become an account.');
  refuseNames(wish);
  const { kind } = await ports.system
    .selectFrom('users')
    .select('kind')
    .where('id', '=', user.id)
    .executeTakeFirstOrThrow();
  if (kind !== 'guest') throw isAccount();
  await refuseTaken(ports, wish.username);
  if (wish.email) await limitLetters(ports, context.caller, wish.email);
  const password_hash = await hashPassword(wish.password);
  const displayName = wish.displayName ?? user.displayName;
  return context.transaction(async (inside) => {
    const { trx } = inside;
    const { numUpdatedRows } = await named(wish.username, () =>
      trx
        .updateTable('users')
        .set({ kind: 'human', username: wish.username, ...namedRow(ports.secrets, displayName), password_hash })
        .where('id', '=', user.id)
        .where('kind', '=', 'guest')
        // Erased while the hash was made: what is without a name stays so.
        .where('status', '=', 'active')
        .executeTakeFirstOrThrow(),
    );
    if (numUpdatedRows === 0n) throw isAccount();
    const account = { id: user.id, displayName, kind: 'human' as const };
    const resource = { type: 'user' as const, id: user.id };
    await inside.record({ type: 'user.upgraded', resource, after: { username: wish.username } });
    const ending = { allBut: session.id };
    await endSessions(inside, user.id, { ending, reason: 'upgraded', revocations: ports.revocations });
    if (wish.email) await askToVerify(inside, ports, { userId: user.id, username: wish.username, email: wish.email });
    // Open connections know from now on that they are an account's.
    inside.afterCommit(() => ports.publisher.introduce(account));
    const { pair, stored } = newPair();
    const about = { id: session.id, createdAt: new Date(), user: account };
    return answerOf(pair, await renewSession(inside, about, stored), account);
  });
}

async function changePassword(
  { system, revocations }: IdentityPorts,
  context: SlowContext,
  { password, newPassword }: CommandInput<'account.changePassword'>,
): Promise<Record<string, never>> {
  const { user, caller } = context;
  const known = await system
    .selectFrom('users')
    .select(['username', 'display_name', 'password_hash'])
    .where('id', '=', user.id)
    .executeTakeFirstOrThrow();
  if (known.password_hash === null) throw new AppError('conflict', 'Only accounts have a password.');
  refuseNames({ username: known.username, displayName: known.display_name, password: newPassword });
  if (!(await isPassword(password, known.password_hash))) {
    await noteSignIn(system, caller, { type: 'password_wrong', severity: 'medium', userId: user.id });
    throw new AppError('wrong_credentials', 'The password is not right.');
  }
  const password_hash = await hashPassword(newPassword);
  return context.transaction(async (inside) => {
    await holdProof(inside, { system }, { userId: user.id, hash: known.password_hash });
    await inside.trx.updateTable('users').set({ password_hash }).where('id', '=', user.id).execute();
    await dropLinks(inside, user.id);
    await inside.record({ type: 'user.password_changed', resource: { type: 'user', id: user.id } });
    const ending = { allBut: caller.session?.id };
    await endSessions(inside, user.id, { ending, reason: 'password_changed', revocations });
    return {};
  });
}

/** A password that says the name is the first that is tried. */
export function refuseNames({ username, displayName, email, password }: NewAccount): void {
  const known = [username, displayName, email, email?.split('@')[0]].map((name) => name?.toLowerCase());
  if (known.includes(password.toLowerCase())) {
    const issue = { path: 'password', message: 'is the name or the e-mail address' };
    throw new AppError('invalid_input', `${issue.path}: ${issue.message}`, { issues: [issue] });
  }
}

const isAccount = (): AppError => new AppError('conflict', 'This is an account already.');

const taken = (username: string): AppError =>
  new AppError('conflict', `The user name "${username}" is taken.`, { path: 'username' });

/** Before the hash is made: that is a quarter of a second of work. */
async function refuseTaken({ system }: IdentityPorts, username: string): Promise<void> {
  const found = await system
    .selectFrom('users')
    .select('id')
    .where(sql<boolean>`lower(username) = lower(${username})`)
    .executeTakeFirst();
  if (found) throw taken(username);
}

/** Runs a write that takes a name; somebody may have been faster. */
async function named<T>(username: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    const { code, constraint } = Object(error) as { code?: string; constraint?: string };
    if (code === '23505' && constraint === 'users_username_key') throw taken(username);
    throw error;
  }
}
