// Rooms: opened, joined by code, left, closed; roles. A seat is a participant row without `left_at`; seats are counted
// under the room's row lock, so the limit holds whoever comes at the same time.
import { randomInt } from 'node:crypto';
import type { Connections } from '../cluster/connections.ts';
import type { RateLimit } from '../cluster/rate-limit.ts';
import { type PageRequest, pageOf } from '../db/page.ts';
import { filesOf, participantsOfRooms, ROOM_COLUMNS, toRoom } from '../db/views.ts';
import type { Documents } from '../documents/hub.ts';
import type { Publisher, TransactionContext } from '../kernel/context.ts';
import type { Handlers } from '../kernel/registry.ts';
import { AppError } from '../protocol/errors.ts';
import { ROOM_CODE_ALPHABET, ROOM_CODE_LENGTH } from '../protocol/room-code.ts';
import type { Participant } from '../protocol/rooms.ts';
import { joinRooms } from './rooms/joining.ts';
import { admit, setRole } from './rooms/members.ts';
import { lockRooms, vacate } from './rooms/seats.ts';

export interface RoomsPorts {
  readonly connections: Connections;
  readonly documents: Documents;
  readonly publisher: Publisher;
  readonly rateLimit: RateLimit;
  /** Ends the runs of a room that closes. */
  readonly cancelRuns: (roomId: string) => void;
}

/** Tries to find a code that is not taken; with 30^8 codes the second is hardly ever needed. */
const CODE_TRIES = 5;

/** The commands of this slice. */
export function roomHandlers(ports: RoomsPorts): Handlers {
  return {
    'room.create': (context, input) => createRoom(context, input),
    'room.join': (context) => joinRooms(ports, context),
    'room.list': (context, input) => listRooms(context, input),
    'room.get': (context) => describe(context, context.room.roomId),
    'room.leave': (context) => leaveRoom(ports, context),
    'room.close': (context) => closeRoom(ports, context),
    'participant.admit': (context, input) => admit(context, input),
    'participant.setRole': (context, input) => setRole(ports, context, input),
  };
}

async function listRooms({ trx, user, caller }: TransactionContext, input: PageRequest) {
  const only = caller.grant?.roomId;
  const rooms = trx
    .selectFrom('session_participants as member')
    .innerJoin('coding_sessions as room', 'room.id', 'member.session_id')
    .select(ROOM_COLUMNS.map((column) => `room.${column}` as const))
    .select(['member.role', 'member.joined_at'])
    .where('member.user_id', '=', user.id)
    .where('room.ended_at', 'is', null)
    .$if(only !== undefined, (query) => query.where('room.id', '=', only as string));
  const key = { time: 'member.joined_at', id: 'member.session_id' };
  const { items, nextCursor } = await pageOf(input).fetch(rooms, key);
  const toEntry = (row: (typeof items)[number]) => ({
    ...toRoom(row),
    role: row.role,
    joinedAt: row.joined_at.toISOString(),
  });
  return { rooms: items.map(toEntry), nextCursor };
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

async function describe({ trx, user }: TransactionContext, roomId: string) {
  const row = await trx
    .selectFrom('coding_sessions')
    .select(ROOM_COLUMNS)
    .where('id', '=', roomId)
    .executeTakeFirstOrThrow();
  const participants = (await participantsOfRooms(trx, [roomId], [user.id])).get(roomId) ?? [];
  const own = participants.find(({ userId }) => userId === user.id) as Participant;
  return { room: toRoom(row), participant: own, files: await filesOf(trx, roomId), participants };
}

async function leaveRoom(ports: RoomsPorts, context: TransactionContext) {
  const { trx, user, room, caller } = context;
  await lockRooms(trx, [room.roomId]);
  await context.record({ type: 'room.left', roomId: room.roomId, resource: { type: 'participant', id: user.id } });
  const { connections } = ports;
  const inside = caller.connection && connections.has(room.roomId, user.id, caller.connection.id);
  const elsewhere = connections.count(room.roomId, user.id) - (inside ? 1 : 0);
  const left = elsewhere > 0 ? [] : await vacate(trx, [{ roomId: room.roomId, userId: user.id }]);
  context.afterCommit(() => caller.connection?.exit(room.roomId));
  for (const { roomId, participants } of left) context.publish('participant.left', roomId, { roomId, participants });
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

function randomCode(): string {
  return Array.from({ length: ROOM_CODE_LENGTH }, () => ROOM_CODE_ALPHABET[randomInt(ROOM_CODE_ALPHABET.length)]).join(
    '',
  );
}
