// Who is behind a token.
import type { Kysely } from 'kysely';
import { gather } from '../../db/gather.ts';
import type { LookUp } from '../../db/straight.ts';
import type { Tables } from '../../db/tables.ts';
import type { SignedIn } from '../../kernel/caller.ts';
import type { User } from '../../protocol/identity.ts';
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
 * @param database the system's: nobody is signed in before it has answered
 */
export function tokenAuthenticator({ system, lookUp }: { system: Kysely<Tables>; lookUp: LookUp }): Authenticator {
  const find = gather<Buffer, SignedIn | undefined>(async (hashes) => {
    const rows = await lookUp<SessionRow>(SESSIONS, [hashes, new Date()]);
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
  const findGranted = tokenSignIn(system);
  return {
    async authenticate(token) {
      if (!token) return undefined;
      return isTokenText(token) ? findGranted(hashOf(token)) : find(hashOf(token));
    },
  };
}

interface SessionRow {
  readonly token_hash: Buffer;
  readonly session_id: string;
  readonly expires_at: Date;
  readonly id: string;
  readonly display_name: string;
  readonly kind: User['kind'];
}

const SESSIONS = {
  name: 'session_by_token',
  text: `select session.token_hash, session.id as session_id, session.expires_at, person.id, person.display_name, person.kind
    from user_sessions session join users person on person.id = session.user_id
    where session.token_hash = any($1::bytea[]) and session.expires_at > $2
      and session.revoked_at is null and person.status = 'active'`,
};
