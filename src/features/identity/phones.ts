// Telephone numbers: signing in with a code, and the number of an account. Sealed in the database, found by a blind index.
import { randomBytes, randomUUID } from 'node:crypto';
import { namedRow } from '../../db/names.ts';
import type { SlowContext, TransactionContext } from '../../kernel/context.ts';
import type { Handlers } from '../../kernel/registry.ts';
import type { Sms } from '../../mail/sms.ts';
import { AppError } from '../../protocol/errors.ts';
import type { SignedInAnswer, User } from '../../protocol/identity.ts';
import type { CommandInput, CommandOutput } from '../../protocol/index.ts';
import { type CodePurpose, checkCode, e164, makeCode, NEXT_CODE_MS, wrongField } from './phone-codes.ts';
import { checkRelease, numberOf, phonePlace } from './phone-release.ts';
import type { IdentityPorts } from './ports.ts';
import { beginSession, endSessions } from './sessions.ts';

export interface PhonePorts extends IdentityPorts {
  /** The way for text messages. */
  readonly sms: Sms;
}

export function phoneHandlers(ports: PhonePorts): Handlers {
  return {
    'phone.requestCode': (context, input) => requestCode(ports, context, input),
    'phone.verifyCode': (context, input) => signIn(ports, context, input),
    'phone.attach': (context, input) => attach(ports, context, input),
    'phone.get': async ({ trx, user }) => ({ phone: await numberOf(ports.secrets, trx, user.id) }),
    'phone.remove': (context, proof) => remove(ports, context, proof),
  };
}

async function requestCode(
  ports: PhonePorts,
  context: SlowContext,
  { phone, purpose = 'login' }: CommandInput<'phone.requestCode'>,
): Promise<CommandOutput<'phone.requestCode'>> {
  const number = e164(phone);
  const { id, code, expiresAt } = await makeCode(ports, context, { number, purpose, sms: ports.sms });
  await context.transaction(async (inside) => {
    await inside.record({ type: 'phone.code_sent', resource: { type: 'phone_code', id }, after: { purpose } });
    inside.afterCommit(() =>
      ports.sms.post({ to: number, subject: 'Code', text: textOf(code, purpose, ports.publicUrl) }),
    );
  });
  return { expiresAt: expiresAt.toISOString(), retryAfterMs: NEXT_CODE_MS };
}

/**
 * Who is asked for a code by somebody else can read what it would do. The last line lets telephones put it into the page
 * of this address only (WebOTP).
 */
function textOf(code: string, purpose: CodePurpose, publicUrl: string): string {
  const use = purpose === 'release' ? 'to change or remove your number in Coderoom' : 'for Coderoom';
  return `${code} is your code ${use}. It is good for three minutes. Tell it to nobody.\n\n@${new URL(publicUrl).hostname} #${code}`;
}

async function signIn(
  ports: PhonePorts,
  context: SlowContext,
  { phone, code, displayName }: CommandInput<'phone.verifyCode'>,
): Promise<SignedInAnswer> {
  const number = e164(phone);
  const use = await checkCode(ports, context, { number, code, purpose: 'login' });
  const known = await ownerOf(ports, number);
  if (known && known.status !== 'active') throw new AppError('forbidden', 'This account is closed.');
  const guest =
    !known && context.caller.session && context.caller.user?.kind === 'guest' ? context.caller.user : undefined;
  const name = displayName ?? guest?.displayName;
  // The code stays good: it is asked for the name and comes again.
  if (!known && name === undefined) throw wrongField('displayName', 'is needed for a new account');
  await use();
  return context.transaction(async (inside) => {
    if (!known)
      return guest ? upgrade(ports, inside, { guest, number }) : register(ports, inside, { number, name: name! });
    await inside.actAs(known.id);
    await inside.trx.updateTable('users').set({ last_login_at: new Date() }).where('id', '=', known.id).execute();
    await inside.record({ type: 'user.logged_in', resource: { type: 'user', id: known.id }, after: { by: 'phone' } });
    return beginSession(inside, { id: known.id, displayName: known.display_name, kind: 'human' });
  });
}

async function ownerOf({ system, secrets }: PhonePorts, number: string) {
  return system
    .selectFrom('users')
    .select(['id', 'display_name', 'status'])
    .where('phone_index', 'in', [...secrets.blindIndex(number, 'phone')])
    .executeTakeFirst();
}

const sealed = ({ secrets }: PhonePorts, userId: string, number: string) => ({
  phone_encrypted: secrets.seal(number, phonePlace(userId)),
  phone_index: secrets.blindIndex(number, 'phone')[0],
  phone_verified_at: new Date(),
});

const newUsername = (): string => `user-${randomBytes(8).toString('hex')}`;

async function register(
  ports: PhonePorts,
  inside: TransactionContext,
  { number, name }: { number: string; name: string },
): Promise<SignedInAnswer> {
  const user: User = { id: randomUUID(), displayName: name, kind: 'human' };
  await unlessTaken(() =>
    inside.trx
      .insertInto('users')
      .values({
        id: user.id,
        kind: 'human',
        username: newUsername(),
        ...namedRow(ports.secrets, name),
        ...sealed(ports, user.id, number),
      })
      .execute(),
  );
  await inside.actAs(user.id);
  await inside.record({ type: 'user.registered', resource: { type: 'user', id: user.id }, after: { by: 'phone' } });
  return beginSession(inside, user);
}

/** The same user with another kind: everything that is a guest's stays where it is. Their other sessions end. */
async function upgrade(
  ports: PhonePorts,
  inside: TransactionContext,
  { guest, number }: { guest: User; number: string },
): Promise<SignedInAnswer> {
  const { numUpdatedRows } = await unlessTaken(() =>
    inside.trx
      .updateTable('users')
      .set({ kind: 'human', username: newUsername(), ...sealed(ports, guest.id, number) })
      .where('id', '=', guest.id)
      // An account by now, which has a name of its own; or erased, without anything of a person.
      .where('kind', '=', 'guest')
      .where('status', '=', 'active')
      .executeTakeFirstOrThrow(),
  );
  if (numUpdatedRows === 0n) throw new AppError('conflict', 'You are no guest any more: ask for another code.');
  await inside.record({ type: 'user.upgraded', resource: { type: 'user', id: guest.id }, after: { by: 'phone' } });
  const ending = { allBut: inside.caller.session?.id };
  await endSessions(inside, guest.id, { ending, reason: 'upgraded', revocations: ports.revocations });
  const account: User = { ...guest, kind: 'human' };
  // Open connections know from now on that they are an account's.
  inside.afterCommit(() => ports.publisher.introduce(account));
  return beginSession(inside, account);
}

async function attach(
  ports: PhonePorts,
  context: SlowContext,
  { phone, code, ...proof }: CommandInput<'phone.attach'>,
): Promise<{ phone: string }> {
  const number = e164(phone);
  const { id } = context.user;
  const release = await checkRelease(ports, context, { ...proof, next: number });
  const use = await checkCode(ports, context, { number, code, purpose: 'change' });
  const known = await ownerOf(ports, number);
  if (known && known.id !== id) throw taken();
  await use();
  return context.transaction(async (inside) => {
    const before = { phone: await release(inside) };
    await unlessTaken(() =>
      inside.trx
        .updateTable('users')
        .set(sealed(ports, id, number))
        .where('id', '=', id)
        .execute(),
    );
    await inside.record({
      type: 'user.phone_changed',
      resource: { type: 'user', id },
      before,
      after: { phone: number },
    });
    return { phone: number };
  });
}

async function remove(
  ports: PhonePorts,
  context: SlowContext,
  proof: CommandInput<'phone.remove'>,
): Promise<Record<string, never>> {
  const { id } = context.user;
  const release = await checkRelease(ports, context, { ...proof, next: null });
  return context.transaction(async (inside) => {
    const before = { phone: await release(inside) };
    // The password's hash is for the system to see; the check of the table says whether another way in is left.
    await inside.trx
      .updateTable('users')
      .set({ phone_encrypted: null, phone_index: null, phone_verified_at: null })
      .where('id', '=', id)
      .execute()
      .catch((error: unknown) => {
        if (Object(error).code !== '23514') throw error;
        throw new AppError(
          'conflict',
          'The number is the only way into this account: give it an e-mail address first.',
        );
      });
    await inside.record({
      type: 'user.phone_changed',
      resource: { type: 'user', id },
      before,
      after: { phone: null },
    });
    return {};
  });
}

const taken = (): AppError => new AppError('conflict', 'Another account has this number.');

/** Runs a write that takes a number; somebody may have been faster. */
async function unlessTaken<T>(write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    const { code, constraint } = Object(error) as { code?: string; constraint?: string };
    if (code === '23505' && constraint === 'users_phone_index_key') throw taken();
    throw error;
  }
}
