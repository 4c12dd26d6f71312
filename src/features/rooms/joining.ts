// Joining by the code. Those who come together share one transaction: a room that reopens after a lost network takes
// in hundreds with a few statements.

import type { Transaction } from 'kysely';
import { networkOf, type RateLimit } from '../../cluster/rate-limit.ts';
import { fixed } from '../../db/fixed-statement.ts';
import { together } from '../../db/pipeline.ts';
import type { Tables } from '../../db/tables.ts';
import {
  filesByRoom,
  filesQuery,
  participantsByRoom,
  participantsQuery,
  ROOM_COLUMNS,
  type RoomRow,
  toRoom,
} from '../../db/views.ts';
import type { Publisher, SharedCall, SharedContext } from '../../kernel/context.ts';
import { checkRoom } from '../../kernel/grant.ts';
import { listedFor, type PathRights } from '../../kernel/path-rights.ts';
import { RoomRules, rulesByCodesQuery } from '../../kernel/room-rules.ts';
import { AppError } from '../../protocol/errors.ts';
import type { File } from '../../protocol/files.ts';
import type { Role } from '../../protocol/ids.ts';
import type { FileRights } from '../../protocol/permissions.ts';
import { normalizeRoomCode } from '../../protocol/room-code.ts';
import type { Participant, Room } from '../../protocol/rooms.ts';
import { bansQuery, freeColor, type Place, placesByRoom, placesQuery, seatsOfOthers, takeSeats } from './seats.ts';

/** Codes from one address that lead nowhere, per minute: more is not mistyping. */
const WRONG_CODES_PER_MINUTE = 30;
/**
 * Codes from one address that are new to their user, right ones included, per minute: beyond it a right code says no
 * more than a wrong one. A school that comes in at once stays below; 39 bits cannot be guessed at this pace.
 */
const NEW_CODES_PER_MINUTE = 1200;
/**
 * Codes from one address that lead nowhere, in ten minutes, after which codes that are new to their user are not looked up
 * any more, right ones included: who goes on after the limit of a minute learns nothing.
 */
const WRONG_CODES_IN_A_ROW = 150;
const ROW_SECONDS = 600;

const ROLE_BY_CODE = { collaborative: 'collaborator', public: 'viewer' } as const;

export interface JoinPorts {
  readonly publisher: Publisher;
  readonly rateLimit: RateLimit;
}

type Call = SharedCall<{ roomCode: string }>;

/** Somebody who is in: they hear the room's events from now on. */
interface Arrival {
  readonly call: Call;
  readonly room: RoomRow;
  readonly role: Role;
  readonly files: PathRights;
  readonly color: number;
  /** They had no seat before. */
  readonly fresh: boolean;
}

export interface Joined {
  readonly room: Room;
  readonly participant: Participant;
  readonly files: File[];
  readonly rights?: FileRights;
  readonly participants: Participant[];
}

/** The handler of `room.join`. */
export async function joinRooms(
  ports: JoinPorts,
  context: SharedContext<{ roomCode: string }>,
): Promise<readonly (Joined | AppError)[]> {
  const { trx, calls } = context;
  const codes = calls.map(({ input }) => normalizeRoomCode(input.roomCode));
  const known = codes.filter((code) => code !== undefined);
  const users = calls.flatMap(({ user, caller }) => [user.id, caller.grant?.ownerId ?? user.id]);
  const [open, taken, bans, rules] = await together(trx, [
    roomsQuery(known),
    placesQuery(known, users),
    bansQuery(known, users),
    // Behind the lock of the room: rules that change meanwhile wait for it.
    rulesByCodesQuery(known),
  ]);
  const banned = new Set(bans.map(({ session_id, user_id }) => `${session_id} ${user_id}`));
  const rooms = new Map(open.map((room) => [room.room_code, room]));
  const places = placesByRoom(
    open.map(({ id }) => id),
    taken,
  );
  const admitted = await Promise.all(
    calls.map((call, index) => {
      const room = rooms.get(codes[index] ?? '');
      const placeOf = (id: string | undefined) => (room && id ? places.get(room.id)?.get(id) : undefined);
      const [known, owner] = [placeOf(call.user.id), placeOf(call.caller.grant?.ownerId)];
      const isBanned = bannedFrom(room?.id, [call.user.id, call.caller.grant?.ownerId], banned);
      return refusalOf(admit(ports, { call, room, known, owner, isBanned }));
    }),
  );
  // From here to the answers nothing waits between looking at seats and taking them.
  const arrivals = calls.map((call, index) => {
    const at = admitted[index] as AppError | Admission;
    if (at instanceof AppError) return at;
    const holder = { userId: call.user.id, role: at.role, ownerId: call.caller.grant?.ownerId };
    const files = RoomRules.of(rules, at.room.id).rightsOf(holder);
    return seat(call, { ...at, files }, places.get(at.room.id) as Map<string, Place>);
  });
  const inside = arrivals.filter((arrival): arrival is Arrival => !(arrival instanceof AppError));
  context.ifItFails(() => {
    for (const { call, room } of inside) call.caller.connection?.exit(room.id);
  });
  await noteArrivals(trx, inside);
  const joined = await describe(context, inside);
  return arrivals.map((arrival) => (arrival instanceof AppError ? arrival : (joined.get(arrival) as Joined)));
}

/** Asks for the open rooms of codes, locked until the end of the transaction. */
const roomsQuery = fixed<RoomRow>(
  `select ${ROOM_COLUMNS.join(', ')} from coding_sessions
    where room_code = any($1::text[]) and ended_at is null order by id for update`,
);

interface Admission {
  readonly room: RoomRow;
  readonly role: Role;
}

interface Knock {
  readonly call: Call;
  readonly room: RoomRow | undefined;
  /** The caller's place there. */
  readonly known: Place | undefined;
  /** That of the owner of the bot that calls. */
  readonly owner: Place | undefined;
  /** They, or the owner of the bot. */
  readonly isBanned: boolean;
}

/** Whether the code is good for the caller, and as what. @throws AppError */
async function admit(
  { rateLimit, publisher }: JoinPorts,
  { call, room, known, owner, isBanned }: Knock,
): Promise<Admission> {
  const network = networkOf(call.caller.address);
  if (!known) {
    await rateLimit.check(`wrong-codes:${network}`, WRONG_CODES_IN_A_ROW, ROW_SECONDS);
    await rateLimit.take(`new-code:${network}`, NEW_CODES_PER_MINUTE);
  }
  if (!room) {
    await rateLimit.take(`wrong-codes:${network}`, WRONG_CODES_IN_A_ROW, ROW_SECONDS);
    await rateLimit.take(`wrong-code:${network}`, WRONG_CODES_PER_MINUTE);
    throw new AppError('room_unavailable', 'No open room has this code.');
  }
  checkRoom(call.caller.grant, room.id);
  // Said without a word to the owner: who is banned does not knock.
  if (isBanned) throw new AppError('forbidden', 'You are banned from this room.', { reason: 'banned' });
  if (known) return { room, role: known.role };
  // Where the owner of a bot is a member the bot comes in, too, and may do no more than the owner.
  if (owner) return { room, role: owner.role === 'owner' ? 'collaborator' : owner.role };
  if (room.visibility !== 'private') return { room, role: ROLE_BY_CODE[room.visibility] };
  publisher.publishTo('room.knocked', room.owner_id, { roomId: room.id, user: call.user });
  throw new AppError('forbidden', 'The room is private: its owner has been told and has to let you in.');
}

function bannedFrom(
  roomId: string | undefined,
  userIds: readonly (string | undefined)[],
  banned: ReadonlySet<string>,
): boolean {
  return userIds.some((userId) => banned.has(`${roomId} ${userId}`));
}

/** An AppError is an answer; anything else fails all who came together. */
function refusalOf(admission: Promise<Admission>): Promise<Admission | AppError> {
  return admission.catch((error: unknown) => {
    if (error instanceof AppError) return error;
    throw error;
  });
}

/** Subscribes the connection before the room is read, so that no event falls between the two, and takes a seat. */
function seat(
  call: Call,
  { room, role, files }: Admission & { readonly files: PathRights },
  places: Map<string, Place>,
): Arrival | AppError {
  const { user, caller } = call;
  const known = places.get(user.id);
  const fresh = !known?.online;
  if (fresh && user.id !== room.owner_id && seatsOfOthers(places, user.id) >= room.max_participants) {
    return new AppError('room_full', 'The room is full.', { maxParticipants: room.max_participants });
  }
  const color = known?.online ? known.color : freeColor(withoutUser(places, user.id));
  try {
    caller.connection?.enter(room.id, { role, color, files });
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  places.set(user.id, { role, color, online: true });
  const resource = { type: 'participant', id: user.id } as const;
  if (fresh)
    call.record({ type: 'room.joined', roomId: room.id, resource, after: { role, again: known !== undefined } });
  return { call, room, role, files, color, fresh };
}

function withoutUser(places: ReadonlyMap<string, Place>, userId: string): ReadonlyMap<string, Place> {
  const others = new Map(places);
  others.delete(userId);
  return others;
}

function noteArrivals(trx: Transaction<Tables>, arrivals: readonly Arrival[]): Promise<void> {
  const fresh = arrivals.filter((arrival) => arrival.fresh);
  return takeSeats(
    trx,
    fresh.map(({ call, room, role, color }) => ({ roomId: room.id, userId: call.user.id, role, color })),
  );
}

/** What each is answered; the lists are the same objects for all who came into one room. */
async function describe({ trx, publish }: SharedContext, arrivals: readonly Arrival[]): Promise<Map<Arrival, Joined>> {
  const joined = new Map<Arrival, Joined>();
  if (arrivals.length === 0) return joined;
  const rooms = Map.groupBy(arrivals, ({ room }) => room);
  const roomIds = [...rooms.keys()].map(({ id }) => id);
  const users = arrivals.map(({ call }) => call.user.id);
  const [people, listed] = await together(trx, [participantsQuery(roomIds, users), filesQuery(roomIds)]);
  const allParticipants = participantsByRoom(people);
  const allFiles = filesByRoom(listed);
  for (const [row, present] of rooms) {
    const room = toRoom(row);
    const participants = allParticipants.get(row.id) ?? [];
    const files = allFiles.get(row.id) ?? [];
    const byUser = new Map(participants.map((participant) => [participant.userId, participant]));
    for (const arrival of present) {
      const participant = byUser.get(arrival.call.user.id) as Participant;
      joined.set(arrival, { room, participant, ...listedFor(arrival.files, files), participants });
    }
    const fresh = present.filter((arrival) => arrival.fresh).map(({ call }) => byUser.get(call.user.id) as Participant);
    if (fresh.length > 0) publish('participant.joined', row.id, { roomId: row.id, participants: fresh });
  }
  return joined;
}
