// Sign-in sessions: one for each browser or program that somebody is signed in with. They begin here, and end here.
import type { Updateable } from 'kysely';
import type { Tables } from '../../db/tables.ts';
import type { Caller } from '../../kernel/caller.ts';
import type { Revocations, TransactionContext } from '../../kernel/context.ts';
import type { SignedInAnswer, User } from '../../protocol/identity.ts';
import { deviceOf } from './device.ts';
import { hashOf, newPair, newToken, type StoredPair, type TokenPair } from './tokens.ts';

const MINUTE_MS = 60 * 1000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** A token that can be renewed; a stolen one is of use for no longer. */
export const TOKEN_MS = 15 * MINUTE_MS;
/** Without a visit for this long, a session is over. */
const IDLE_MS = 30 * DAY_MS;
/** Then an account has to sign in again, however busy. Guests have nothing to sign in with. */
const LONGEST_MS = 180 * DAY_MS;
/** A guest's token that cannot be renewed. */
const PLAIN_MS = 30 * DAY_MS;
/** Characters of a User-Agent header that are kept. */
const USER_AGENT_LENGTH = 300;

export type EndReason = 'logged_out' | 'revoked' | 'password_changed' | 'upgraded' | 'token_reused';

/**
 * Signs a user in where the call comes from; the transaction has to act as that user.
 * @returns the tokens of the session, which are stored nowhere
 */
export async function beginSession({ trx, caller }: TransactionContext, user: User): Promise<SignedInAnswer> {
  const { pair, stored } = newPair();
  const times = renewed(new Date(), user);
  await trx
    .insertInto('user_sessions')
    .values({ user_id: user.id, ...stored, ...times, ...origin(caller) })
    .execute();
  return answerOf(pair, times.expires_at, user);
}

/** A session of a guest whose one token holds for its whole time: for clients that cannot renew it. */
export async function beginPlainSession({ trx, caller }: TransactionContext, user: User): Promise<SignedInAnswer> {
  const token = newToken();
  const expires_at = new Date(Date.now() + PLAIN_MS);
  await trx
    .insertInto('user_sessions')
    .values({ user_id: user.id, token_hash: hashOf(token), expires_at, ...origin(caller) })
    .execute();
  return { token, expiresAt: expires_at.toJSON(), user };
}

/** Gives a session new tokens and new time, and notes where it is used from. */
export async function renewSession(
  { trx, caller }: TransactionContext,
  session: { readonly id: string; readonly createdAt: Date; readonly user: User },
  stored: StoredPair & Updateable<Tables['user_sessions']>,
): Promise<Date> {
  const times = renewed(session.createdAt, session.user);
  await trx
    .updateTable('user_sessions')
    .set({ ...stored, ...times, ...origin(caller), last_activity_at: new Date() })
    .where('id', '=', session.id)
    .execute();
  return times.expires_at;
}

export function answerOf(pair: TokenPair, expiresAt: Date, user: User): SignedInAnswer {
  return { ...pair, expiresAt: expiresAt.toJSON(), user };
}

function renewed(createdAt: Date, user: User): { readonly expires_at: Date; readonly refresh_expires_at: Date } {
  const idle = Date.now() + IDLE_MS;
  const end = user.kind === 'guest' ? idle : Math.min(idle, createdAt.getTime() + LONGEST_MS);
  return { expires_at: new Date(Math.min(Date.now() + TOKEN_MS, end)), refresh_expires_at: new Date(end) };
}

function origin({ address, userAgent }: Caller) {
  return {
    ip_address: address,
    user_agent: userAgent?.slice(0, USER_AGENT_LENGTH) ?? null,
    device: JSON.stringify(deviceOf(userAgent)),
  };
}

/** Which sessions of the acting user end. */
export type Ending = { readonly only: string } | { readonly allBut: string | undefined };

interface End {
  readonly ending: Ending;
  readonly reason: EndReason;
  readonly revocations: Revocations;
}

/**
 * Ends sessions of a user; their open connections close after the commit.
 * @returns their ids; a session that had ended before is not among them
 */
export async function endSessions(
  { trx, afterCommit }: TransactionContext,
  userId: string,
  { ending, reason, revocations }: End,
): Promise<string[]> {
  let query = trx
    .updateTable('user_sessions')
    .set({ revoked_at: new Date(), revoke_reason: reason })
    .where('user_id', '=', userId)
    .where('revoked_at', 'is', null);
  if ('only' in ending) query = query.where('id', '=', ending.only);
  else if (ending.allBut !== undefined) query = query.where('id', '!=', ending.allBut);
  const ended = await query.returning('id').execute();
  const sessionIds = ended.map(({ id }) => id);
  if (sessionIds.length > 0) afterCommit(() => revocations.revoked({ sessionIds }));
  return sessionIds;
}
