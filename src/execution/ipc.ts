// Frames between the server and a sandbox process: 4 bytes length (big endian), then that many bytes of JSON.
// The child is hostile: `parseFromChild` believes no field before it has looked at it.
import { ERROR_TEXT, OUTPUT_BATCH_CHARS, OUTPUT_BATCH_PIECES, RUN_CEILINGS, type RunLimits } from './limits.ts';
import { isResultTable, type ResultTable, TABLE_LIMITS } from './tables.ts';

export type Stream = 'stdout' | 'stderr' | 'system';

/** Why a run did not complete. */
export type ErrorKind = 'exception' | 'syntax' | 'memory' | 'output' | 'sandbox' | 'timeout' | 'cancelled';

/** An error as its user reads it: only the room's own files appear in it. */
export interface RunError {
  readonly kind: ErrorKind;
  readonly message: string;
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
  readonly stack?: string;
}

/** The order to run something. `files` are path and text. */
export interface RunFrame {
  readonly type: 'run';
  readonly run: number;
  readonly language: string;
  readonly entry: string;
  readonly files: readonly (readonly [path: string, text: string])[];
  /** Input that is there from the start. */
  readonly stdin: string;
  /** Whether more input may come, in frames; else it has ended after `stdin`. */
  readonly interactive: boolean;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly limits: RunLimits;
}

/** More input for the run under way. After `end` there is none. */
export interface InputFrame {
  readonly type: 'input';
  readonly run: number;
  readonly text: string;
  readonly end: boolean;
}

/** Asks for a `ready`: the first frame through a pipe is slow, and this one nobody waits for. */
export interface GreetFrame {
  readonly type: 'greet';
}

export type ToChild = RunFrame | InputFrame | GreetFrame;

/** One piece of a batch of output. */
export type OutputPiece = readonly [stream: Stream, text: string];

/** How the child saw the end of a run. Numbers are its claims. */
export interface DoneFrame {
  readonly type: 'done';
  readonly run: number;
  readonly error?: RunError;
  readonly value?: string;
  readonly tables?: readonly ResultTable[];
  readonly cpuMs: number;
  readonly heapBytes: number;
  readonly outputBytes: number;
  readonly truncated: boolean;
  /** False when the run may have harmed the process. */
  readonly reusable: boolean;
}

export type FromChild =
  | { readonly type: 'ready' }
  | { readonly type: 'output'; readonly run: number; readonly pieces: readonly OutputPiece[] }
  /** The program waits for input, and has had all of the `seen` frames of it that came. */
  | { readonly type: 'input'; readonly run: number; readonly seen: number }
  | { readonly type: 'fatal'; readonly run: number }
  | DoneFrame;

/** The other side broke the framing or sent something that is not in the contract. */
export class FrameError extends Error {}

const HEADER_BYTES = 4;

/**
 * Packs one message.
 * @throws FrameError when it is longer than `maxBytes`
 */
export function encodeFrame(message: ToChild | FromChild, maxBytes: number): Buffer {
  const body = Buffer.from(JSON.stringify(message));
  if (body.length > maxBytes) throw new FrameError(`frame of ${body.length} bytes`);
  const frame = Buffer.allocUnsafe(HEADER_BYTES + body.length);
  frame.writeUInt32BE(body.length, 0);
  body.copy(frame, HEADER_BYTES);
  return frame;
}

/** Puts frames together from the chunks of a pipe. Holds at most one frame plus one chunk. */
export class FrameReader {
  readonly #maxBytes: number;
  #parts: Buffer[] = [];
  #length = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /**
   * Takes a chunk and returns the messages that it completed, as parsed JSON.
   * @throws FrameError on a length that is too large or a body that is not JSON
   */
  push(chunk: Buffer): unknown[] {
    this.#parts.push(chunk);
    this.#length += chunk.length;
    const messages: unknown[] = [];
    for (
      let size = this.#nextSize();
      size !== undefined && this.#length >= HEADER_BYTES + size;
      size = this.#nextSize()
    ) {
      const all = this.#joined();
      messages.push(parseJson(all.subarray(HEADER_BYTES, HEADER_BYTES + size)));
      this.#parts = [all.subarray(HEADER_BYTES + size)];
      this.#length -= HEADER_BYTES + size;
    }
    return messages;
  }

  #nextSize(): number | undefined {
    if (this.#length < HEADER_BYTES) return undefined;
    const first = this.#parts[0]!;
    const size = (first.length >= HEADER_BYTES ? first : this.#joined()).readUInt32BE(0);
    if (size > this.#maxBytes) throw new FrameError(`frame of ${size} bytes announced`);
    return size;
  }

  #joined(): Buffer {
    if (this.#parts.length > 1) this.#parts = [Buffer.concat(this.#parts)];
    return this.#parts[0]!;
  }
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    throw new FrameError('frame is not JSON');
  }
}

/**
 * Checks a message of a child, field by field.
 * @throws FrameError when anything is missing, of another type or out of bounds
 */
export function parseFromChild(message: unknown): FromChild {
  const fields = record(message);
  switch (fields['type']) {
    case 'ready':
      return { type: 'ready' };
    case 'fatal':
      return { type: 'fatal', run: count(fields['run']) };
    case 'input':
      return { type: 'input', run: count(fields['run']), seen: count(fields['seen']) };
    case 'output':
      return { type: 'output', run: count(fields['run']), pieces: pieces(fields['pieces']) };
    case 'done':
      return done(fields);
    default:
      throw new FrameError('unknown frame');
  }
}

function done(fields: Record<string, unknown>): DoneFrame {
  const { error, value, tables } = fields;
  return {
    type: 'done',
    run: count(fields['run']),
    ...(error === undefined ? {} : { error: runError(record(error)) }),
    ...(value === undefined ? {} : { value: text(value, RUN_CEILINGS.resultChars) }),
    ...(tables === undefined ? {} : { tables: resultTables(tables) }),
    cpuMs: count(fields['cpuMs']),
    heapBytes: count(fields['heapBytes']),
    outputBytes: count(fields['outputBytes']),
    truncated: fields['truncated'] === true,
    reusable: fields['reusable'] === true,
  };
}

/** Their bytes are within those of the frame. */
function resultTables(value: unknown): ResultTable[] {
  if (!Array.isArray(value) || value.length > TABLE_LIMITS.tables || !value.every(isResultTable)) {
    throw new FrameError('bad tables');
  }
  return value.map(({ columns, rows, truncated, rowCount, line }) => {
    return { columns, rows, truncated, rowCount, ...(line === undefined ? {} : { line }) };
  });
}

const CHILD_KINDS: readonly string[] = ['exception', 'syntax', 'memory', 'output', 'timeout'] satisfies ErrorKind[];

function runError(fields: Record<string, unknown>): RunError {
  const { kind, file, line, column, stack } = fields;
  if (typeof kind !== 'string' || !CHILD_KINDS.includes(kind)) throw new FrameError('unknown kind of error');
  return {
    kind: kind as ErrorKind,
    message: text(fields['message'], ERROR_TEXT.message),
    ...(file === undefined ? {} : { file: text(file, ERROR_TEXT.message) }),
    ...(line === undefined ? {} : { line: count(line) }),
    ...(column === undefined ? {} : { column: count(column) }),
    ...(stack === undefined ? {} : { stack: text(stack, ERROR_TEXT.stack) }),
  };
}

function pieces(value: unknown): OutputPiece[] {
  if (!Array.isArray(value) || value.length === 0 || value.length > OUTPUT_BATCH_PIECES) {
    throw new FrameError('bad batch of output');
  }
  return value.map((piece: unknown) => {
    if (!Array.isArray(piece) || piece.length !== 2) throw new FrameError('bad piece of output');
    const [stream, words] = piece as [unknown, unknown];
    if (stream !== 'stdout' && stream !== 'stderr' && stream !== 'system') throw new FrameError('bad stream');
    return [stream, text(words, OUTPUT_BATCH_CHARS)];
  });
}

function record(value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new FrameError('not a record');
  return value as Record<string, unknown>;
}

function text(value: unknown, maxChars: number): string {
  if (typeof value !== 'string' || value.length > maxChars) throw new FrameError('bad text');
  return value;
}

function count(value: unknown): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) throw new FrameError('bad number');
  return value;
}
