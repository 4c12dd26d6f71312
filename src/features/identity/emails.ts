// E-mail addresses: an address counts when its owner has followed a link that was sent there. Until then it stands with
// the link only, so that nobody can keep another one's address from them, or learn who has an account.
import type { Kysely } from 'kysely';
import type { Tables } from '../../db/tables.ts';
import type { SlowContext, TransactionContext } from '../../kernel/context.ts';
import type { Handlers } from '../../kernel/registry.ts';
import { AppError } from '../../protocol/errors.ts';
import type { CommandInput } from '../../protocol/index.ts';
import { lockAccount } from './bots.ts';
import { type Letters, limitLetters, linkPlace, makeLink, takeLink } from './links.ts';
import { checkPassword, holdProof } from './password-proof.ts';
import type { IdentityPorts } from './ports.ts';

/** The place that a sealed address is bound to. */
export const emailPlace = (userId: string): string => `users.email_encrypted:${userId}`;

/** The commands about addresses. */
export function emailHandlers(ports: IdentityPorts): Handlers {
  return {
    'email.change': (context, wish) => change(ports, context, wish),
    'email.sendAgain': (context) => sendAgain(ports, context),
    'email.verify': (context, { token }) => verify(ports, context, token),
  };
}

export interface Addressee {
  readonly userId: string;
  readonly username: string;
  readonly email: string;
}

/** Sends somebody the link that proves the address, after the commit. */
export async function askToVerify(context: TransactionContext, ports: Letters, whom: Addressee): Promise<void> {
  const { userId, username, email } = whom;
  const link = await makeLink(context, ports, { purpose: 'verify', userId, email });
  const text = [
    `Hello ${username},`,
    'please confirm that this is your e-mail address:',
    link,
    'The link works for two days. If you did not ask for this, do nothing: the address will not be used.',
  ].join('\n\n');
  context.afterCommit(() => ports.mail.post({ to: email, subject: 'Confirm your e-mail address', text }));
}

/** The address that waits for its owner to follow the link; null where none does. */
export async function unverifiedEmail(
  trx: Kysely<Tables>,
  { secrets }: Pick<Letters, 'secrets'>,
  userId: string,
): Promise<string | null> {
  const link = await trx
    .selectFrom('email_tokens')
    .select(['token_hash', 'email_encrypted'])
    .where('user_id', '=', userId)
    .where('purpose', '=', 'verify')
    .where('consumed_at', 'is', null)
    .where('expires_at', '>', new Date())
    .executeTakeFirst();
  return link ? secrets.open(link.email_encrypted, linkPlace(link.token_hash)) : null;
}

async function change(
  ports: IdentityPorts,
  context: SlowContext,
  { email, password }: CommandInput<'email.change'>,
): Promise<Record<string, never>> {
  const { user } = context;
  const proved = await checkPassword(ports, context, password);
  if (email !== null) await limitLetters(ports, context.caller, email);
  return context.transaction(async (inside) => {
    await holdProof(inside, ports, proved);
    const resource = { type: 'user' as const, id: user.id };
    if (email === null) {
      await removeEmail(inside, user.id);
      await inside.record({ type: 'user.email_changed', resource, after: { email: null } });
      return {};
    }
    await askToVerify(inside, ports, { userId: user.id, username: await nameOf(inside, user.id), email });
    await inside.record({ type: 'user.email_asked', resource, after: { email } });
    return {};
  });
}

async function nameOf({ trx }: TransactionContext, userId: string): Promise<string> {
  const row = trx.selectFrom('users').select('username').where('id', '=', userId);
  return (await row.executeTakeFirstOrThrow()).username;
}

async function removeEmail({ trx }: TransactionContext, userId: string): Promise<void> {
  await trx.deleteFrom('email_tokens').where('user_id', '=', userId).execute();
  const none = { email_encrypted: null, email_index: null, email_verified_at: null };
  try {
    await trx.updateTable('users').set(none).where('id', '=', userId).execute();
  } catch (error) {
    if ((Object(error) as { code?: string }).code !== '23514') throw error;
    throw new AppError('conflict', 'This address is the only way to sign in to this account.');
  }
}

async function sendAgain(ports: IdentityPorts, context: TransactionContext): Promise<Record<string, never>> {
  const { trx, user } = context;
  // A change of the password ends the link that is looked for.
  await lockAccount(trx, user.id);
  const email = await unverifiedEmail(trx, ports, user.id);
  if (email === null) throw new AppError('not_found', 'No address of yours waits to be confirmed.');
  await limitLetters(ports, context.caller, email);
  await askToVerify(context, ports, { userId: user.id, username: await nameOf(context, user.id), email });
  await context.record({ type: 'user.email_asked', resource: { type: 'user', id: user.id }, after: { email } });
  return {};
}

/** Whoever has the link has the mailbox; which browser they follow it in does not matter. */
async function verify(ports: IdentityPorts, context: SlowContext, token: string): Promise<{ email: string }> {
  return context.transaction(async (inside) => {
    const { userId, username, email } = await takeLink(inside, ports, { token, purpose: 'verify' });
    const before = await addressOf(inside, ports, userId);
    await useEmail(inside, ports, { userId, username, email });
    const resource = { type: 'user' as const, id: userId };
    await inside.record({ type: 'user.email_changed', resource, before: { email: before }, after: { email } });
    if (before !== null && before !== email) {
      const text = `Hello ${username},\n\nyour account has another e-mail address now: ${email}\n\nIf that was not you, log in, change your password, and put your address back.`;
      inside.afterCommit(() => ports.mail.post({ to: before, subject: 'Your e-mail address was changed', text }));
    }
    return { email };
  });
}

/** The proven address of a user whom the transaction acts for; null where there is none. */
export async function addressOf(
  { trx }: TransactionContext,
  { secrets }: Letters,
  userId: string,
): Promise<string | null> {
  const row = await trx.selectFrom('users').select('email_encrypted').where('id', '=', userId).executeTakeFirst();
  return row?.email_encrypted ? secrets.open(row.email_encrypted, emailPlace(userId)) : null;
}

async function useEmail({ trx }: TransactionContext, ports: IdentityPorts, whom: Addressee): Promise<void> {
  const { userId, email } = whom;
  const indexes = ports.secrets.blindIndex(email, 'email');
  const other = await ports.system
    .selectFrom('users')
    .select('id')
    .where('email_index', 'in', [...indexes])
    .where('id', '!=', userId)
    .executeTakeFirst();
  if (other) throw isOthers();
  // Letters to the address before let nobody in any more.
  await trx.deleteFrom('email_tokens').where('user_id', '=', userId).where('purpose', '=', 'reset').execute();
  try {
    await trx
      .updateTable('users')
      .set({
        email_encrypted: ports.secrets.seal(email, emailPlace(userId)),
        email_index: indexes[0],
        email_verified_at: new Date(),
      })
      .where('id', '=', userId)
      .execute();
  } catch (error) {
    const { code, constraint } = Object(error) as { code?: string; constraint?: string };
    if (code === '23505' && constraint === 'users_email_index_key') throw isOthers();
    throw error;
  }
}

const isOthers = (): AppError => new AppError('conflict', 'Another account has this address already.');
