// The output of one run on the child's side: the first piece leaves at once, later ones every 40 ms, up to a limit.
import type { OutputPiece, Stream } from './ipc.ts';
import { OUTPUT_BATCH_CHARS, OUTPUT_BATCH_MS, OUTPUT_BATCH_PIECES, OUTPUT_FLOOD_FACTOR } from './limits.ts';

/** Where batches go, and who is told when a run writes on and on after its limit. */
export interface OutputSink {
  send(pieces: readonly OutputPiece[]): void;
  flooded(): void;
}

/** Collects, counts and cuts the output of one run. */
export class OutputBatch {
  readonly #sink: OutputSink;
  #limit: number;
  #pieces: [Stream, string][] = [];
  #chars = 0;
  #lastSent = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;
  #bytes = 0;
  #closed = false;

  constructor(limitBytes: number, sink: OutputSink) {
    this.#limit = limitBytes;
    this.#sink = sink;
  }

  /** Bytes written by the run, the dropped ones too. */
  get bytes(): number {
    return this.#bytes;
  }

  get truncated(): boolean {
    return this.#bytes > this.#limit;
  }

  write(stream: Stream, text: string): void {
    if (this.#closed || text === '') return;
    const before = this.#bytes;
    const size = Buffer.byteLength(text);
    this.#bytes += size;
    if (this.#bytes <= this.#limit) this.#add(stream, text);
    else if (before <= this.#limit) this.#cut(stream, text, this.#limit - before);
    else if (this.#bytes > this.#limit * (1 + OUTPUT_FLOOD_FACTOR)) {
      this.close();
      this.#sink.flooded();
    }
  }

  /** Sends what is left and takes nothing more. */
  close(): void {
    this.flush();
    this.#closed = true;
  }

  #cut(stream: Stream, text: string, room: number): void {
    this.#add(stream, Buffer.from(text).subarray(0, room).toString('utf8'));
    this.#add('system', `[output cut after ${Math.round(this.#limit / 1024)} kB]\n`);
  }

  #add(stream: Stream, text: string): void {
    for (let at = 0; at < text.length; ) {
      const part = text.slice(at, at + OUTPUT_BATCH_CHARS - this.#chars);
      this.#put(stream, part);
      at += part.length;
      if (this.#chars >= OUTPUT_BATCH_CHARS) this.flush();
    }
    if (this.#chars > 0) this.#schedule();
  }

  #put(stream: Stream, text: string): void {
    this.#chars += text.length;
    const last = this.#pieces.at(-1);
    // A flood that alternates between the streams would make one event per line: from here on order is by stream.
    const full = this.#pieces.length >= OUTPUT_BATCH_PIECES - 2;
    const target =
      last?.[0] === stream ? last : full ? this.#pieces.findLast(([other]) => other === stream) : undefined;
    if (target === undefined) this.#pieces.push([stream, text]);
    else target[1] += text;
  }

  #schedule(): void {
    const wait = this.#lastSent + OUTPUT_BATCH_MS - performance.now();
    if (wait <= 0) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), wait);
  }

  /** Sends what there is, without waiting for more. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#chars === 0) return;
    const pieces = this.#pieces;
    this.#pieces = [];
    this.#chars = 0;
    this.#lastSent = performance.now();
    this.#sink.send(pieces);
  }
}
