// Sign-in sessions: one for each browser or program that somebody is signed in with.
import type { TransactionContext } from '../../kernel/context.ts';
import { hashOf, newToken } from './tokens.ts';

const GUEST_SESSION_DAYS = 30;
const DAY_MS = 24 * 60 * 60 * 1000;
/** Characters of a User-Agent header that are kept. */
const USER_AGENT_LENGTH = 300;

/**
 * Signs a user in where the call comes from; the transaction has to act as that user.
 * @returns the token of the session, which is stored nowhere
 */
export async function beginSession({ trx, caller }: TransactionContext, userId: string): Promise<string> {
  const token = newToken();
  await trx
    .insertInto('user_sessions')
    .values({
      user_id: userId,
      token_hash: hashOf(token),
      expires_at: new Date(Date.now() + GUEST_SESSION_DAYS * DAY_MS),
      ip_address: caller.address,
      user_agent: caller.userAgent?.slice(0, USER_AGENT_LENGTH) ?? null,
    })
    .execute();
  return token;
}
