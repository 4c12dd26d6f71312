// What a room is: its name, code, visibility and seats, and whether it is open.
import { randomInt } from 'node:crypto';
import { type Kysely, sql } from 'kysely';
import type { Tables } from '../../db/tables.ts';
import { ROOM_COLUMNS, toRoom } from '../../db/views.ts';
import type { Documents } from '../../documents/hub.ts';
import type { Publisher, TransactionContext } from '../../kernel/context.ts';
import { lockOwnRoom } from '../../kernel/own-room.ts';
import { AppError } from '../../protocol/errors.ts';
import { ROOM_CODE_ALPHABET, ROOM_CODE_LENGTH } from '../../protocol/room-code.ts';
import type { Room } from '../../protocol/rooms.ts';

export interface SettingsPorts {
  readonly documents: Documents;
  readonly publisher: Publisher;
  /** Ends the runs of a room that closes. */
  readonly cancelRuns: (roomId: string) => void;
}

/** Tries to find a code that is not taken; with 30^8 codes the second is hardly ever needed. */
const CODE_TRIES = 5;

function randomCode(): string {
  return Array.from({ length: ROOM_CODE_LENGTH }, () => ROOM_CODE_ALPHABET[randomInt(ROOM_CODE_ALPHABET.length)]).join(
    '',
  );
}

/** Tries an insert or update with codes until one is free. @throws AppError `unavailable` */
export async function withFreeCode<T>(attempt: (code: string) => Promise<T | undefined>): Promise<T> {
  for (let tries = 0; tries < CODE_TRIES; tries++) {
    const made = await attempt(randomCode());
    if (made) return made;
  }
  throw new AppError('unavailable', 'No free room code was found; try again.');
}

interface Settings {
  readonly name?: string | undefined;
  readonly visibility?: Room['visibility'] | undefined;
  readonly maxParticipants?: number | undefined;
}

/** The handler of `room.update`. */
export async function updateRoom(context: TransactionContext, { name, visibility, maxParticipants }: Settings) {
  const { roomId } = context.room;
  // Seats are counted and visibility is looked at under the same lock.
  const before = await lockedRoom(context);
  const row = await context.trx
    .updateTable('coding_sessions')
    .set({
      name: name ?? before.name,
      visibility: visibility ?? before.visibility,
      max_participants: maxParticipants ?? before.maxParticipants,
    })
    .where('id', '=', roomId)
    .returning(ROOM_COLUMNS)
    .executeTakeFirstOrThrow();
  const room = toRoom(row);
  await context.record({
    type: 'room.changed',
    roomId,
    resource: { type: 'room', id: roomId },
    before: settingsOf(before),
    after: settingsOf(room),
  });
  context.publish('room.changed', roomId, { roomId, room });
  return { room };
}

const settingsOf = ({ name, visibility, maxParticipants }: Room) => ({ name, visibility, maxParticipants });

/** The handler of `room.rotateCode`. */
export async function rotateCode(context: TransactionContext) {
  const { trx } = context;
  const { roomId } = context.room;
  await lockOwnRoom(context);
  const row = await withFreeCode(async (code) => {
    const taken = await trx.selectFrom('coding_sessions').select('id').where('room_code', '=', code).executeTakeFirst();
    if (taken) return undefined;
    return trx
      .updateTable('coding_sessions')
      .set({ room_code: code })
      .where('id', '=', roomId)
      .returning(ROOM_COLUMNS)
      .executeTakeFirstOrThrow();
  });
  await context.record({ type: 'room.code_rotated', roomId, resource: { type: 'room', id: roomId } });
  const room = toRoom(row);
  context.publish('room.changed', roomId, { roomId, room });
  return { room };
}

/** The handler of `room.close`. */
export async function closeRoom(ports: SettingsPorts, context: TransactionContext) {
  const { trx, room } = context;
  await lockOwnRoom(context);
  await endRooms(trx, [room.roomId]);
  await context.record({ type: 'room.closed', roomId: room.roomId, resource: { type: 'room', id: room.roomId } });
  context.afterCommit(() => sendAllOut(ports, room.roomId));
  return {};
}

/** Nobody sits in a room that is closed. */
export async function endRooms(trx: Kysely<Tables>, roomIds: readonly string[]): Promise<void> {
  await sql`update coding_sessions set ended_at = now() where id = any(${roomIds}::uuid[])`.execute(trx);
  await sql`update session_participants set left_at = now()
    where session_id = any(${roomIds}::uuid[]) and left_at is null`.execute(trx);
}

/** After the commit: nothing goes on in a closed room. */
export function sendAllOut({ cancelRuns, documents, publisher }: SettingsPorts, roomId: string): void {
  cancelRuns(roomId);
  documents.closeRoom(roomId);
  publisher.publish('room.closed', roomId, { roomId });
  publisher.dismiss(roomId);
}

/** The handler of `room.reopen`; a room that is open stays so. */
export async function reopenRoom(context: TransactionContext) {
  const { roomId } = context.room;
  const before = await lockedRoom(context);
  if (before.closedAt === null) return { room: before };
  await context.trx.updateTable('coding_sessions').set({ ended_at: null }).where('id', '=', roomId).execute();
  await context.record({ type: 'room.reopened', roomId, resource: { type: 'room', id: roomId } });
  return { room: { ...before, closedAt: null } };
}

async function lockedRoom(context: TransactionContext): Promise<Room> {
  await lockOwnRoom(context);
  const row = await context.trx
    .selectFrom('coding_sessions')
    .select(ROOM_COLUMNS)
    .where('id', '=', context.room.roomId)
    .executeTakeFirstOrThrow();
  return toRoom(row);
}
