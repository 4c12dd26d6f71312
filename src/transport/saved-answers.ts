// The answers to edits of one socket: what one commit saved is written at once, as the frames that Socket.io would send.
// Nothing is made for an edit but its number: thousands wait at once when many type.
import type { Socket } from 'socket.io';
import { writeToWebSocket } from './socket-wire.ts';
import { encodeText } from './web-socket-frames.ts';

/** What an edit is answered with once it is committed. */
export const SAVED = Object.freeze({ saved: true });
/** Behind engine.io's `4` (message) and Socket.io's `3` (answer) with the id. */
const BODY = JSON.stringify([{ ok: true, data: SAVED }]);

interface Waiting {
  /** Of the answer. */
  readonly id: number;
  /** Gives an answer the ordinary way; that the edit is saved when there is no error. */
  readonly reply: (error?: unknown) => void;
}

export class SavedAnswers {
  readonly #socket: Socket;
  /** The edits that were sent last, and what they wait for. */
  #saved: Promise<void> | undefined;
  #waiting: Waiting[] = [];

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** Answers an edit when it is saved, or refused. */
  add(saved: Promise<void>, edit: Waiting): void {
    if (saved === this.#saved) {
      this.#waiting.push(edit);
      return;
    }
    const waiting = [edit];
    this.#saved = saved;
    this.#waiting = waiting;
    saved.then(
      () => this.#write(waiting),
      (error: unknown) => {
        for (const { reply } of waiting) reply(error);
      },
    );
  }

  #write(waiting: readonly Waiting[]): void {
    // Nothing is added any more: the promise is kept, and its edits would be.
    if (waiting === this.#waiting) this.#saved = undefined;
    const frames = waiting.map(({ id }) => encodeText(`43${id}${BODY}`));
    const bytes = frames.length === 1 ? (frames[0] as Buffer) : Buffer.concat(frames);
    if (!writeToWebSocket(this.#socket, bytes)) for (const { reply } of waiting) reply();
  }
}
