// The commands of rooms and their members. A seat is a participant row without `left_at`; seats are counted
// under the room's row lock, so the limit holds whoever comes at the same time.
import type { Connections } from '../cluster/connections.ts';
import type { RateLimit } from '../cluster/rate-limit.ts';
import { type PageRequest, pageOf } from '../db/page.ts';
import { filesOf, participantsOfRooms, ROOM_COLUMNS, toRoom } from '../db/views.ts';
import type { TransactionContext } from '../kernel/context.ts';
import { listedFor } from '../kernel/path-rights.ts';
import type { Handlers } from '../kernel/registry.ts';
import type { Participant } from '../protocol/rooms.ts';
import { ban, listBans, remove, unban } from './rooms/exclusion.ts';
import { joinRooms } from './rooms/joining.ts';
import { admit, invite, setRole } from './rooms/members.ts';
import { handOver } from './rooms/ownership.ts';
import { listPermissions, removePermission, setPermission } from './rooms/permissions.ts';
import { lockRooms, vacate } from './rooms/seats.ts';
import { closeRoom, reopenRoom, rotateCode, type SettingsPorts, updateRoom, withFreeCode } from './rooms/settings.ts';

export interface RoomsPorts extends SettingsPorts {
  readonly connections: Connections;
  readonly rateLimit: RateLimit;
}

/** The commands of this slice. */
export function roomHandlers(ports: RoomsPorts): Handlers {
  return {
    'room.create': (context, input) => createRoom(context, input),
    'room.join': (context) => joinRooms(ports, context),
    'room.list': (context, input) => listRooms(context, input),
    'room.get': (context) => describe(context, context.room.roomId),
    'room.leave': (context) => leaveRoom(ports, context),
    'room.close': (context) => closeRoom(ports, context),
    'room.reopen': (context) => reopenRoom(context),
    'room.update': (context, input) => updateRoom(context, input),
    'room.rotateCode': (context) => rotateCode(context),
    'room.handOver': (context, input) => handOver(ports, context, input),
    'participant.admit': (context, input) => admit(ports, context, input),
    'participant.invite': (context, input) => invite(ports, context, input),
    'participant.setRole': (context, input) => setRole(ports, context, input),
    'participant.remove': (context, input) => remove(ports, context, input),
    'participant.ban': (context, input) => ban(ports, context, input),
    'participant.unban': (context, input) => unban(context, input),
    'participant.bans': (context, input) => listBans(context, input),
    'permission.set': (context, input) => setPermission(ports, context, input),
    'permission.remove': (context, input) => removePermission(ports, context, input),
    'permission.list': (context, { roomId }) => listPermissions(context, roomId),
  };
}

async function listRooms({ trx, user, caller }: TransactionContext, input: PageRequest & { state: 'open' | 'closed' }) {
  const only = caller.grant?.roomId;
  const mine = trx
    .selectFrom('session_participants as member')
    .innerJoin('coding_sessions as room', 'room.id', 'member.session_id')
    .select(ROOM_COLUMNS.map((column) => `room.${column}` as const))
    .select(['member.role', 'member.joined_at', 'member.invited_at'])
    .where('member.user_id', '=', user.id)
    .$if(only !== undefined, (query) => query.where('room.id', '=', only as string));
  const rooms =
    input.state === 'open'
      ? mine.where('room.ended_at', 'is', null)
      : mine.where('room.ended_at', 'is not', null).where('member.role', '=', 'owner');
  const key = { time: 'member.joined_at', id: 'member.session_id' };
  const { items, nextCursor } = await pageOf(input).fetch(rooms, key);
  const toEntry = (row: (typeof items)[number]) => ({
    ...toRoom(row),
    role: row.role,
    joinedAt: row.joined_at.toISOString(),
    invitedAt: row.invited_at?.toISOString() ?? null,
  });
  return { rooms: items.map(toEntry), nextCursor };
}

async function createRoom(
  context: TransactionContext,
  input: { name: string; visibility: 'private' | 'public' | 'collaborative'; maxParticipants: number },
) {
  const { trx, user } = context;
  const row = await withFreeCode((code) =>
    trx
      .insertInto('coding_sessions')
      .values({
        name: input.name,
        owner_id: user.id,
        room_code: code,
        visibility: input.visibility,
        max_participants: input.maxParticipants,
      })
      .onConflict((conflict) => conflict.column('room_code').doNothing())
      .returning(ROOM_COLUMNS)
      .executeTakeFirst(),
  );
  await trx
    .insertInto('session_participants')
    .values({ session_id: row.id, user_id: user.id, role: 'owner', color: 0, left_at: new Date() })
    .execute();
  const after = { name: input.name, visibility: input.visibility, maxParticipants: input.maxParticipants };
  await context.record({ type: 'room.created', roomId: row.id, resource: { type: 'room', id: row.id }, after });
  return { room: toRoom(row) };
}

async function describe({ trx, user, room: { files } }: TransactionContext, roomId: string) {
  const row = await trx
    .selectFrom('coding_sessions')
    .select(ROOM_COLUMNS)
    .where('id', '=', roomId)
    .executeTakeFirstOrThrow();
  const participants = (await participantsOfRooms(trx, [roomId], [user.id])).get(roomId) ?? [];
  const own = participants.find(({ userId }) => userId === user.id) as Participant;
  return { room: toRoom(row), participant: own, ...listedFor(files, await filesOf(trx, roomId)), participants };
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
