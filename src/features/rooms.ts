// Rooms: opened, joined by code, left, closed; roles. A seat is a participant row without `left_at`; seats are counted
// under the room's row lock, so the limit holds whoever comes at the same time.
import { randomInt } from 'node:crypto';
import type { Kysely } from 'kysely';
import type { Connections } from '../cluster/connections.ts';
import type { RateLimit } from '../cluster/rate-limit.ts';
import type { Tables } from '../db/tables.ts';
import { filesOf, participantOf, participantsOf, ROOM_COLUMNS, toRoom } from '../db/views.ts';
import type { Documents } from '../documents/hub.ts';
import type { Publisher, TransactionContext } from '../kernel/context.ts';
import type { Handlers } from '../kernel/registry.ts';
import { COLOR_COUNT } from '../protocol/constants.ts';
import { AppError } from '../protocol/errors.ts';
import type { Role } from '../protocol/ids.ts';
import { normalizeRoomCode, ROOM_CODE_ALPHABET, ROOM_CODE_LENGTH } from '../protocol/room-code.ts';
import type { Participant } from '../protocol/rooms.ts';
import { admit, setRole } from './rooms/members.ts';

export interface RoomsPorts {
  readonly connections: Connections;
  readonly documents: Documents;
  readonly publisher: Publisher;
  readonly rateLimit: RateLimit;
  /** Ends the runs of a room that closes. */
  readonly cancelRuns: (roomId: string) => void;
}

/** Codes from one address that lead nowhere, per minute: more is not mistyping. */
const WRONG_CODES_PER_MINUTE = 30;
/**
 * Codes from one address that are new to their user, right ones included, per minute: beyond it a right code says no
 * more than a wrong one. A school that comes in at once stays below; 39 bits cannot be guessed at this pace.
 */
const NEW_CODES_PER_MINUTE = 1200;
/** Tries to find a code that is not taken; with 30^8 codes the second is hardly ever needed. */
const CODE_TRIES = 5;

const ROLE_BY_CODE = { collaborative: 'collaborator', public: 'viewer' } as const;

/** The commands of this slice. */
export function roomHandlers(ports: RoomsPorts): Handlers {
  return {
    'room.create': (context, input) => createRoom(context, input),
    'room.join': (context, { roomCode }) => joinRoom(ports, context, roomCode),
    async 'room.list'({ trx, user }) {
      const rows = await trx
        .selectFrom('session_participants as member')
        .innerJoin('coding_sessions as room', 'room.id', 'member.session_id')
        .select(ROOM_COLUMNS.map((column) => `room.${column}` as const))
        .select(['member.role', 'member.joined_at'])
        .where('member.user_id', '=', user.id)
        .where('room.ended_at', 'is', null)
        .orderBy('member.joined_at', 'desc')
        .limit(100)
        .execute();
      return { rooms: rows.map((row) => ({ ...toRoom(row), role: row.role, joinedAt: row.joined_at.toISOString() })) };
    },
    'room.get': (context) => describe(context, context.room.roomId),
    'room.leave': (context) => leaveRoom(ports, context),
    'room.close': (context) => closeRoom(ports, context),
    'participant.admit': (context, input) => admit(context, input),
    'participant.setRole': (context, input) => setRole(ports, context, input),
  };
}

/**
 * Gives a user's seat up once the last connection is gone.
 * Does nothing when the user has come back meanwhile.
 */
export async function releaseSeat(
  db: Kysely<Tables>,
  ports: RoomsPorts,
  seat: { roomId: string; userId: string },
): Promise<void> {
  const left = await db.transaction().execute(async (trx) => {
    await lockRoom(trx, seat.roomId);
    if (ports.connections.count(seat.roomId, seat.userId) > 0) return undefined;
    return vacate(trx, seat.roomId, seat.userId);
  });
  if (left) ports.publisher.publish('participant.left', seat.roomId, { roomId: seat.roomId, participant: left });
}

/** At start: nobody is connected, so seats that a crash left taken are free. */
export async function releaseAllSeats(db: Kysely<Tables>): Promise<void> {
  await db.updateTable('session_participants').set({ left_at: new Date() }).where('left_at', 'is', null).execute();
}

async function createRoom(
  context: TransactionContext,
  input: { name: string; visibility: 'private' | 'public' | 'collaborative'; maxParticipants: number },
) {
  const { trx, user } = context;
  for (let tries = 0; tries < CODE_TRIES; tries++) {
    const row = await trx
      .insertInto('coding_sessions')
      .values({
        name: input.name,
        owner_id: user.id,
        room_code: randomCode(),
        visibility: input.visibility,
        max_participants: input.maxParticipants,
      })
      .onConflict((conflict) => conflict.column('room_code').doNothing())
      .returning(ROOM_COLUMNS)
      .executeTakeFirst();
    if (!row) continue;
    await trx
      .insertInto('session_participants')
      .values({ session_id: row.id, user_id: user.id, role: 'owner', color: 0, left_at: new Date() })
      .execute();
    const after = { name: input.name, visibility: input.visibility, maxParticipants: input.maxParticipants };
    await context.record({ type: 'room.created', roomId: row.id, resource: { type: 'room', id: row.id }, after });
    return { room: toRoom(row) };
  }
  throw new AppError('unavailable', 'No free room code was found; try again.');
}

async function joinRoom(ports: RoomsPorts, context: TransactionContext, written: string) {
  const { trx, user, caller } = context;
  const room = await openRoom(trx, written);
  const member = room && (await participantOf(trx, room.id, user.id));
  if (!member) await ports.rateLimit.take(`new-code:${caller.address}`, NEW_CODES_PER_MINUTE);
  if (!room) {
    await ports.rateLimit.take(`wrong-code:${caller.address}`, WRONG_CODES_PER_MINUTE);
    throw new AppError('room_unavailable', 'No open room has this code.');
  }
  const role = member?.role ?? roleByCode(ports, context, room);
  if (!member?.online) await takeSeat(context, { room, role, known: member !== undefined });
  return enter(context, { roomId: room.id, fresh: !member?.online });
}

/** The room of a code, its row locked until the end of the transaction. */
async function openRoom(trx: Kysely<Tables>, written: string) {
  const code = normalizeRoomCode(written);
  if (code === undefined) return undefined;
  return trx
    .selectFrom('coding_sessions')
    .select(['id', 'visibility', 'max_participants', 'owner_id'])
    .where('room_code', '=', code)
    .where('ended_at', 'is', null)
    .forUpdate()
    .executeTakeFirst();
}

/** What the code gives to somebody who is not a member yet. */
function roleByCode(
  ports: RoomsPorts,
  { user }: TransactionContext,
  room: { id: string; visibility: 'private' | 'public' | 'collaborative'; owner_id: string },
): Role {
  if (room.visibility !== 'private') return ROLE_BY_CODE[room.visibility];
  const { id, displayName } = user;
  ports.publisher.publishTo('room.knocked', room.owner_id, { roomId: room.id, user: { id, displayName } });
  throw new AppError('forbidden', 'The room is private: its owner has been told and has to let you in.');
}

interface SeatRequest {
  readonly room: { readonly id: string; readonly max_participants: number; readonly owner_id: string };
  readonly role: Role;
  readonly known: boolean;
}

async function takeSeat({ trx, user, record }: TransactionContext, { room, role, known }: SeatRequest): Promise<void> {
  const seats = await trx
    .selectFrom('session_participants')
    .select(['user_id', 'color'])
    .where('session_id', '=', room.id)
    .where('user_id', '<>', user.id)
    // The owner's seat is kept free for the owner.
    .where((or) => or.or([or('left_at', 'is', null), or('user_id', '=', room.owner_id)]))
    .execute();
  if (seats.length >= room.max_participants && user.id !== room.owner_id) {
    throw new AppError('room_full', 'The room is full.', { maxParticipants: room.max_participants });
  }
  const color = freeColor(seats.map((seat) => seat.color));
  const now = new Date();
  await trx
    .insertInto('session_participants')
    .values({ session_id: room.id, user_id: user.id, role, color })
    .onConflict((conflict) =>
      conflict.columns(['session_id', 'user_id']).doUpdateSet({ left_at: null, joined_at: now, color }),
    )
    .execute();
  const resource = { type: 'participant', id: user.id } as const;
  await record({ type: 'room.joined', roomId: room.id, resource, after: { role, again: known } });
}

/** The first colour that nobody has, else one that few have. */
function freeColor(taken: readonly number[]): number {
  const uses = Array.from({ length: COLOR_COUNT }, () => 0);
  for (const color of taken) uses[color] = (uses[color] ?? 0) + 1;
  return uses.indexOf(Math.min(...uses));
}

/** Subscribes the connection before it reads the room's state, so that no event falls between the two. */
async function enter(context: TransactionContext, { roomId, fresh }: { roomId: string; fresh: boolean }) {
  const { connection } = context.caller;
  connection?.enter(roomId);
  try {
    const described = await describe(context, roomId);
    if (fresh) context.publish('participant.joined', roomId, { roomId, participant: described.participant });
    return described;
  } catch (error) {
    connection?.exit(roomId);
    throw error;
  }
}

async function describe({ trx, user }: TransactionContext, roomId: string) {
  const row = await trx
    .selectFrom('coding_sessions')
    .select(ROOM_COLUMNS)
    .where('id', '=', roomId)
    .executeTakeFirstOrThrow();
  const participants = await participantsOf(trx, roomId);
  const own = participants.find(({ userId }) => userId === user.id) ?? (await participantOf(trx, roomId, user.id));
  return { room: toRoom(row), participant: own as Participant, files: await filesOf(trx, roomId), participants };
}

async function leaveRoom(ports: RoomsPorts, context: TransactionContext) {
  const { trx, user, room, caller } = context;
  await lockRoom(trx, room.roomId);
  await context.record({ type: 'room.left', roomId: room.roomId, resource: { type: 'participant', id: user.id } });
  const { connections } = ports;
  const inside = caller.connection && connections.has(room.roomId, user.id, caller.connection.id);
  const elsewhere = connections.count(room.roomId, user.id) - (inside ? 1 : 0);
  const left = elsewhere > 0 ? undefined : await vacate(trx, room.roomId, user.id);
  context.afterCommit(() => caller.connection?.exit(room.roomId));
  if (left) context.publish('participant.left', room.roomId, { roomId: room.roomId, participant: left });
  return {};
}

async function closeRoom(ports: RoomsPorts, context: TransactionContext) {
  const { trx, room } = context;
  const now = new Date();
  await trx.updateTable('coding_sessions').set({ ended_at: now }).where('id', '=', room.roomId).execute();
  await trx
    .updateTable('session_participants')
    .set({ left_at: now })
    .where('session_id', '=', room.roomId)
    .where('left_at', 'is', null)
    .execute();
  await context.record({ type: 'room.closed', roomId: room.roomId, resource: { type: 'room', id: room.roomId } });
  context.afterCommit(() => {
    ports.cancelRuns(room.roomId);
    ports.documents.closeRoom(room.roomId);
    ports.publisher.publish('room.closed', room.roomId, { roomId: room.roomId });
    ports.publisher.dismiss(room.roomId);
  });
  return {};
}

async function lockRoom(trx: Kysely<Tables>, roomId: string): Promise<void> {
  await trx.selectFrom('coding_sessions').select('id').where('id', '=', roomId).forUpdate().execute();
}

/** @returns the participant as they are now, undefined when they had no seat */
async function vacate(trx: Kysely<Tables>, roomId: string, userId: string): Promise<Participant | undefined> {
  const { numUpdatedRows } = await trx
    .updateTable('session_participants')
    .set({ left_at: new Date() })
    .where('session_id', '=', roomId)
    .where('user_id', '=', userId)
    .where('left_at', 'is', null)
    .executeTakeFirst();
  return numUpdatedRows > 0n ? participantOf(trx, roomId, userId) : undefined;
}

function randomCode(): string {
  return Array.from({ length: ROOM_CODE_LENGTH }, () => ROOM_CODE_ALPHABET[randomInt(ROOM_CODE_ALPHABET.length)]).join(
    '',
  );
}
