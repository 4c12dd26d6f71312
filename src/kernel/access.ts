// Who may do what: one table, role × action, and the look-up of the caller's role in the room that a command names.
import { type Kysely, type RawBuilder, sql } from 'kysely';
import { gather } from '../db/gather.ts';
import type { Tables } from '../db/tables.ts';
import type { Action, RoomReference } from '../protocol/define.ts';
import { AppError } from '../protocol/errors.ts';
import type { Role } from '../protocol/ids.ts';
import type { RoomScope } from './context.ts';

const READ: readonly Action[] = ['room.read', 'room.leave', 'file.read'];
const RUN: readonly Action[] = [...READ, 'run.start', 'run.cancel'];
const WRITE: readonly Action[] = [...RUN, 'file.write', 'file.delete'];

/** viewer: reads. participant: also runs. collaborator: also writes. owner: also manages the room. */
export const PERMISSIONS: Readonly<Record<Role, ReadonlySet<Action>>> = {
  viewer: new Set(READ),
  participant: new Set(RUN),
  collaborator: new Set(WRITE),
  owner: new Set<Action>([...WRITE, 'room.manage', 'room.reopen', 'settings.read', 'load.read']),
};

/** Whether a role may do something. */
export function may(role: Role, action: Action): boolean {
  return PERMISSIONS[role].has(action);
}

/** What a command's input says about the room it acts in. */
export interface RoomQuery {
  readonly via: RoomReference;
  readonly id: string;
  readonly userId: string;
  readonly action: Action;
}

/** @throws AppError `not_found` (no such room, file or run; or deleted), `room_unavailable` (closed), `forbidden` */
export type Authorize = (query: RoomQuery) => Promise<RoomScope>;

/** Finds rooms and checks the caller's right in them; look-ups that come together are one query. */
export function authorizer(db: Kysely<Tables>): Authorize {
  const find = {
    roomId: gather<RoomQuery, Found | undefined>((queries) => findAll(db, queries, BY_ROOM)),
    fileId: gather<RoomQuery, Found | undefined>((queries) => findAll(db, queries, BY_FILE)),
    executionId: gather<RoomQuery, Found | undefined>((queries) => findAll(db, queries, BY_RUN)),
  };
  return async (query) => scopeOf(await find[query.via](query), query);
}

function scopeOf(found: Found | undefined, query: RoomQuery): RoomScope {
  if (!found) throw new AppError('not_found', 'There is no such thing here.');
  if (found.ended_at && query.action !== 'room.reopen') throw new AppError('room_unavailable', 'The room is closed.');
  if (!found.role) throw new AppError('forbidden', 'You are not a member of this room.');
  if (!may(found.role, query.action)) {
    throw new AppError('forbidden', `Your role in this room (${found.role}) does not allow this.`, {
      role: found.role,
      action: query.action,
    });
  }
  return {
    roomId: found.id,
    role: found.role,
    color: found.color ?? 0,
    ownerId: found.owner_id,
    file: query.via === 'fileId' ? { id: query.id, path: found.path ?? '' } : undefined,
    execution: query.via === 'executionId' ? { id: query.id, userId: found.run_by } : undefined,
  };
}

interface Found {
  /** Which of the queries it answers, from 1. */
  readonly n: bigint;
  readonly id: string;
  readonly owner_id: string;
  readonly ended_at: Date | null;
  readonly role: Role | null;
  readonly color: number | null;
  readonly path: string | null;
  readonly run_by: string | null;
}

const BY_ROOM = sql`null as path, null as run_by from asked join coding_sessions room on room.id = asked.id`;
const BY_FILE = sql`file.path, null as run_by from asked
  join files file on file.id = asked.id and file.deleted_at is null
  join coding_sessions room on room.id = file.session_id`;
const BY_RUN = sql`null as path, run.user_id as run_by from asked
  join code_executions run on run.id = asked.id
  join coding_sessions room on room.id = run.session_id`;

async function findAll(
  db: Kysely<Tables>,
  queries: readonly RoomQuery[],
  source: RawBuilder<unknown>,
): Promise<readonly (Found | undefined)[]> {
  const [ids, users] = [queries.map(({ id }) => id), queries.map(({ userId }) => userId)];
  const { rows } = await sql<Found>`
    with asked as (select * from unnest(${ids}::uuid[], ${users}::uuid[]) with ordinality as t (id, user_id, n))
    select asked.n, room.id, room.owner_id, room.ended_at, member.role, member.color, ${source}
    left join session_participants member on member.session_id = room.id and member.user_id = asked.user_id`.execute(
    db,
  );
  const found: (Found | undefined)[] = queries.map(() => undefined);
  for (const row of rows) found[Number(row.n) - 1] = row;
  return found;
}
