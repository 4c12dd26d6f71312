// Whose a room is: handed over by its owner, or passed on when the owner's account ends.
import { type Kysely, sql } from 'kysely';
import type { Tables } from '../../db/tables.ts';
import { participantOf, ROOM_COLUMNS, toRoom } from '../../db/views.ts';
import type { TransactionContext } from '../../kernel/context.ts';
import { lockOwnRoom } from '../../kernel/own-room.ts';
import { AppError } from '../../protocol/errors.ts';
import type { Role } from '../../protocol/ids.ts';
import type { Participant, Room } from '../../protocol/rooms.ts';
import { regrant } from './regrant.ts';
import { lockRooms } from './seats.ts';
import { endRooms, type SettingsPorts, sendAllOut } from './settings.ts';

export type OwnershipPorts = SettingsPorts;

interface Succession {
  readonly roomId: string;
  readonly from: string;
  readonly to: string;
}

/** The handler of `room.handOver`. @throws AppError `not_found`, `conflict` */
export async function handOver(
  ports: OwnershipPorts,
  context: TransactionContext,
  { roomId, userId }: { roomId: string; userId: string },
): Promise<{ room: Room }> {
  const from = context.user.id;
  await lockOwnRoom(context);
  const heir = await participantOf(context.trx, roomId, userId);
  if (!heir) throw new AppError('not_found', 'There is no such participant.');
  if (userId === from) throw new AppError('conflict', 'They own the room already.');
  if (heir.kind === 'bot') throw new AppError('conflict', 'A bot cannot own a room.');
  return { room: await succeed(ports, context, { roomId, from, to: userId }) };
}

/**
 * Passes on all rooms of somebody whose account ends, each to its longest-serving collaborator; a room without one is
 * closed. Theirs are the rooms no more when the transaction commits.
 * @param context a transaction that acts as that user
 * @returns ids of the rooms that have a new owner, and of those that were closed; whose people are sent out after the commit
 */
export async function passOnRooms(
  ports: OwnershipPorts,
  context: TransactionContext,
  userId: string,
): Promise<{ passedOn: string[]; closed: string[] }> {
  const { trx } = context;
  const owned = await trx
    .selectFrom('coding_sessions')
    .select('id')
    .where('owner_id', '=', userId)
    .where('ended_at', 'is', null)
    .execute();
  const roomIds = owned.map(({ id }) => id);
  await lockRooms(trx, roomIds);
  const heirs = await heirsOf(trx, roomIds);
  for (const [roomId, to] of heirs) await succeed(ports, context, { roomId, from: userId, to });
  const closed = roomIds.filter((id) => !heirs.has(id));
  await endRooms(trx, closed);
  for (const id of closed) {
    await context.record({ type: 'room.closed', roomId: id, resource: { type: 'room', id } });
    context.afterCommit(() => sendAllOut(ports, id));
  }
  return { passedOn: [...heirs.keys()], closed };
}

/** Room → user: who has been a collaborator for longest, and can sign in. */
async function heirsOf(trx: Kysely<Tables>, roomIds: readonly string[]): Promise<Map<string, string>> {
  const { rows } = await sql<{ session_id: string; user_id: string }>`
    select distinct on (member.session_id) member.session_id, member.user_id
    from session_participants member join users person on person.id = member.user_id
    where member.session_id = any(${roomIds}::uuid[]) and member.role = 'collaborator'
      and person.status = 'active' and person.kind <> 'bot'
    order by member.session_id, member.member_since, member.user_id`.execute(trx);
  return new Map(rows.map(({ session_id, user_id }) => [session_id, user_id]));
}

/** Under the lock of the room. Path permissions do not hold an owner back, so the heir's go. */
async function succeed(ports: OwnershipPorts, context: TransactionContext, { roomId, from, to }: Succession) {
  const { trx } = context;
  // The one before first: a room has one owner at any time.
  const before = await become(context, { roomId, userId: from, role: 'collaborator' });
  const heir = await become(context, { roomId, userId: to, role: 'owner' });
  await trx.deleteFrom('permissions').where('session_id', '=', roomId).where('user_id', '=', to).execute();
  const row = await trx
    .updateTable('coding_sessions')
    .set({ owner_id: to })
    .where('id', '=', roomId)
    .returning(ROOM_COLUMNS)
    .executeTakeFirstOrThrow();
  const resource = { type: 'participant', id: to } as const;
  await context.record({
    type: 'room.handed_over',
    roomId,
    resource,
    before: { ownerId: from },
    after: { ownerId: to },
  });
  const room = toRoom(row);
  for (const participant of [before, heir]) {
    if (!participant) continue;
    await regrant(ports, context, { roomId, userId: participant.userId });
    context.publish('participant.changed', roomId, { roomId, participant });
  }
  context.publish('room.changed', roomId, { roomId, room });
  return room;
}

async function become(
  { trx }: TransactionContext,
  { roomId, userId, role }: { roomId: string; userId: string; role: Role },
): Promise<Participant | undefined> {
  await trx
    .updateTable('session_participants')
    .set({ role })
    .where('session_id', '=', roomId)
    .where('user_id', '=', userId)
    .execute();
  return participantOf(trx, roomId, userId);
}
