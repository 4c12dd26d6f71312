// Identity: guests, and who is behind a token. Tokens are 32 random bytes; only their SHA-256 is stored.
import { createHash, randomBytes } from 'node:crypto';
import { type Kysely, sql } from 'kysely';
import { gather } from '../db/gather.ts';
import type { Tables } from '../db/tables.ts';
import type { Handlers } from '../kernel/registry.ts';
import type { User } from '../protocol/identity.ts';

const TOKEN_BYTES = 32;
const GUEST_SESSION_DAYS = 30;
const DAY_MS = 24 * 60 * 60 * 1000;
/** Characters of a User-Agent header that are kept. */
const USER_AGENT_LENGTH = 300;

/** The port through which transports learn who calls. */
export interface Authenticator {
  /** @returns the user behind a token, undefined when it is unknown, expired or revoked */
  authenticate(token: string | undefined): Promise<User | undefined>;
}

const hashOf = (token: string): Buffer => createHash('sha256').update(token).digest();

export const identityHandlers: Handlers = {
  async 'guest.create'(context, { displayName }) {
    const token = randomBytes(TOKEN_BYTES).toString('base64url');
    const user = await context.trx
      .insertInto('users')
      .values({ kind: 'guest', username: `guest-${randomBytes(8).toString('hex')}`, display_name: displayName })
      .returning(['id', 'display_name'])
      .executeTakeFirstOrThrow();
    await context.record({ type: 'user.guest_created', resource: { type: 'user', id: user.id } });
    await context.actAs(user.id);
    await context.trx
      .insertInto('user_sessions')
      .values({
        user_id: user.id,
        token_hash: hashOf(token),
        expires_at: new Date(Date.now() + GUEST_SESSION_DAYS * DAY_MS),
        ip_address: context.caller.address,
        user_agent: context.caller.userAgent?.slice(0, USER_AGENT_LENGTH) ?? null,
      })
      .execute();
    return { token, user: { id: user.id, displayName: user.display_name, kind: 'guest' as const } };
  },

  async 'me.get'(context) {
    return { user: context.user };
  },
};

/**
 * Looks tokens up in `user_sessions`; those that come together with one query.
 * @param db the system's: nobody is signed in before it has answered
 */
export function tokenAuthenticator(db: Kysely<Tables>): Authenticator {
  const find = gather<Buffer, User | undefined>(async (hashes) => {
    const rows = await db
      .selectFrom('user_sessions as session')
      .innerJoin('users as user', 'user.id', 'session.user_id')
      .select(['session.token_hash', 'user.id', 'user.display_name', 'user.kind'])
      .where('session.token_hash', '=', sql<Buffer>`any(${hashes}::bytea[])`)
      .where('session.expires_at', '>', new Date())
      .where('session.revoked_at', 'is', null)
      .where('user.status', '=', 'active')
      .execute();
    const users = new Map(
      rows.map(({ token_hash, id, display_name, kind }) => [
        token_hash.toString('hex'),
        { id, displayName: display_name, kind },
      ]),
    );
    return hashes.map((hash) => users.get(hash.toString('hex')));
  });
  return { authenticate: async (token) => (token ? find(hashOf(token)) : undefined) };
}
