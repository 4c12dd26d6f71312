// Rooms of a running server with somebody who runs things and somebody who looks on: a sample is the time from the call of
// the one to the first output at the other.
import { setTimeout as sleep } from 'node:timers/promises';
import { call, guest } from '../../support/api.ts';
import { type BareClient, bareClient, openDoc } from '../../support/bare-client.ts';
import { until } from '../../support/until.ts';

/** Milliseconds for one run, with the start of a process on a busy machine. */
const RUN_MS = 60_000;

let marks = 0;

/** Programs that print a mark. */
const PROGRAMS: Readonly<Record<string, (mark: string) => string>> = {
  javascript: (mark) => `console.log('${mark}')`,
  typescript: (mark) => `const mark: string = '${mark}';\nconsole.log(mark)`,
  python: (mark) => `print("${mark}")`,
  sql: (mark) => `select '${mark}' as mark`,
};

/** A room with two people. */
export class BenchRoom {
  readonly #id: string;
  readonly #runner: BareClient;
  readonly #watcher: BareClient;

  constructor(id: string, runner: BareClient, watcher: BareClient) {
    this.#id = id;
    this.#runner = runner;
    this.#watcher = watcher;
  }

  /** Runs once. @returns ms to the first output at the other, when the run has ended; infinity when it was refused */
  async run(language: string): Promise<number> {
    const mark = `mark-${++marks}.`;
    const code = PROGRAMS[language]?.(mark) ?? '';
    let first = Number.POSITIVE_INFINITY;
    const began = performance.now();
    const listen = (payload: { pieces?: readonly { text: string }[] }): void => {
      if (JSON.stringify(payload).includes(mark)) first = Math.min(first, performance.now() - began);
    };
    this.#watcher.socket.on('run.output', listen);
    const ended = new Set<string>();
    const end = ({ execution }: { execution: { id: string } }): void => void ended.add(execution.id);
    this.#runner.socket.on('run.finished', end);
    try {
      const answer = await this.#runner.call('run.start', { roomId: this.#id, code, language });
      if (!answer.ok) return first;
      // The end may be known to the one before the other has read the output.
      await until(() => ended.has(answer.data.execution.id) && first !== Number.POSITIVE_INFINITY, {
        timeoutMs: RUN_MS,
      });
      return first;
    } finally {
      this.#watcher.socket.off('run.output', listen);
      this.#runner.socket.off('run.finished', end);
      this.#watcher.events.length = 0;
      this.#runner.events.length = 0;
    }
  }

  /** One after the other, with pauses in which the server makes ready for the next, in ms. */
  async samples(language: string, count: number, pauseMs: number): Promise<number[]> {
    const found: number[] = [];
    for (let i = 0; i < count; i++) {
      await sleep(pauseMs);
      found.push(await this.run(language));
    }
    return found;
  }

  async load(): Promise<{ warm: number }> {
    return this.#runner.ask('run.load', { roomId: this.#id });
  }

  /** Makes a file and opens it. */
  async openFile(path: string): Promise<void> {
    const { file } = await this.#runner.ask('file.create', { roomId: this.#id, path, content: '' });
    await openDoc(this.#runner, file.id);
  }

  /** Somebody types and the other reads, until the signal. @returns ms from key to sight, of each key */
  async typing(everyMs: number, signal: AbortSignal): Promise<number[]> {
    const file = { roomId: this.#id, path: `notes-${++marks}.txt`, content: '' };
    const fileId = (await this.#runner.ask('file.create', file)).file.id;
    const writer = await openDoc(this.#runner, fileId);
    const reader = await openDoc(this.#watcher, fileId);
    const sent: number[] = [];
    const found: number[] = [];
    reader.doc.on('update', () => {
      while (found.length < reader.text.length) found.push(performance.now() - sent[found.length]!);
    });
    while (!signal.aborted) {
      sent.push(performance.now());
      writer.text.insert(writer.text.length, 'x');
      await sleep(everyMs);
    }
    await until(() => found.length === sent.length);
    return found;
  }

  close(): void {
    this.#runner.close();
    this.#watcher.close();
  }
}

/** Makes a room and joins it twice. */
export async function openBenchRoom(url: string): Promise<BenchRoom> {
  const [one, other] = await Promise.all([guest(url, 'Runner'), guest(url, 'Watcher')]);
  const body = { name: 'Bench', visibility: 'collaborative' };
  const { room } = (await call(url, 'POST /api/rooms', { token: one.token, body })).data;
  const clients: BareClient[] = [];
  for (const { token } of [one, other]) {
    const client = await bareClient(url, token);
    await client.ask('room.join', { roomCode: room.roomCode });
    clients.push(client);
  }
  return new BenchRoom(room.id, clients[0]!, clients[1]!);
}
