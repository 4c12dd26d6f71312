// Seats: a participant row without `left_at`. They are counted, taken and given up under the room's row lock, so the
// limit holds whoever comes at the same time.

import { type Kysely, sql, type Transaction } from 'kysely';
import type { Connections } from '../../cluster/connections.ts';
import { fixed } from '../../db/fixed-statement.ts';
import { ahead } from '../../db/pipeline.ts';
import type { Tables } from '../../db/tables.ts';
import { participantsOfRooms } from '../../db/views.ts';
import type { Publisher } from '../../kernel/context.ts';
import type { Log } from '../../observe/log.ts';
import { COLOR_COUNT } from '../../protocol/constants.ts';
import type { Role } from '../../protocol/ids.ts';
import type { Participant } from '../../protocol/rooms.ts';

/** Milliseconds for which a seat is kept after the last connection: a reload, or a network that is away for a moment. */
const KEPT_MS = 2_000;
/** Milliseconds between two looks at seats that may be due; those of one look go together. */
const LOOK_MS = 250;

export interface Seat {
  readonly roomId: string;
  readonly userId: string;
}

/** Somebody's place in a room, taken or kept. */
export interface Place {
  readonly role: Role;
  readonly color: number;
  readonly online: boolean;
}

/** Locks the rows of rooms until the end of the transaction, always in the same order. */
export async function lockRooms(trx: Kysely<Tables>, roomIds: readonly string[]): Promise<void> {
  await sql`select id from coding_sessions where id = any(${roomIds}::uuid[]) order by id for update`.execute(trx);
}

/** Asks who is in the open rooms of codes, and what users and the owners are there; `placesByRoom` reads its rows. */
export const placesQuery = fixed<PlaceRow, [codes: readonly string[], userIds: readonly string[]]>(`
    select session_id, user_id, role, color, left_at is null as online from session_participants
    where session_id in (select id from coding_sessions where room_code = any($1::text[]) and ended_at is null)
      and (left_at is null or role = 'owner' or user_id = any($2::uuid[]))`);

/** Asks which users are banned from the open rooms of codes. */
export const bansQuery = fixed<Member, [codes: readonly string[], userIds: readonly string[]]>(`
    select ban.session_id, ban.user_id from session_bans ban join coding_sessions room on room.id = ban.session_id
    where room.room_code = any($1::text[]) and room.ended_at is null and ban.user_id = any($2::uuid[])`);

interface Member {
  readonly session_id: string;
  readonly user_id: string;
}

type PlaceRow = Place & Member;

/** Places by room and user. */
export function placesByRoom(roomIds: readonly string[], rows: readonly PlaceRow[]): Map<string, Map<string, Place>> {
  const places = new Map(roomIds.map((id) => [id, new Map<string, Place>()]));
  for (const { session_id, user_id, ...place } of rows) places.get(session_id)?.set(user_id, place);
  return places;
}

/** How many seats others have; the owner's is kept free for the owner. */
export function seatsOfOthers(places: ReadonlyMap<string, Place>, userId: string): number {
  let seats = 0;
  for (const [id, { online, role }] of places) if (id !== userId && (online || role === 'owner')) seats++;
  return seats;
}

/** The first colour that nobody in the room has, else one that few have. */
export function freeColor(places: ReadonlyMap<string, Place>): number {
  const uses = Array.from({ length: COLOR_COUNT }, () => 0);
  for (const { online, role, color } of places.values()) {
    if (online || role === 'owner') uses[color] = (uses[color] ?? 0) + 1;
  }
  return uses.indexOf(Math.min(...uses));
}

/** Takes seats, ahead of the next statement; a role that somebody has already stays. */
export async function takeSeats(
  trx: Transaction<Tables>,
  seats: readonly (Seat & Pick<Place, 'role' | 'color'>)[],
): Promise<void> {
  if (seats.length === 0) return;
  const columns = [
    seats.map(({ roomId }) => roomId),
    seats.map(({ userId }) => userId),
    seats.map(({ role }) => role),
    seats.map(({ color }) => color),
  ];
  await ahead(trx, TAKE(...columns));
}

const TAKE = fixed(`
    insert into session_participants (session_id, user_id, role, color)
    select * from unnest($1::uuid[], $2::uuid[], $3::text[], $4::smallint[])
    on conflict (session_id, user_id)
    do update set left_at = null, joined_at = now(), invited_at = null, color = excluded.color`);

/** Gives seats up. @returns those who had one, as they are now, by room */
export async function vacate(
  trx: Kysely<Tables>,
  seats: readonly Seat[],
): Promise<{ roomId: string; participants: Participant[] }[]> {
  const { rows } = await sql<{ session_id: string; user_id: string }>`
    update session_participants member set left_at = now()
    from unnest(${seats.map(({ roomId }) => roomId)}::uuid[], ${seats.map(({ userId }) => userId)}::uuid[])
      as seat(room_id, user_id)
    where member.session_id = seat.room_id and member.user_id = seat.user_id and member.left_at is null
    returning member.session_id, member.user_id`.execute(trx);
  if (rows.length === 0) return [];
  const rooms = Map.groupBy(rows, ({ session_id }) => session_id);
  const users = rows.map(({ user_id }) => user_id);
  const all = await participantsOfRooms(trx, [...rooms.keys()], users);
  return [...rooms].map(([roomId, left]) => {
    const gone = new Set(left.map(({ user_id }) => user_id));
    return { roomId, participants: (all.get(roomId) ?? []).filter(({ userId }) => gone.has(userId)) };
  });
}

/** At start: nobody is connected, so seats that a crash left taken are free. */
export async function releaseAllSeats(db: Kysely<Tables>): Promise<void> {
  await db.updateTable('session_participants').set({ left_at: new Date() }).where('left_at', 'is', null).execute();
}

export interface VacancyPorts {
  readonly db: Kysely<Tables>;
  readonly connections: Connections;
  readonly publisher: Publisher;
  readonly log: Log;
}

/** Gives up the seats of users whose last connection is gone, unless they come back in time. */
export class Vacancies {
  readonly #ports: VacancyPorts;
  /** Seats by room and user, with the time at which they are due. */
  readonly #due = new Map<string, Seat & { readonly at: number }>();
  #timer: NodeJS.Timeout | undefined;

  constructor(ports: VacancyPorts) {
    this.#ports = ports;
  }

  /** The last connection of a user has left the room. */
  add(roomId: string, userId: string): void {
    this.#due.set(`${roomId} ${userId}`, { roomId, userId, at: performance.now() + KEPT_MS });
    this.#timer ??= setTimeout(() => void this.#look(), LOOK_MS).unref();
  }

  /** Looks no more; the next start frees all seats. */
  close(): void {
    clearTimeout(this.#timer);
    this.#due.clear();
  }

  async #look(): Promise<void> {
    const now = performance.now();
    const due = [...this.#due].filter(([, { at }]) => at <= now);
    try {
      if (due.length > 0) await this.#release(due.map(([, seat]) => seat));
      for (const [key, seat] of due) if (this.#due.get(key) === seat) this.#due.delete(key);
    } catch (error) {
      this.#ports.log.warn({ err: error, seats: due.length }, 'seats could not be released, trying again');
    }
    this.#timer = this.#due.size > 0 ? setTimeout(() => void this.#look(), LOOK_MS).unref() : undefined;
  }

  async #release(seats: readonly Seat[]): Promise<void> {
    const { db, connections, publisher } = this.#ports;
    const left = await db.transaction().execute(async (trx) => {
      await lockRooms(trx, [...new Set(seats.map(({ roomId }) => roomId))]);
      // Looked at under the lock: who joins meanwhile waits for it, and finds the seat free.
      return vacate(
        trx,
        seats.filter(({ roomId, userId }) => connections.count(roomId, userId) === 0),
      );
    });
    for (const { roomId, participants } of left)
      publisher.publish('participant.left', roomId, { roomId, participants });
  }
}
