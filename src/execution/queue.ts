// Who runs next. Rooms take turns, and within a room its users do; maps keep the order of the turns. No clock, no I/O.
import type { QueueLimits } from './limits.ts';

/** What the queue needs to know of a run. */
export interface Ticket {
  readonly id: string;
  readonly roomId: string;
  readonly userId: string;
}

interface UserLane<T> {
  running: number;
  waiting: T[];
}

interface RoomLane<T> {
  running: number;
  readonly users: Map<string, UserLane<T>>;
}

/** Which limit refuses a run. */
export type Refusal = 'user' | 'room' | 'server';

/** A queue with limits per user, per room and for all. */
export class RunQueue<T extends Ticket> {
  readonly #limits: QueueLimits;
  readonly #rooms = new Map<string, RoomLane<T>>();
  readonly #parked = new Set<T>();
  #running = 0;
  #waiting = 0;

  constructor(limits: QueueLimits) {
    this.#limits = limits;
  }

  get running(): number {
    return this.#running;
  }

  get waiting(): number {
    return this.#waiting;
  }

  /** Runs that wait for input and have given their place away. */
  get parked(): number {
    return this.#parked.size;
  }

  /** Puts a run at the end of its user's line. Answers the limit that refuses it, if one does. */
  add(ticket: T): Refusal | undefined {
    const room = this.#rooms.get(ticket.roomId);
    const user = room?.users.get(ticket.userId);
    if ((user?.waiting.length ?? 0) >= this.#limits.userWaiting + this.#free(ticket)) return 'user';
    if (waitingIn(room) >= this.#limits.roomWaiting + this.#free(ticket)) return 'room';
    if (this.#waiting >= this.#limits.waiting + this.#free(ticket)) return 'server';
    this.#lane(ticket).waiting.push(ticket);
    this.#waiting++;
    return undefined;
  }

  /** Takes the run whose turn it is; undefined when nobody may run now. The caller gives it back with `done`. */
  take(): T | undefined {
    if (this.#running >= this.#limits.running) return undefined;
    for (const [roomId, room] of this.#rooms) {
      if (room.running >= this.#limits.roomRunning) continue;
      for (const [userId, user] of room.users) {
        if (user.running >= this.#limits.userRunning || user.waiting.length === 0) continue;
        rotate(room.users, userId, user);
        rotate(this.#rooms, roomId, room);
        user.running++;
        room.running++;
        this.#running++;
        this.#waiting--;
        return user.waiting.shift();
      }
    }
    return undefined;
  }

  /** A run that was taken has ended. */
  done(ticket: T): void {
    this.unpark(ticket);
    const user = this.#lane(ticket);
    user.running--;
    this.#rooms.get(ticket.roomId)!.running--;
    this.#running--;
    this.#forget(ticket);
  }

  /**
   * A run that was taken waits for a person: others may have its place, but for its own user, who has this one.
   * Answers false when too many do so already; then it keeps its place.
   */
  park(ticket: T): boolean {
    if (this.#parked.size >= this.#limits.parked) return false;
    this.#parked.add(ticket);
    this.#rooms.get(ticket.roomId)!.running--;
    this.#running--;
    return true;
  }

  /** A parked run goes on, at once: for a moment more may run than the limit says. Others are left alone. */
  unpark(ticket: T): void {
    if (!this.#parked.delete(ticket)) return;
    this.#rooms.get(ticket.roomId)!.running++;
    this.#running++;
  }

  /** Takes a waiting run out; undefined when there is none of this id. */
  remove(id: string): T | undefined {
    for (const room of this.#rooms.values()) {
      for (const user of room.users.values()) {
        const at = user.waiting.findIndex((ticket) => ticket.id === id);
        if (at < 0) continue;
        const [ticket] = user.waiting.splice(at, 1);
        this.#waiting--;
        this.#forget(ticket!);
        return ticket;
      }
    }
    return undefined;
  }

  /** All that wait, in the order in which they would start if every run took the same time. */
  order(): T[] {
    const rooms = Array.from(this.#rooms.values(), (room) =>
      Array.from(room.users.values(), (user) => [...user.waiting]),
    );
    const out: T[] = [];
    while (rooms.length > 0) {
      const users = rooms.shift()!;
      const lines = users.filter((line) => line.length > 0);
      if (lines.length === 0) continue;
      const line = lines.shift()!;
      out.push(line.shift()!);
      rooms.push([...lines, line]);
    }
    return out;
  }

  /** 1 when this run would be taken at once: then it does not count as waiting. */
  #free(ticket: Ticket): 0 | 1 {
    const room = this.#rooms.get(ticket.roomId);
    const user = room?.users.get(ticket.userId);
    const idle =
      this.#running < this.#limits.running &&
      (room?.running ?? 0) < this.#limits.roomRunning &&
      (user?.running ?? 0) < this.#limits.userRunning;
    return idle ? 1 : 0;
  }

  #lane({ roomId, userId }: Ticket): UserLane<T> {
    const room = this.#rooms.get(roomId) ?? { running: 0, users: new Map<string, UserLane<T>>() };
    this.#rooms.set(roomId, room);
    const user = room.users.get(userId) ?? { running: 0, waiting: [] };
    room.users.set(userId, user);
    return user;
  }

  /** Lanes without anybody go: a name that comes back joins at the end. */
  #forget(ticket: Ticket): void {
    const room = this.#rooms.get(ticket.roomId)!;
    const user = room.users.get(ticket.userId)!;
    if (user.running === 0 && user.waiting.length === 0) room.users.delete(ticket.userId);
    if (room.users.size === 0) this.#rooms.delete(ticket.roomId);
  }
}

function waitingIn(room: RoomLane<unknown> | undefined): number {
  let sum = 0;
  for (const user of room?.users.values() ?? []) sum += user.waiting.length;
  return sum;
}

/** Moves an entry to the end of its map: its turn comes again after everybody else's. */
function rotate<V>(map: Map<string, V>, key: string, value: V): void {
  map.delete(key);
  map.set(key, value);
}
