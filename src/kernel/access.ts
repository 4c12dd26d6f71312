// Who may do what: one table, role × action, and the look-up of the caller's role in the room that a command names.
import type { Kysely } from 'kysely';
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
  owner: new Set<Action>([...WRITE, 'room.manage']),
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

/**
 * Finds the room and checks the caller's right in it.
 * @throws AppError `not_found` (no such room, file or run; or deleted), `room_unavailable` (closed), `forbidden`
 */
export async function authorize(db: Kysely<Tables>, query: RoomQuery): Promise<RoomScope> {
  const found = await find(db, query);
  if (!found) throw new AppError('not_found', 'There is no such thing here.');
  if (found.ended_at) throw new AppError('room_unavailable', 'The room is closed.');
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
    execution: query.via === 'executionId' ? { id: query.id, userId: found.run_by ?? null } : undefined,
  };
}

interface Found {
  readonly id: string;
  readonly owner_id: string;
  readonly ended_at: Date | null;
  readonly role: Role | null;
  readonly color: number | null;
  readonly path?: string;
  readonly run_by?: string | null;
}

function find(db: Kysely<Tables>, { via, id, userId }: RoomQuery): Promise<Found | undefined> {
  const rooms = db
    .selectFrom('coding_sessions as room')
    .leftJoin('session_participants as member', (join) =>
      join.onRef('member.session_id', '=', 'room.id').on('member.user_id', '=', userId),
    )
    .select(['room.id', 'room.owner_id', 'room.ended_at', 'member.role', 'member.color']);
  switch (via) {
    case 'roomId':
      return rooms.where('room.id', '=', id).executeTakeFirst();
    case 'fileId':
      return rooms
        .innerJoin('files as file', 'file.session_id', 'room.id')
        .select('file.path')
        .where('file.id', '=', id)
        .where('file.deleted_at', 'is', null)
        .executeTakeFirst();
    case 'executionId':
      return rooms
        .innerJoin('code_executions as run', 'run.session_id', 'room.id')
        .select('run.user_id as run_by')
        .where('run.id', '=', id)
        .executeTakeFirst();
  }
}
