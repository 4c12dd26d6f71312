// Who has a document open and where their cursors are. A Yjs client id belongs to one link; the server stamps who it is.
// Foreign, stale and echoed states are dropped by (client id, clock) before any JSON is parsed.
//
// Message format: y-protocols awareness.js, count × (client id, clock, JSON text).
import * as encoding from 'lib0/encoding';
import { AppError } from '../protocol/errors.ts';
import { ByteReader } from './byte-reader.ts';
import { ClientOwners } from './client-owners.ts';
import { type Clock, systemClock } from './clock.ts';
import { LIMITS } from './limits.ts';
import type { Link } from './link.ts';

interface Entry {
  readonly link: Link;
  /** The clock as the client counts it; decides what is stale. */
  clock: number;
  /** The clock as others see it: ahead of the client's own after a reconnect or a change of the stamp. */
  shownClock: number;
  /** JSON as the client sent it, until the frame is made. */
  received: string;
  /** JSON with the server's stamp. */
  stamped: string | undefined;
}

interface Departure {
  readonly userId: string;
  readonly shownClock: number;
  readonly at: number;
}

/** How an awareness update reaches the links of a document: one for all, and others for those in `instead`. */
export type SendPresence = (update: Uint8Array, instead: ReadonlyMap<Link, Uint8Array>) => void;

export class Presence {
  readonly #entries = new Map<number, Entry>();
  readonly #changed = new Set<number>();
  readonly #leaving = new Set<number>();
  /** Ids that left lately: an echo of their last state must not bring them back under another's name. */
  readonly #departed = new Map<number, Departure>();
  readonly #send: SendPresence;
  readonly #clock: Clock;
  readonly #owners: ClientOwners;
  /** Takes the next frame back; undefined when none is due. */
  #unschedule: (() => void) | undefined;
  #sentAt = Number.NEGATIVE_INFINITY;

  constructor(send: SendPresence, clock: Clock = systemClock, owners = new ClientOwners()) {
    this.#send = send;
    this.#clock = clock;
    this.#owners = owners;
  }

  /** How many cursors there are. */
  get size(): number {
    return this.#entries.size;
  }

  /**
   * Takes an awareness update of a link in; states that are not its own are ignored.
   * @throws AppError `malformed_update`, `too_large`
   */
  receive(link: Link, update: Uint8Array): void {
    if (update.length > LIMITS.awarenessBytes) throw new AppError('too_large', 'The awareness update is too large.');
    const reader = new ByteReader(update);
    const count = reader.uint();
    for (let i = 0; i < count; i++) this.#receiveOne(link, reader, count === 1);
  }

  /** Removes every state of a link that is gone. */
  remove(link: Link): void {
    for (const [client, entry] of this.#entries) if (entry.link === link) this.#withdraw(client, entry);
  }

  /** Stamps the states of a link anew, after its person has changed. */
  restamp(link: Link): void {
    for (const [client, entry] of this.#entries) {
      if (entry.link !== link) continue;
      entry.stamped = undefined;
      entry.shownClock++;
      this.#changed.add(client);
      this.#schedule();
    }
  }

  /** Everybody's state as one awareness update. */
  all(): Uint8Array {
    return this.#encode([...this.#entries.keys()]);
  }

  close(): void {
    this.#unschedule?.();
    this.#unschedule = undefined;
  }

  #receiveOne(link: Link, reader: ByteReader, alone: boolean): void {
    const client = reader.uint();
    const clock = reader.uint();
    if (!this.#accepts({ link, client, clock, alone })) {
      reader.skipBytes();
      return;
    }
    const json = reader.text();
    if (json.length > LIMITS.awarenessStateBytes) throw new AppError('too_large', 'The awareness state is too large.');
    const known = this.#entries.get(client);
    if (json === 'null') {
      if (known) this.#withdraw(client, known);
      return;
    }
    const shown = known?.shownClock ?? this.#departed.get(client)?.shownClock ?? -1;
    this.#departed.delete(client);
    this.#owners.hold(client, link);
    this.#entries.set(client, {
      link,
      clock,
      shownClock: Math.max(clock, shown + 1),
      received: json,
      stamped: undefined,
    });
    this.#leaving.delete(client);
    this.#changed.add(client);
    this.#schedule();
  }

  /**
   * Whether a state may come from a link. A new id, and the take-over of an id from an older connection of the same
   * user that is still half open, need a message that speaks of this id alone: an echo of many is never an introduction.
   */
  #accepts(claim: { link: Link; client: number; clock: number; alone: boolean }): boolean {
    const { link, client, clock, alone } = claim;
    if (clock > LIMITS.awarenessClock) return false;
    const known = this.#entries.get(client);
    if (known) {
      if (known.link === link) return clock > known.clock;
      return alone && known.link.person.id === link.person.id && clock >= known.clock && !this.#owns(link);
    }
    if (this.#owners.isForeign(client, link)) return false;
    const departed = this.#departed.get(client);
    // At most this clock is what others have seen, and may echo.
    const mayBeEcho = departed !== undefined && clock <= departed.shownClock;
    if (mayBeEcho && (departed.userId !== link.person.id || this.#owns(link))) return false;
    return alone && this.#countOf(link) < LIMITS.clientsPerLink;
  }

  #owns(link: Link): boolean {
    return this.#countOf(link) > 0;
  }

  #countOf(link: Link): number {
    let count = 0;
    for (const entry of this.#entries.values()) if (entry.link === link) count++;
    return count;
  }

  #withdraw(client: number, entry: Entry): void {
    this.#entries.delete(client);
    this.#changed.delete(client);
    this.#leaving.add(client);
    const now = this.#clock.now();
    for (const [old, { at }] of this.#departed) {
      if (now - at < LIMITS.departedMs) break;
      this.#departed.delete(old);
    }
    this.#departed.set(client, { userId: entry.link.person.id, shownClock: entry.shownClock, at: now });
    this.#schedule();
  }

  #schedule(): void {
    if (this.#unschedule) return;
    const due = this.#sentAt + LIMITS.awarenessIntervalMs - this.#clock.now();
    this.#unschedule = this.#clock.after(due, () => this.#flush());
  }

  #flush(): void {
    this.#unschedule = undefined;
    this.#sentAt = this.#clock.now();
    const clients = [...this.#changed, ...this.#leaving];
    this.#changed.clear();
    this.#leaving.clear();
    if (clients.length > 0) this.#send(this.#encode(clients), this.#withoutOwn(clients));
  }

  /** A client must not see its own state under a clock ahead of its own: it would take it for newer than what it has. */
  #withoutOwn(clients: readonly number[]): Map<Link, Uint8Array> {
    const instead = new Map<Link, Uint8Array>();
    for (const client of clients) {
      const entry = this.#entries.get(client);
      if (!entry || entry.shownClock === entry.clock || instead.has(entry.link)) continue;
      instead.set(entry.link, this.#encode(clients.filter((other) => this.#entries.get(other)?.link !== entry.link)));
    }
    return instead;
  }

  #encode(clients: readonly number[]): Uint8Array {
    const encoder = encoding.createEncoder();
    encoding.writeVarUint(encoder, clients.length);
    for (const client of clients) {
      const entry = this.#entries.get(client);
      if (entry) entry.stamped ??= stamp(entry);
      encoding.writeVarUint(encoder, client);
      encoding.writeVarUint(encoder, (entry ?? this.#departed.get(client))?.shownClock ?? 0);
      encoding.writeVarString(encoder, entry?.stamped ?? 'null');
    }
    return encoding.toUint8Array(encoder);
  }
}

/** The state with `user` set to who it really is; a state that is not an object becomes one with `user` alone. */
function stamp({ received, link }: Entry): string {
  let state: unknown;
  try {
    state = JSON.parse(received);
  } catch {
    state = undefined;
  }
  const fields = state !== null && typeof state === 'object' && !Array.isArray(state) ? state : {};
  const { id, name, color, role } = link.person;
  return JSON.stringify({ ...fields, user: { id, name, color, role } });
}
