// Links in letters: what stands behind their # proves that somebody reads the mail of an address. Each works once.
import { networkOf, type RateLimit } from '../../cluster/rate-limit.ts';
import type { Secrets } from '../../db/secrets.ts';
import type { Caller } from '../../kernel/caller.ts';
import type { TransactionContext } from '../../kernel/context.ts';
import type { Mail } from '../../mail/mail.ts';
import { AppError } from '../../protocol/errors.ts';
import type { IdentityPorts } from './ports.ts';
import { hashOf, newToken } from './tokens.ts';

const HOUR_MS = 60 * 60 * 1000;
const VERIFY_MS = 48 * HOUR_MS;

/** What a link is for, and how long it can be followed. */
const PURPOSES = {
  verify: { lifeMs: VERIFY_MS, page: '/account/verify' },
  reset: { lifeMs: HOUR_MS, page: '/account/reset' },
} as const;

type Purpose = keyof typeof PURPOSES;

/**
 * Letters within an hour: to one address, so that nobody's mailbox is filled from here, and asked for from one network, so
 * that nobody writes to the whole world: a class that signs up behind one router gets through.
 */
const LETTERS = { to: 6, from: 100 } as const;
const HOUR_SECONDS = 60 * 60;

/** What letters with links need. */
export interface Letters {
  readonly secrets: Secrets;
  readonly rateLimit: RateLimit;
  readonly mail: Mail;
  readonly publicUrl: string;
}

/** The place that a sealed address of a link is bound to. */
export const linkPlace = (tokenHash: Buffer): string => `email_tokens.email_encrypted:${tokenHash.toString('hex')}`;

/** Counts a letter. @throws AppError `rate_limited` */
export async function limitLetters({ rateLimit }: Letters, { address }: Caller, email: string): Promise<void> {
  await rateLimit.take(`letters@${networkOf(address)}`, LETTERS.from, HOUR_SECONDS);
  await rateLimit.take(`letter:${email}`, LETTERS.to, HOUR_SECONDS);
}

interface Link {
  readonly purpose: Purpose;
  readonly userId: string;
  readonly email: string;
}

/**
 * Makes a link for somebody, in place of those for the same purpose before. The transaction has to act as that user.
 * The token stands behind the #, which browsers send to nobody.
 */
export async function makeLink(
  { trx }: TransactionContext,
  { secrets, publicUrl }: Letters,
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

/**
 * Ends all links of somebody whose password is another one from now on: whoever knew the one before may have had a letter
 * sent to an address of their own, and would get in by that.
 */
export async function dropLinks({ trx }: TransactionContext, userId: string): Promise<void> {
  await trx.deleteFrom('email_tokens').where('user_id', '=', userId).execute();
}

export interface FollowedLink {
  readonly userId: string;
  readonly username: string;
  readonly displayName: string;
  readonly email: string;
}

interface Followed {
  readonly token: string;
  readonly purpose: Purpose;
}

/** Who a link is for. @throws AppError `not_found` for one that is unknown, used or over */
export async function readLink(
  { system, secrets }: IdentityPorts,
  { token, purpose }: Followed,
): Promise<FollowedLink> {
  const found = await system
    .selectFrom('email_tokens as link')
    .innerJoin('users as user', 'user.id', 'link.user_id')
    .select(['user.id', 'user.username', 'user.display_name', 'link.token_hash', 'link.email_encrypted'])
    .where('link.token_hash', '=', hashOf(token))
    .where('link.purpose', '=', purpose)
    .where('link.consumed_at', 'is', null)
    .where('link.expires_at', '>', new Date())
    .where('user.status', '=', 'active')
    .executeTakeFirst();
  if (!found) throw isOver();
  const email = secrets.open(found.email_encrypted, linkPlace(found.token_hash));
  return { userId: found.id, username: found.username, displayName: found.display_name, email };
}

/** Uses a link up; from here on the transaction acts as who it is for. @throws AppError `not_found` */
export async function takeLink(
  context: TransactionContext,
  ports: IdentityPorts,
  followed: Followed,
): Promise<FollowedLink> {
  const link = await readLink(ports, followed);
  await context.actAs(link.userId);
  const { numUpdatedRows } = await context.trx
    .updateTable('email_tokens')
    .set({ consumed_at: new Date() })
    .where('token_hash', '=', hashOf(followed.token))
    .where('consumed_at', 'is', null)
    .executeTakeFirstOrThrow();
  // Somebody was faster.
  if (numUpdatedRows === 0n) throw isOver();
  return link;
}

const isOver = (): AppError => new AppError('not_found', 'This link does not work any more: it was used, or is over.');
