// What a stock client lacks, sent in pieces and no faster than it reads. Its edits of others wait meanwhile: they build
// on what it does not have yet.
//
// Stock providers take a connection for dead when 30 s pass without a whole message, and come back to ask for all of it
// again: sent at once, a large document over a slow line would start over for ever. A WebSocket answers every ping in
// its turn, so the answer to a ping behind a piece says that the piece was read.
import type { WebSocket } from 'ws';
import { TRANSPORT } from './limits.ts';
import { stepTwoMessage, updateMessage } from './sync-wire.ts';

export interface FirstSyncPorts<F> {
  readonly socket: Pick<WebSocket, 'send' | 'ping'>;
  /** Sends what was held. */
  readonly release: (frame: F) => void;
  /** Too much is held: the client comes back later. */
  readonly overflow: () => void;
}

export class FirstSync<F> {
  readonly #ports: FirstSyncPorts<F>;
  #state: 'unasked' | 'sending' | 'done' = 'unasked';
  #pieces: Iterator<Uint8Array> = [].values();
  #next: IteratorResult<Uint8Array> = { done: true, value: undefined };
  /** When the pieces were sent that the client has not read, oldest first. */
  #unread: number[] = [];
  #window: number = TRANSPORT.piecesUnread;
  /** Tells answers to an earlier sync from those to this one. */
  #run = 0;
  #held: F[] = [];
  #heldBytes = 0;

  constructor(ports: FirstSyncPorts<F>) {
    this.#ports = ports;
  }

  /** Sends a difference. The last piece is what makes the provider `synced`. */
  start(pieces: Iterable<Uint8Array>): void {
    this.#state = 'sending';
    this.#run = (this.#run + 1) % 256;
    this.#pieces = pieces[Symbol.iterator]();
    this.#next = this.#pieces.next();
    this.#unread = [];
    // The difference has them.
    this.#held = [];
    this.#heldBytes = 0;
    this.#fill();
  }

  /** Whether an edit may go out now; if not it goes out later, or is in the difference to come. */
  admits(frame: F, bytes: number): boolean {
    if (this.#state === 'done') return true;
    if (this.#state === 'unasked') return false;
    this.#held.push(frame);
    this.#heldBytes += bytes;
    if (this.#heldBytes > TRANSPORT.stuckBytes) this.#ports.overflow();
    return false;
  }

  /** The client has answered a ping. */
  answered(payload: Uint8Array): void {
    if (this.#state !== 'sending' || payload.length !== 1 || payload[0] !== this.#run) return;
    const sentAt = this.#unread.shift() ?? 0;
    const swift = performance.now() - sentAt < TRANSPORT.swiftMs;
    if (swift) this.#window = Math.min(this.#window + 1, TRANSPORT.piecesUnreadAtMost);
    else this.#window = TRANSPORT.piecesUnread;
    this.#fill();
  }

  #fill(): void {
    while (!this.#next.done && this.#unread.length < this.#window) {
      const piece = this.#next.value;
      this.#next = this.#pieces.next();
      if (this.#next.done) return this.#finish(piece);
      this.#ports.socket.send(updateMessage(piece));
      this.#ports.socket.ping(Uint8Array.of(this.#run));
      this.#unread.push(performance.now());
    }
  }

  #finish(last: Uint8Array): void {
    this.#ports.socket.send(stepTwoMessage(last));
    this.#state = 'done';
    this.#heldBytes = 0;
    for (const frame of this.#held.splice(0)) this.#ports.release(frame);
  }
}
