// Ends the connections of sign-ins that are over, as the database announces them (triggers in migrations/0002): whichever
// node, command or statement by hand ended them. What was missed while nobody listened is looked up.
import { type Kysely, sql } from 'kysely';
import type { SignIns } from '../../cluster/sign-ins.ts';
import type { Listen } from '../../db/announcements.ts';
import type { Tables } from '../../db/tables.ts';
import type { Log } from '../../observe/log.ts';

/** Named by the triggers. */
const CHANNEL = 'sign_ins';

/** As the triggers write it. */
type Announcement =
  | { readonly userId: string }
  | { readonly signInId: string }
  /** Milliseconds since 1970; null: without an end. */
  | { readonly signInId: string; readonly expiresAt: number | null };

export interface SignInWatchPorts {
  readonly listen: Listen;
  /** The system's: nobody in particular is signed in here. */
  readonly system: Kysely<Tables>;
  readonly signIns: SignIns;
  readonly log: Log;
}

/** Follows the announcements. @returns stops, the sweep too */
export function watchSignIns({ listen, system, signIns, log }: SignInWatchPorts): () => Promise<void> {
  const stop = listen(CHANNEL, {
    heard: (payload) => tell(signIns, JSON.parse(payload) as Announcement),
    listening: () =>
      void endOver(system, signIns).catch((error: unknown) =>
        log.warn({ err: error }, 'whether sign-ins still hold could not be looked up'),
      ),
  });
  return async () => {
    await stop();
    signIns.close();
  };
}

function tell(signIns: SignIns, announced: Announcement): void {
  if ('userId' in announced) return signIns.revoked(announced);
  const { signInId } = announced;
  if ('expiresAt' in announced) signIns.renewed(signInId, announced.expiresAt ?? Number.POSITIVE_INFINITY);
  else signIns.revoked({ sessionIds: [signInId] });
}

/** Of those that connections live by. */
async function endOver(system: Kysely<Tables>, signIns: SignIns): Promise<void> {
  const ids = signIns.ids();
  if (ids.length === 0) return;
  const { rows } = await sql<{ id: string; expires_at: Date | null }>`
    select session.id, session.expires_at from user_sessions session
      join users person on person.id = session.user_id
      where session.id = any(${ids}::uuid[]) and session.revoked_at is null and person.status = 'active'
    union all
    select token.id, token.expires_at from access_tokens token
      join users person on person.id = token.user_id
      left join users owner on owner.id = person.bot_owner_id
      where token.id = any(${ids}::uuid[]) and token.revoked_at is null and person.status = 'active'
        and coalesce(owner.status, 'active') = 'active'`.execute(system);
  const valid = new Set(rows.map(({ id }) => id));
  for (const { id, expires_at } of rows) signIns.renewed(id, expires_at?.getTime() ?? Number.POSITIVE_INFINITY);
  signIns.revoked({ sessionIds: ids.filter((id) => !valid.has(id)) });
}
