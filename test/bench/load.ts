// The clients of one measurement: they send by a timetable that does not wait for answers, and every receipt is counted
// and timed against the moment of its edit.
import { setTimeout as sleep } from 'node:timers/promises';
import * as Y from 'yjs';
import { seededRandom } from '../support/random.ts';
import { Histogram } from './histogram.ts';
import type { Address, Connect, LoadClient } from './load-client.ts';
import {
  awarenessUpdate,
  CLIENT_BASE,
  type TypedVisitor,
  typingUpdate,
  walkAwareness,
  walkUpdate,
} from './yjs-codec.ts';

/** Send times kept per client; an edit that is received later than this many edits after it is timed wrongly. */
const TIMES_KEPT = 1 << 12;
/** Edits sent in one go when the load is late; then the sockets get their turn. */
const CATCH_UP = 5000;
const CONNECT_MS = 60_000;

export interface LoadTarget {
  readonly connect: Connect;
  readonly port: number;
  readonly relay: boolean;
}

export interface ConnectOptions {
  /** Where the n-th client goes. */
  readonly addressOf: (index: number) => Address;
  /** From this client on, to the one before `to`. */
  readonly from?: number;
  readonly to?: number;
  /** Handshakes under way at once. */
  readonly parallel?: number;
  /** The first clients keep a whole Y.Doc. */
  readonly full?: number;
  readonly stateVector?: Uint8Array;
}

/** A stretch of sending. */
export interface Drive {
  /** Acts per second over all clients, at random moments (Poisson). */
  readonly rate: number;
  readonly seconds: number;
  readonly seed: number;
  readonly act: (client: number) => void;
}

export class Load {
  readonly size: number;
  readonly clients: LoadClient[] = [];
  /** Edits sent by each client. */
  readonly sent: Int32Array;
  /** Edits of others received by each client. */
  readonly got: Int32Array;
  /** Edits of each client that are on disk, all of them up to this number. */
  readonly stored: Int32Array;
  /** What follows is counted while this is set. */
  measuring = false;
  latency = new Histogram();
  storedLatency = new Histogram();
  cursorLatency = new Histogram();
  deliveries = 0;
  messages = 0;
  edits = 0;
  cursorsSent = 0;
  cursorsSeen = 0;
  cursorMessages = 0;
  /** Connections that the server closed. */
  closed = 0;
  closeReason: string | undefined;
  readonly #target: LoadTarget;
  readonly #times: Float64Array[];
  readonly #cursorClocks: Int32Array;
  readonly #cursorTimes: Float64Array[];
  /** Who receives, and when: set for every message, so that the visitors need no closure of their own. */
  #receiver = 0;
  #now = 0;
  #closing = false;

  constructor(target: LoadTarget, size: number) {
    this.#target = target;
    this.size = size;
    this.sent = new Int32Array(size);
    this.got = new Int32Array(size);
    this.stored = new Int32Array(size);
    this.#times = Array.from({ length: size }, () => new Float64Array(TIMES_KEPT));
    this.#cursorClocks = new Int32Array(size);
    this.#cursorTimes = Array.from({ length: size }, () => new Float64Array(TIMES_KEPT));
  }

  /** All edits sent. */
  get total(): number {
    return this.sent.reduce((sum, count) => sum + count, 0);
  }

  /** Connects and resolves when all have had their first sync. */
  connect(options: ConnectOptions): Promise<void> {
    const { from = 0, to = this.size, parallel = 50 } = options;
    let next = from;
    let synced = 0;
    return new Promise((resolve, reject) => {
      const late = setTimeout(
        () => reject(new Error(`${synced} of ${to - from} clients were synced in time; ${this.closeReason ?? ''}`)),
        CONNECT_MS,
      );
      const one = (): void => {
        if (next < to) this.#open(next++, options, done);
      };
      const done = (): void => {
        if (++synced < to - from) return one();
        clearTimeout(late);
        resolve();
      };
      for (let i = 0; i < Math.min(parallel, to - from); i++) one();
    });
  }

  /** A client types one more character. */
  readonly edit = (index: number): void => {
    const clock = this.sent[index] as number;
    this.sent[index] = clock + 1;
    const update = typingUpdate(CLIENT_BASE + index, clock);
    (this.#times[index] as Float64Array)[clock % TIMES_KEPT] = performance.now();
    const client = this.clients[index] as LoadClient;
    client.sendUpdate(update);
    if (client.full) Y.applyUpdate(client.full, update);
    this.edits++;
  };

  /** A client moves its cursor. */
  readonly cursor = (index: number): void => {
    const clock = (this.#cursorClocks[index] as number) + 1;
    this.#cursorClocks[index] = clock;
    const place = `{"type":null,"tname":"content","item":{"client":${CLIENT_BASE + index},"clock":${clock}},"assoc":0}`;
    const state = `{"user":{"name":"User ${index}","color":"#30bced"},"cursor":{"anchor":${place},"head":${place}}}`;
    (this.#cursorTimes[index] as Float64Array)[clock % TIMES_KEPT] = performance.now();
    this.clients[index]?.sendAwareness(awarenessUpdate(CLIENT_BASE + index, clock, state));
    this.cursorsSent++;
  };

  /** When a client sent an edit. */
  sentAt(index: number, clock: number): number {
    return (this.#times[index] as Float64Array)[clock % TIMES_KEPT] as number;
  }

  /** Sends at random moments. @returns milliseconds by which it was late at worst */
  async drive({ rate, seconds, seed, act }: Drive): Promise<number> {
    const random = seededRandom(seed);
    const gap = (): number => (-Math.log(1 - random.next()) / rate) * 1000;
    const start = performance.now();
    const end = start + seconds * 1000;
    let due = start + gap();
    let lag = 0;
    for (let now = start; now < end; now = performance.now()) {
      let count = 0;
      while (due <= now && due < end && count++ < CATCH_UP) {
        lag = Math.max(lag, performance.now() - due);
        act(random.below(this.size));
        due += gap();
      }
      if (count >= CATCH_UP) await new Promise((resolve) => setImmediate(resolve));
      else await sleep(1);
    }
    return lag;
  }

  /** Forgets what was counted, and counts from now on. */
  measure(): void {
    this.latency = new Histogram();
    this.storedLatency = new Histogram();
    this.cursorLatency = new Histogram();
    this.deliveries = this.messages = this.cursorsSeen = this.cursorMessages = 0;
    this.measuring = true;
  }

  get bytesIn(): number {
    return this.clients.reduce((sum, { socket }) => sum + socket.bytesIn, 0);
  }

  get framesIn(): number {
    return this.clients.reduce((sum, { socket }) => sum + socket.framesIn, 0);
  }

  /** From now on a closed connection is nobody's fault. */
  expectEnd(): void {
    this.#closing = true;
  }

  close(): void {
    this.expectEnd();
    for (const client of this.clients) client?.socket.destroy();
  }

  #open(index: number, { addressOf, stateVector, full = 0 }: ConnectOptions, done: () => void): void {
    const client = this.#target.connect({
      port: this.#target.port,
      relay: this.#target.relay,
      address: addressOf(index),
      ...(stateVector ? { stateVector } : {}),
      onSynced: (synced, update) => {
        if (synced.full) Y.applyUpdate(synced.full, Uint8Array.from(update));
        done();
      },
      onUpdate: this.#onUpdate,
      onAwareness: this.#onAwareness,
      onStored: this.#onStored,
      onClose: (_client, error) => {
        if (this.#closing) return;
        this.closed++;
        this.closeReason ??= String(error ?? 'closed without a reason');
      },
    });
    client.index = index;
    if (index < full) client.full = new Y.Doc();
    this.clients[index] = client;
  }

  readonly #onUpdate = (client: LoadClient, update: Uint8Array): void => {
    this.#receiver = client.index;
    this.#now = performance.now();
    this.messages++;
    walkUpdate(update, this.#visit);
    if (client.full) Y.applyUpdate(client.full, Uint8Array.from(update));
  };

  readonly #visit: TypedVisitor = (client, clock, length) => {
    const sender = client - CLIENT_BASE;
    // An echo is no delivery; its bytes and its CPU time count all the same.
    if (sender < 0 || sender >= this.size || sender === this.#receiver) return;
    this.got[this.#receiver] = (this.got[this.#receiver] as number) + length;
    if (!this.measuring) return;
    this.deliveries += length;
    for (let i = clock; i < clock + length; i++) this.latency.add(this.#now - this.sentAt(sender, i));
  };

  readonly #onAwareness = (client: LoadClient, update: Uint8Array): void => {
    this.#receiver = client.index;
    this.#now = performance.now();
    this.cursorMessages++;
    walkAwareness(update, this.#seeCursor);
  };

  readonly #seeCursor = (client: number, clock: number): void => {
    const sender = client - CLIENT_BASE;
    if (!this.measuring || sender < 0 || sender >= this.size || sender === this.#receiver) return;
    this.cursorsSeen++;
    this.cursorLatency.add(this.#now - ((this.#cursorTimes[sender] as Float64Array)[clock % TIMES_KEPT] as number));
  };

  readonly #onStored = ({ index }: LoadClient, sequence: number): void => {
    // An edit builds on the one before: if it is on disk, they all are.
    this.stored[index] = Math.max(this.stored[index] as number, sequence + 1);
    if (this.measuring) this.storedLatency.add(performance.now() - this.sentAt(index, sequence));
  };
}
