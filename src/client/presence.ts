// Who else has a document open: the y-protocols awareness of one document, tied to the connection.
//
// Invariant: only one’s own state is ever sent, and others’ states are here only while the server vouches for them. The
// library’s own timer would drop everybody who rests for 30 s, so it is stopped; the server knows who is there.
import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';
import { Awareness, applyAwarenessUpdate, encodeAwarenessUpdate, removeAwarenessStates } from 'y-protocols/awareness';
import type * as Y from 'yjs';

/** Milliseconds between two messages: 20 a second is as smooth as a cursor needs. */
const SEND_INTERVAL_MS = 50;
/**
 * Milliseconds; stock y-websocket clients in the same file drop a state that is not renewed for 30 s. The server gives a
 * sign of life every 15 s, and that wakes a page in the background, whose own timers stand nearly still.
 */
const RENEW_AFTER_MS = 10_000;

interface Change {
  readonly added: readonly number[];
  readonly updated: readonly number[];
  readonly removed: readonly number[];
}

export class Presence {
  readonly awareness: Awareness;
  readonly #send: (update: Uint8Array) => void;
  #live = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #scheduled = false;
  #sentAt = Number.NEGATIVE_INFINITY;

  /** @param send takes one’s own state as an awareness update; called only between `start` and `stop` */
  constructor(doc: Y.Doc, send: (update: Uint8Array) => void) {
    this.#send = send;
    this.awareness = new Awareness(doc);
    clearInterval(this.awareness._checkInterval);
    this.awareness.on('update', this.#changed);
  }

  /** The document is open: these are the states of all who are there, and one’s own goes out. */
  start(everybody: Uint8Array): void {
    const others = this.#withoutOwn(everybody);
    this.#remove(this.#others().filter((client) => !others.clients.has(client)));
    applyAwarenessUpdate(this.awareness, others.update, this);
    this.#live = true;
    this.#sentAt = Number.NEGATIVE_INFINITY;
    this.#sayAgain();
  }

  /** The server gave a sign of life: others are reminded that we are here. */
  renew(): void {
    if (this.#live && performance.now() - this.#sentAt >= RENEW_AFTER_MS) this.#sayAgain();
  }

  /** Marks the person as not at the keyboard, or as back. */
  setIdle(idle: boolean): void {
    const own = this.awareness.getLocalState();
    if (own === null || (own['idle'] === true) === idle) return;
    const { idle: _, ...rest } = own;
    this.awareness.setLocalState(idle ? { ...rest, idle } : rest);
  }

  /** Nobody vouches for the others any more; one’s own state is kept for the next start. */
  stop(): void {
    this.#live = false;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#remove(this.#others());
  }

  receive(update: Uint8Array): void {
    if (this.#live) applyAwarenessUpdate(this.awareness, this.#withoutOwn(update).update, this);
  }

  destroy(): void {
    this.awareness.off('update', this.#changed);
    this.stop();
    this.awareness.destroy();
  }

  /** Says the same again under a higher clock, which is what makes it count. */
  #sayAgain(): void {
    const own = this.awareness.getLocalState();
    if (own !== null) this.awareness.setLocalState(own);
  }

  readonly #changed = ({ added, updated, removed }: Change): void => {
    const own = this.awareness.clientID;
    const isOwn = added.includes(own) || updated.includes(own) || removed.includes(own);
    if (isOwn && this.#live) this.#schedule();
  };

  /** At once, in the next microtask so that the text that a cursor stands in goes first, else when the interval is over. */
  #schedule(): void {
    if (this.#scheduled || this.#timer !== undefined) return;
    const wait = this.#sentAt + SEND_INTERVAL_MS - performance.now();
    if (wait > 0) {
      this.#timer = setTimeout(() => this.#sendOwn(), wait);
      return;
    }
    this.#scheduled = true;
    queueMicrotask(() => this.#sendOwn());
  }

  #sendOwn(): void {
    this.#timer = undefined;
    this.#scheduled = false;
    if (!this.#live) return;
    this.#sentAt = performance.now();
    this.#send(encodeAwarenessUpdate(this.awareness, [this.awareness.clientID]));
  }

  #others(): number[] {
    return [...this.awareness.meta.keys()].filter((client) => client !== this.awareness.clientID);
  }

  /** With its clock, because the library would ignore a state that comes back under the clock it left with. */
  #remove(clients: readonly number[]): void {
    removeAwarenessStates(this.awareness, [...clients], this);
    for (const client of clients) this.awareness.meta.delete(client);
  }

  /**
   * Leaves out what the server says of ourselves: we know better. Only its clock counts, as the next state has to be
   * ahead of it.
   */
  #withoutOwn(update: Uint8Array): { update: Uint8Array; clients: ReadonlySet<number> } {
    const clients = new Set<number>();
    const kept = encoding.createEncoder();
    const decoder = decoding.createDecoder(update);
    for (let left = decoding.readVarUint(decoder); left > 0; left--) {
      const client = decoding.readVarUint(decoder);
      const clock = decoding.readVarUint(decoder);
      const state = decoding.readVarString(decoder);
      if (client === this.awareness.clientID) {
        this.#raiseClock(clock);
        continue;
      }
      clients.add(client);
      encoding.writeVarUint(kept, client);
      encoding.writeVarUint(kept, clock);
      encoding.writeVarString(kept, state);
    }
    const all = encoding.createEncoder();
    encoding.writeVarUint(all, clients.size);
    encoding.writeUint8Array(all, encoding.toUint8Array(kept));
    return { update: encoding.toUint8Array(all), clients };
  }

  #raiseClock(clock: number): void {
    const own = this.awareness.meta.get(this.awareness.clientID);
    if (own && own.clock < clock) own.clock = clock;
  }
}
