// One’s own edits of a document on their way to the server, and which of them are acknowledged.
//
// Edits of one turn go out together in the microtask after it when nothing is on the wire, else together after a short
// window: the first key is never late and a burst is few messages. Waiting for the acknowledgement instead would make
// others see the text only after the commit.
//
// Invariant: an edit counts as acknowledged when the batch it went out in was, and only if every edit before it is.
// After a failure nothing is repeated: the owner resumes with the difference to what the server then has.
import * as Y from 'yjs';
import { asCoderoomError, type CoderoomError } from './errors.ts';

/** Milliseconds that edits are collected for while a batch is on the wire: one frame of a screen. */
const WINDOW_MS = 15;
/** Batches on the wire from which the server is taken to be behind, and the window then, in milliseconds. */
const CROWDED = 8;
const CROWDED_WINDOW_MS = 250;
/** Milliseconds without an acknowledgement after which people are told that their edits are not saved. */
const OVERDUE_MS = 2_000;

export interface OutgoingPort {
  /** Resolves when the update is committed. */
  send(update: Uint8Array): Promise<unknown>;
  /** A batch was not taken; sending has stopped. */
  failed(error: CoderoomError): void;
  /** `pending` or `overdue` may have changed. */
  changed(): void;
}

interface Batch {
  /** Number of the last edit in it. */
  readonly through: number;
  acknowledged: boolean;
}

interface Waiter {
  readonly through: number;
  readonly resolve: () => void;
  readonly reject: (error: CoderoomError) => void;
}

export class Outgoing {
  readonly #doc: Y.Doc;
  readonly #port: OutgoingPort;
  /** Edits so far, and how many of the first of them are acknowledged. */
  #edits = 0;
  #acknowledged = 0;
  #queue: Uint8Array[] = [];
  /** In the order they were sent; a new list after every stop, so that late answers find theirs gone. */
  #wire: Batch[] = [];
  #flowing = false;
  #window: ReturnType<typeof setTimeout> | undefined;
  #microtask = false;
  #overdueTimer: ReturnType<typeof setTimeout> | undefined;
  #overdue = false;
  #waiters: Waiter[] = [];

  constructor(doc: Y.Doc, port: OutgoingPort) {
    this.#doc = doc;
    this.#port = port;
  }

  /** Edits that are not acknowledged. */
  get pending(): number {
    return this.#edits - this.#acknowledged;
  }

  /** Edits that are neither acknowledged nor on the wire. */
  get unsent(): number {
    return this.#edits - (this.#wire.at(-1)?.through ?? this.#acknowledged);
  }

  /** Whether edits wait and nothing was acknowledged for longer than usual. */
  get overdue(): boolean {
    return this.#overdue;
  }

  add(update: Uint8Array): void {
    this.#edits++;
    if (this.#overdueTimer === undefined) this.#watch();
    if (this.#flowing) {
      this.#queue.push(update);
      this.#schedule();
    }
    this.#port.changed();
  }

  /** Stops sending but goes on taking answers; what has not been sent yet will not be saved, for this reason. */
  pause(error: CoderoomError): void {
    this.#flowing = false;
    this.#queue = [];
    clearTimeout(this.#window);
    this.#window = undefined;
    this.giveUp(error, this.#edits - this.unsent);
  }

  /** Stops sending. Answers still to come are ignored; what is pending has to be sent as a difference. */
  hold(): void {
    this.#flowing = false;
    this.#queue = [];
    this.#wire = [];
    clearTimeout(this.#window);
    this.#window = undefined;
  }

  /**
   * Starts sending, first of all what a server with this state vector lacks. What is pending goes out even if the
   * server seems to have it: only an acknowledgement says that it is committed.
   */
  resume(stateVector: Uint8Array): void {
    this.hold();
    this.#flowing = true;
    if (this.pending === 0 && !this.#hasMoreThan(stateVector)) return;
    this.#watch();
    this.#transmit(Y.encodeStateAsUpdate(this.#doc, stateVector));
  }

  /** Sends what is queued now. */
  flush(): void {
    clearTimeout(this.#window);
    this.#window = undefined;
    const [first, ...more] = this.#queue;
    if (!first) return;
    this.#queue = [];
    this.#transmit(more.length === 0 ? first : Y.mergeUpdates([first, ...more]));
  }

  /** Resolves when all edits until now are acknowledged. */
  saved(): Promise<void> {
    if (this.pending === 0) return Promise.resolve();
    const through = this.#edits;
    return new Promise((resolve, reject) => this.#waiters.push({ through, resolve, reject }));
  }

  /** Tells those who wait for an edit after the given one that it will not be saved. */
  giveUp(error: CoderoomError, after = 0): void {
    const waiters = this.#waiters;
    this.#waiters = waiters.filter(({ through }) => through <= after);
    for (const waiter of waiters) if (waiter.through > after) waiter.reject(error);
  }

  destroy(error: CoderoomError): void {
    this.hold();
    clearTimeout(this.#overdueTimer);
    this.giveUp(error);
  }

  #hasMoreThan(stateVector: Uint8Array): boolean {
    const theirs = Y.decodeStateVector(stateVector);
    const ours = Y.decodeStateVector(Y.encodeStateVector(this.#doc));
    return [...ours].some(([client, clock]) => clock > (theirs.get(client) ?? 0));
  }

  #schedule(): void {
    if (this.#microtask || this.#window !== undefined) return;
    if (this.#wire.length > 0) {
      const wait = this.#wire.length < CROWDED ? WINDOW_MS : CROWDED_WINDOW_MS;
      this.#window = setTimeout(() => this.flush(), wait);
      return;
    }
    this.#microtask = true;
    queueMicrotask(() => {
      this.#microtask = false;
      this.flush();
    });
  }

  #transmit(update: Uint8Array): void {
    const wire = this.#wire;
    const batch: Batch = { through: this.#edits, acknowledged: false };
    wire.push(batch);
    this.#port.send(update).then(
      () => {
        if (wire === this.#wire) this.#accept(batch);
      },
      (error: unknown) => {
        if (wire === this.#wire) this.#fail(asCoderoomError(error));
      },
    );
  }

  #accept(batch: Batch): void {
    batch.acknowledged = true;
    while (this.#wire[0]?.acknowledged) this.#acknowledged = this.#wire.shift()!.through;
    this.#watch();
    const done = this.#waiters.filter(({ through }) => through <= this.#acknowledged);
    this.#waiters = this.#waiters.filter(({ through }) => through > this.#acknowledged);
    for (const { resolve } of done) resolve();
    if (this.#wire.length === 0) this.flush();
    this.#port.changed();
  }

  #fail(error: CoderoomError): void {
    this.hold();
    this.#port.failed(error);
  }

  /** Starts the time anew in which the next acknowledgement is expected, if any is. */
  #watch(): void {
    clearTimeout(this.#overdueTimer);
    this.#overdue = false;
    this.#overdueTimer = undefined;
    if (this.pending === 0) return;
    this.#overdueTimer = setTimeout(() => {
      this.#overdue = true;
      this.#port.changed();
    }, OVERDUE_MS);
  }
}
