// Who is behind a token.
import { type Kysely, sql } from 'kysely';
import { gather } from '../../db/gather.ts';
import type { Tables } from '../../db/tables.ts';
import type { SignedIn } from '../../kernel/caller.ts';
import { tokenSignIn } from './token-sign-in.ts';
import { isTokenText } from './token-text.ts';
import { hashOf } from './tokens.ts';

/** The port through which transports learn who calls. */
export interface Authenticator {
  /** @returns who a token stands for, undefined when it is unknown, expired or revoked */
  authenticate(token: string | undefined): Promise<SignedIn | undefined>;
}

/**
 * Looks tokens up, those of sign-in sessions in `user_sessions`; those that come together with one query.
 * @param db the system's: nobody is signed in before it has answered
 */
export function tokenAuthenticator(db: Kysely<Tables>): Authenticator {
  const find = gather<Buffer, SignedIn | undefined>(async (hashes) => {
    const rows = await db
      .selectFrom('user_sessions as session')
      .innerJoin('users as user', 'user.id', 'session.user_id')
      .select(['session.token_hash', 'session.id as session_id', 'session.expires_at'])
      .select(['user.id', 'user.display_name', 'user.kind'])
      .where('session.token_hash', '=', sql<Buffer>`any(${hashes}::bytea[])`)
      .where('session.expires_at', '>', new Date())
      .where('session.revoked_at', 'is', null)
      .where('user.status', '=', 'active')
      .execute();
    const known = new Map(
      rows.map(({ token_hash, session_id, expires_at, id, display_name, kind }) => [
        token_hash.toString('hex'),
        {
          user: { id, displayName: display_name, kind },
          session: { id: session_id, expiresAt: expires_at.getTime() },
        },
      ]),
    );
    return hashes.map((hash) => known.get(hash.toString('hex')));
  });
  const findGranted = tokenSignIn(db);
  return {
    async authenticate(token) {
      if (!token) return undefined;
      return isTokenText(token) ? findGranted(hashOf(token)) : find(hashOf(token));
    },
  };
}
