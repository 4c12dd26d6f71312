// Who may do what: one table, role × action, and the look-up of the caller's role in the room that a command names.
import { gather } from '../db/gather.ts';
import type { LookUp } from '../db/straight.ts';
import type { Action, RoomReference } from '../protocol/define.ts';
import { AppError } from '../protocol/errors.ts';
import type { Role } from '../protocol/ids.ts';
import type { PathRight, PathRule } from '../protocol/permissions.ts';
import type { RoomPart } from './caller.ts';
import type { RoomScope } from './context.ts';
import { ACTION_OF, type Layers, type PathRights, pathRights } from './path-rights.ts';

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
  /**
   * For callers who may be on their way into a room: waits until they are in it, though it is not committed yet.
   * @returns undefined when they do not come into this room
   */
  readonly arriving?: ((roomId: string) => Promise<RoomPart | undefined>) | undefined;
}

/** @throws AppError `not_found` (no such room, file or run; or deleted), `room_unavailable` (closed), `forbidden` */
export type Authorize = (query: RoomQuery) => Promise<RoomScope>;

/**
 * Finds rooms and checks the caller's right in them; look-ups that come together are one query.
 * @param lookUp the system's: rules by path are not everybody's to see
 */
export function authorizer(lookUp: LookUp): Authorize {
  const findBy = (statement: typeof BY_ROOM) =>
    gather<RoomQuery, Found | undefined>((queries) => findAll(lookUp, queries, statement));
  const find = { roomId: findBy(BY_ROOM), fileId: findBy(BY_FILE), executionId: findBy(BY_RUN) };
  return async (query) => {
    const found = await find[query.via](query);
    if (!found || found.seated || !query.arriving) return scopeOf(found, query);
    const part = await query.arriving(found.id);
    // Whatever was wrong with the arrival, the look-up after it says so.
    return part ? scopeOf(found, query, part) : scopeOf(await find[query.via](query), query);
  };
}

/** Actions on files, which rules by path may give or take. */
const RIGHT_OF: Partial<Readonly<Record<Action, PathRight>>> = {
  'file.read': 'read',
  'file.write': 'write',
  'file.delete': 'delete',
};

/** @param arrived what the caller is since just now, which the row does not know yet */
function scopeOf(found: Found | undefined, query: RoomQuery, arrived?: RoomPart): RoomScope {
  if (!found) throw new AppError('not_found', 'There is no such thing here.');
  if (found.ended_at && query.action !== 'room.reopen') throw new AppError('room_unavailable', 'The room is closed.');
  const part = arrived ?? partOf(found);
  if (!part) throw new AppError('forbidden', 'You are not a member of this room.');
  const { role, files } = part;
  const right = RIGHT_OF[query.action];
  const given = right ? files.mayAnywhere(right) : may(role, query.action);
  if (!given) {
    throw new AppError('forbidden', `Your role in this room (${role}) does not allow this.`, {
      role,
      action: query.action,
    });
  }
  checkPaths(found, query, part);
  return {
    ...part,
    roomId: found.id,
    ownerId: found.owner_id,
    file: query.via === 'fileId' ? { id: query.id, path: found.path ?? '' } : undefined,
    execution: query.via === 'executionId' ? { id: query.id, userId: found.run_by } : undefined,
  };
}

function partOf({ role, color, own_rules, boss_rules, common_rules }: Found): RoomPart | undefined {
  if (!role) return undefined;
  const common = common_rules ?? [];
  const files = rightsBy(role, [[own_rules ?? [], common], ...(boss_rules ? [[boss_rules, common]] : [])]);
  return { role, color: color ?? 0, files };
}

/** What rules by path give a role; see PathRights. */
export function rightsBy(role: Role, people: readonly Layers[]): PathRights {
  return pathRights(role, (right) => may(role, ACTION_OF[right]), people);
}

/** @throws AppError `forbidden` for a file, or a run of files, that the caller may not read, or not treat like this */
function checkPaths({ path, run_paths }: Found, { action }: RoomQuery, { role, files }: RoomPart): void {
  const right = RIGHT_OF[action] ?? 'read';
  const allowed =
    (path === null || files.may(right, path)) &&
    // Who may not read the files of a run any more may still end it.
    (action === 'run.cancel' || (run_paths ?? []).every((each) => files.may('read', each)));
  if (allowed) return;
  const message = right === 'read' ? 'You may not read this file.' : `You may not ${right} this file.`;
  throw new AppError('forbidden', message, { role, action, reason: 'path' });
}

interface Found {
  /** Which of the queries it answers, from 1. */
  readonly n: bigint;
  readonly id: string;
  readonly owner_id: string;
  readonly ended_at: Date | null;
  readonly role: Role | null;
  readonly color: number | null;
  /** Has a seat, which `left_at` says. */
  readonly seated: boolean;
  readonly path: string | null;
  readonly run_by: string | null;
  /** Of the files that a run read. */
  readonly run_paths: string[] | null;
  readonly own_rules: PathRule[] | null;
  /** Of the owner of a bot. */
  readonly boss_rules: PathRule[] | null;
  readonly common_rules: PathRule[] | null;
}

/** @param source where the room is found, and what else is told of it */
const question = (name: string, source: string): { name: string; text: string } => ({
  name,
  text: `with asked as (select * from unnest($1::uuid[], $2::uuid[]) with ordinality as t (id, user_id, n))
    select asked.n, room.id, room.owner_id, room.ended_at, member.role, member.color,
      member.user_id is not null and member.left_at is null as seated,
      own.path_rules as own_rules, boss.path_rules as boss_rules, common.path_rules as common_rules, ${source}
    left join session_participants member on member.session_id = room.id and member.user_id = asked.user_id
    left join permissions own on own.session_id = room.id and own.user_id = asked.user_id and own.is_active
    left join users person on person.id = asked.user_id and person.kind = 'bot'
    left join permissions boss on boss.session_id = room.id and boss.user_id = person.bot_owner_id and boss.is_active
    left join permissions common on common.session_id = room.id and common.user_id is null and common.is_active`,
});

const BY_ROOM = question(
  'right_by_room',
  'null as path, null as run_by, null as run_paths from asked join coding_sessions room on room.id = asked.id',
);
const BY_FILE = question(
  'right_by_file',
  `file.path, null as run_by, null as run_paths from asked
  join files file on file.id = asked.id and file.deleted_at is null
  join coding_sessions room on room.id = file.session_id`,
);
const BY_RUN = question(
  'right_by_run',
  `null as path, run.user_id as run_by,
  array(select jsonb_object_keys(run.sources) union all select run.entry where run.kind <> 'snippet') as run_paths
  from asked
  join code_executions run on run.id = asked.id
  join coding_sessions room on room.id = run.session_id`,
);

async function findAll(
  lookUp: LookUp,
  queries: readonly RoomQuery[],
  statement: typeof BY_ROOM,
): Promise<readonly (Found | undefined)[]> {
  const rows = await lookUp<Found>(statement, [queries.map(({ id }) => id), queries.map(({ userId }) => userId)]);
  const found: (Found | undefined)[] = queries.map(() => undefined);
  for (const row of rows) found[Number(row.n) - 1] = row;
  return found;
}
