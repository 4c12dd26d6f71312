// Rows as the contract shows them; shared by the slices that answer with them.
import type { Kysely } from 'kysely';
import type { File } from '../protocol/files.ts';
import { formatRoomCode } from '../protocol/room-code.ts';
import type { Participant, Room } from '../protocol/rooms.ts';
import { fixed } from './fixed-statement.ts';
import type { Tables } from './tables.ts';

export const ROOM_COLUMNS = [
  'id',
  'name',
  'room_code',
  'visibility',
  'max_participants',
  'owner_id',
  'created_at',
  'ended_at',
] as const;

export interface RoomRow {
  readonly id: string;
  readonly name: string;
  readonly room_code: string;
  readonly visibility: Room['visibility'];
  readonly max_participants: number;
  readonly owner_id: string;
  readonly created_at: Date;
  readonly ended_at: Date | null;
}

export function toRoom(row: RoomRow): Room {
  return {
    id: row.id,
    name: row.name,
    roomCode: formatRoomCode(row.room_code),
    visibility: row.visibility,
    maxParticipants: row.max_participants,
    ownerId: row.owner_id,
    createdAt: row.created_at.toISOString(),
    closedAt: row.ended_at?.toISOString() ?? null,
  };
}

export const FILE_COLUMNS = ['id', 'session_id', 'path', 'language', 'size_bytes', 'created_at', 'updated_at'] as const;

interface FileRow {
  readonly id: string;
  readonly session_id: string;
  readonly path: string;
  readonly language: string | null;
  readonly size_bytes: bigint;
  readonly created_at: Date;
  readonly updated_at: Date;
}

export function toFile(row: FileRow): File {
  return {
    id: row.id,
    roomId: row.session_id,
    path: row.path,
    language: row.language,
    sizeBytes: Number(row.size_bytes),
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
  };
}

/** The files of a room, by path. */
export async function filesOf(db: Kysely<Tables>, roomId: string): Promise<File[]> {
  return (await filesOfRooms(db, [roomId])).get(roomId) ?? [];
}

/** The files of rooms, by room and path. */
export async function filesOfRooms(db: Kysely<Tables>, roomIds: readonly string[]): Promise<Map<string, File[]>> {
  return filesByRoom((await db.executeQuery(filesQuery(roomIds).compile())).rows);
}

/** Asks for the files of rooms; `filesByRoom` reads its rows. */
export const filesQuery = fixed<FileRow, [roomIds: readonly string[]]>(
  `select ${FILE_COLUMNS.join(', ')} from files
    where session_id = any($1::uuid[]) and deleted_at is null order by path`,
);

export function filesByRoom(rows: readonly FileRow[]): Map<string, File[]> {
  return Map.groupBy(rows.map(toFile), ({ roomId }) => roomId);
}

function participants(db: Kysely<Tables>, roomId: string) {
  return db
    .selectFrom('session_participants as member')
    .innerJoin('users as user', 'user.id', 'member.user_id')
    .select(['member.user_id', 'member.role', 'member.color', 'member.joined_at', 'member.left_at'])
    .select(['user.display_name', 'user.kind', 'user.bot_owner_id'])
    .where('member.session_id', '=', roomId);
}

type ParticipantRow = Awaited<ReturnType<ReturnType<typeof participants>['executeTakeFirstOrThrow']>>;

function toParticipant(row: ParticipantRow): Participant {
  return {
    userId: row.user_id,
    displayName: row.display_name,
    kind: row.kind,
    ...(row.bot_owner_id !== null && { botOwnerId: row.bot_owner_id }),
    role: row.role,
    color: row.color,
    online: row.left_at === null,
    joinedAt: row.joined_at.toISOString(),
    leftAt: row.left_at?.toISOString() ?? null,
  };
}

/** Most members of a room that a list shows; those who are in the room come first. */
const MEMBERS_SHOWN = 1000;

/**
 * The participants of rooms, those who are in the room first.
 * @param always users who are never left out, however many there are
 */
export async function participantsOfRooms(
  db: Kysely<Tables>,
  roomIds: readonly string[],
  always: readonly string[],
): Promise<Map<string, Participant[]>> {
  const { rows } = await db.executeQuery(participantsQuery(roomIds, always).compile());
  return participantsByRoom(rows);
}

/** Asks for the participants of rooms; `participantsByRoom` reads its rows. */
export const participantsQuery = fixed<
  ParticipantRow & { session_id: string },
  [roomIds: readonly string[], always: readonly string[]]
>(
  `select room.id as session_id, member.*
    from unnest($1::uuid[]) as room(id) cross join lateral (
      select seat.user_id, seat.role, seat.color, seat.joined_at, seat.left_at, person.display_name, person.kind,
        person.bot_owner_id
      from session_participants seat join users person on person.id = seat.user_id
      where seat.session_id = room.id
      order by seat.user_id = any($2::uuid[]) desc, seat.left_at is not null, seat.joined_at
      limit ${MEMBERS_SHOWN} + cardinality($2::uuid[])) member
    order by member.left_at is not null, member.joined_at, member.user_id`,
);

export function participantsByRoom(
  rows: readonly (ParticipantRow & { session_id: string })[],
): Map<string, Participant[]> {
  const grouped = new Map<string, Participant[]>();
  for (const row of rows) {
    const known = grouped.get(row.session_id);
    if (known) known.push(toParticipant(row));
    else grouped.set(row.session_id, [toParticipant(row)]);
  }
  return grouped;
}

export async function participantOf(
  db: Kysely<Tables>,
  roomId: string,
  userId: string,
): Promise<Participant | undefined> {
  const row = await participants(db, roomId).where('member.user_id', '=', userId).executeTakeFirst();
  return row && toParticipant(row);
}
