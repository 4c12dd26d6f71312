// The answers to edits of one socket: what one commit saved is written at once, as the frames that Socket.io would send.
import type { Socket } from 'socket.io';
import { writeToWebSocket } from './socket-wire.ts';
import { encodeText } from './web-socket-frames.ts';

/** What an edit is answered with once it is committed. */
export const SAVED = Object.freeze({ saved: true });
/** Behind engine.io's `4` (message) and Socket.io's `3` (answer) with the id. */
const BODY = JSON.stringify([{ ok: true, data: SAVED }]);

export class SavedAnswers {
  readonly #socket: Socket;
  #waiting: { readonly id: number; readonly reply: () => void }[] = [];

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /**
   * @param id of the answer
   * @param reply gives the same answer the ordinary way
   */
  add(id: number, reply: () => void): void {
    // All promises of one commit are settled before the next tick.
    if (this.#waiting.push({ id, reply }) === 1) process.nextTick(() => this.#flush());
  }

  #flush(): void {
    const answers = this.#waiting;
    this.#waiting = [];
    const frames = answers.map(({ id }) => encodeText(`43${id}${BODY}`));
    const bytes = frames.length === 1 ? (frames[0] as Buffer) : Buffer.concat(frames);
    if (!writeToWebSocket(this.#socket, bytes)) for (const { reply } of answers) reply();
  }
}
