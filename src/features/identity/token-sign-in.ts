// Signing in with a token for bots and scripts.
import { type Kysely, sql } from 'kysely';
import { gather } from '../../db/gather.ts';
import type { Tables } from '../../db/tables.ts';
import type { SignedIn } from '../../kernel/caller.ts';
import type { Scope } from '../../protocol/scopes.ts';

/** Milliseconds: how exactly the time of the last use is known. It is not worth a write for every call. */
const USE_NOTED_MS = 60_000;

/**
 * Looks tokens up by their SHA-256; those that come together with one query.
 * @param db the system's: nobody is signed in before it has answered
 * @returns undefined for one that is unknown, ended or revoked, or whose user or bot's owner may not sign in
 */
export function tokenSignIn(db: Kysely<Tables>): (hash: Buffer) => Promise<SignedIn | undefined> {
  return gather<Buffer, SignedIn | undefined>(async (hashes) => {
    const rows = await findTokens(db, hashes);
    const stale = rows.filter(({ last_used_at: at }) => !at || at.getTime() < Date.now() - USE_NOTED_MS);
    if (stale.length > 0)
      noteUse(
        db,
        stale.map(({ token_id }) => token_id),
      );
    const found = new Map(rows.map((row) => [row.token_hash.toString('hex'), toSignedIn(row)]));
    return hashes.map((hash) => found.get(hash.toString('hex')));
  });
}

function findTokens(db: Kysely<Tables>, hashes: readonly Buffer[]) {
  return db
    .selectFrom('access_tokens as token')
    .innerJoin('users as user', 'user.id', 'token.user_id')
    .leftJoin('users as owner', 'owner.id', 'user.bot_owner_id')
    .select(['token.token_hash', 'token.id as token_id', 'token.scopes', 'token.session_id'])
    .select(['token.last_used_at', 'token.expires_at'])
    .select(['user.id', 'user.display_name', 'user.kind', 'user.bot_owner_id'])
    .where('token.token_hash', '=', sql<Buffer>`any(${hashes}::bytea[])`)
    .where('token.revoked_at', 'is', null)
    .where((where) => where.or([where('token.expires_at', 'is', null), where('token.expires_at', '>', new Date())]))
    .where('user.status', '=', 'active')
    .where((where) => where.or([where('owner.id', 'is', null), where('owner.status', '=', 'active')]))
    .execute();
}

type TokenRow = Awaited<ReturnType<typeof findTokens>>[number];

function toSignedIn(row: TokenRow): SignedIn {
  return {
    user: { id: row.id, displayName: row.display_name, kind: row.kind },
    session: { id: row.token_id, expiresAt: row.expires_at?.getTime() ?? Number.POSITIVE_INFINITY },
    grant: {
      scopes: row.scopes as Scope[],
      roomId: row.session_id ?? undefined,
      ownerId: row.bot_owner_id ?? undefined,
    },
  };
}

/** Nobody waits for it, and one that fails is noted with the next use. */
function noteUse(db: Kysely<Tables>, tokenIds: readonly string[]): void {
  db.updateTable('access_tokens')
    .set({ last_used_at: new Date() })
    .where('id', '=', sql<string>`any(${tokenIds}::uuid[])`)
    .execute()
    .catch(() => undefined);
}
