// E-mail addresses: an address counts when its owner has followed a link that was sent there. Until then it stands with
// the link only, so that nobody can keep another one's address from them, or learn who has an account.
import type { TransactionContext } from '../../kernel/context.ts';
import type { IdentityPorts } from './ports.ts';
import { hashOf, newToken } from './tokens.ts';

const HOUR_MS = 60 * 60 * 1000;
const VERIFY_MS = 48 * HOUR_MS;

/** What a link is for, and how long it can be followed. */
const PURPOSES = {
  verify: { lifeMs: VERIFY_MS, page: '/account/verify' },
  reset: { lifeMs: HOUR_MS, page: '/account/reset' },
} as const;

export type LinkPurpose = keyof typeof PURPOSES;

/** The place that a sealed address of a link is bound to. */
export const linkPlace = (tokenHash: Buffer): string => `email_tokens.email_encrypted:${tokenHash.toString('hex')}`;
export const emailPlace = (userId: string): string => `users.email_encrypted:${userId}`;

interface Link {
  readonly purpose: LinkPurpose;
  readonly userId: string;
  readonly email: string;
}

/**
 * Makes a link for somebody, in place of those for the same purpose before. The transaction has to act as that user.
 * The token stands behind the #, which browsers send to nobody.
 */
export async function makeLink(
  { trx }: TransactionContext,
  { secrets, publicUrl }: IdentityPorts,
  { purpose, userId, email }: Link,
): Promise<string> {
  const { lifeMs, page } = PURPOSES[purpose];
  const token = newToken();
  const token_hash = hashOf(token);
  await trx.deleteFrom('email_tokens').where('user_id', '=', userId).where('purpose', '=', purpose).execute();
  await trx
    .insertInto('email_tokens')
    .values({
      user_id: userId,
      purpose,
      token_hash,
      email_encrypted: secrets.seal(email, linkPlace(token_hash)),
      email_index: secrets.blindIndex(email, 'email')[0],
      expires_at: new Date(Date.now() + lifeMs),
    })
    .execute();
  return new URL(`${page}#${token}`, publicUrl).href;
}

/** Sends somebody the link that proves the address, after the commit. */
export async function askToVerify(
  context: TransactionContext,
  ports: IdentityPorts,
  { userId, username, email }: { readonly userId: string; readonly username: string; readonly email: string },
): Promise<void> {
  const link = await makeLink(context, ports, { purpose: 'verify', userId, email });
  const text = [
    `Hello ${username},`,
    'please confirm that this is your e-mail address:',
    link,
    'The link works for two days. If you did not ask for this, do nothing: the address will not be used.',
  ].join('\n\n');
  context.afterCommit(() => ports.mail.post({ to: email, subject: 'Confirm your e-mail address', text }));
}
