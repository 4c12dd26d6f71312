// One accepted run from its place in the queue to its end. Emits `finished` exactly once, whoever ends it.

import { AppError } from '../protocol/errors.ts';
import type { Outcome, Work, WorkListener } from './active-run.ts';
import type { OutputPiece, RunError, Stream } from './ipc.ts';
import { REQUEST_LIMITS, type RunLimits } from './limits.ts';
import type { Ticket } from './queue.ts';
import type { RunRequest } from './request.ts';
import type { ResultTable } from './tables.ts';

/**
 * In this order: `queued` (only when the run has to wait; again whenever its place changes, 1 is next), `started`,
 * `output` (`seq` counts from 0) and, in runs that are interactive, `input` (the program waits for input, then it does
 * not any more), `finished` exactly once and last.
 */
export type RunEvent =
  | { readonly type: 'queued'; readonly position: number }
  | { readonly type: 'started'; readonly sandboxId: string; readonly mode: RunMode; readonly queueMs: number }
  | { readonly type: 'output'; readonly seq: number; readonly stream: Stream; readonly text: string }
  | { readonly type: 'input'; readonly wanted: boolean }
  | { readonly type: 'finished'; readonly result: RunResult };

/** How a run ended. Times in ms, sizes in bytes. `value` is the last expression or the default export, formatted. */
export interface RunResult {
  readonly status: 'completed' | 'failed' | 'timeout' | 'cancelled';
  readonly error?: RunError;
  readonly value?: string;
  /** Results of queries, in their order; none where a run was ended from outside. */
  readonly tables?: readonly ResultTable[];
  readonly wallMs: number;
  /** The part of `wallMs` that it waited for input. */
  readonly inputMs: number;
  readonly cpuMs: number;
  readonly memoryBytes: number;
  readonly queueMs: number;
  readonly outputBytes: number;
  readonly outputTruncated: boolean;
}

type State =
  | { readonly kind: 'waiting'; readonly position: number }
  | { readonly kind: 'running'; readonly startedAt: number; readonly process: Runner }
  | { readonly kind: 'finished' };

/** How a run is kept apart: in a sandbox process, in a container, or by bubblewrap alone. */
export type RunMode = 'sandbox' | 'docker' | 'local';

/** What a run runs in. */
export interface Runner {
  readonly id: string;
  readonly mode: RunMode;
  /** What it has used so far, where it is no process of a pool. */
  readonly used?: { readonly cpuMs: number; readonly memoryBytes: number };
  run(work: Work, listener: WorkListener): Promise<Outcome>;
  input(text: string, end: boolean): void;
  kill(error: RunError): void;
}

/** What a run is made with besides its request. */
export interface RunPorts {
  readonly limits: RunLimits;
  now(): number;
  emit(event: RunEvent): void;
}

/** The outcome of a run that never began. */
export const NOTHING: Outcome = { cpuMs: 0, memoryBytes: 0, outputBytes: 0, truncated: false, inputMs: 0 };

export class Run implements Ticket {
  readonly #request: RunRequest;
  readonly #ports: RunPorts;
  readonly #queuedAt: number;
  #state: State = { kind: 'waiting', position: 0 };
  #queueMs = 0;
  #seq = 0;
  /** Input that came before there was a process to take it. */
  #early: { readonly text: string; readonly end: boolean }[] = [];
  #inputBytes = 0;
  #inputPieces = 0;
  #inputEnded = false;

  constructor(request: RunRequest, ports: RunPorts) {
    this.#request = request;
    this.#ports = ports;
    this.#queuedAt = ports.now();
  }

  get id(): string {
    return this.#request.id;
  }

  get language(): string {
    return this.#request.language;
  }

  get image(): string | undefined {
    return this.#request.image;
  }

  get roomId(): string {
    return this.#request.roomId;
  }

  get userId(): string {
    return this.#request.userId;
  }

  /** Tells the owner the place in the queue, when it is another than before. */
  waitAt(position: number): void {
    if (this.#state.kind !== 'waiting' || this.#state.position === position) return;
    this.#state = { kind: 'waiting', position };
    this.#ports.emit({ type: 'queued', position });
  }

  /** Runs in this process, unless it was cancelled meanwhile; `finish` is for the caller to do. */
  async runIn(process: Runner): Promise<Outcome> {
    if (this.#state.kind !== 'waiting') return NOTHING;
    const { language, entry, files, stdin = '', interactive = false, args = [], env = {} } = this.#request;
    const startedAt = this.#ports.now();
    this.#queueMs = startedAt - this.#queuedAt;
    this.#state = { kind: 'running', startedAt, process };
    const { id: sandboxId, mode } = process;
    this.#ports.emit({ type: 'started', sandboxId, mode, queueMs: Math.round(this.#queueMs) });
    const program = { language, entry, files: Object.entries(files), args, env };
    const work = { ...program, stdin, interactive, limits: this.#ports.limits };
    const outcome = process.run(work, {
      output: (pieces) => this.#output(pieces),
      input: (wanted) => this.#ports.emit({ type: 'input', wanted }),
    });
    for (const { text, end } of this.#early.splice(0)) process.input(text, end);
    return outcome;
  }

  /**
   * Takes more input; a run that still waits in line keeps it. Nothing happens when the run has ended.
   * @throws AppError `conflict` when this run takes none, or none any more; `too_large`
   */
  input(text: string, end: boolean): void {
    if (this.#request.interactive !== true) throw new AppError('conflict', 'this run takes no input while it runs');
    if (this.#inputEnded) throw new AppError('conflict', 'the input of this run has ended');
    const { inputBytes, inputPieces } = REQUEST_LIMITS;
    if (this.#inputBytes + Buffer.byteLength(text) > inputBytes || this.#inputPieces >= inputPieces) {
      throw new AppError('too_large', `at most ${inputBytes / 1024} kB of input while a run goes on`, {
        limit: inputBytes,
      });
    }
    this.#inputBytes += Buffer.byteLength(text);
    this.#inputPieces++;
    this.#inputEnded = end;
    if (this.#state.kind === 'running') this.#state.process.input(text, end);
    else this.#early.push({ text, end });
  }

  /** Ends the run from outside: at once when it waits, with its process when it runs. */
  cancel(error: RunError): void {
    if (this.#state.kind === 'running') this.#state.process.kill(error);
    else this.finish({ ...NOTHING, error });
  }

  #output(pieces: readonly OutputPiece[]): void {
    for (const [stream, text] of pieces) this.#ports.emit({ type: 'output', seq: this.#seq++, stream, text });
  }

  /** Tells the end. Nothing happens when that was told before. */
  finish(outcome: Outcome): void {
    const { kind } = this.#state;
    if (kind === 'finished') return;
    const now = this.#ports.now();
    const wallMs = this.#state.kind === 'running' ? now - this.#state.startedAt : 0;
    if (kind === 'waiting') this.#queueMs = now - this.#queuedAt;
    this.#state = { kind: 'finished' };
    this.#ports.emit({ type: 'finished', result: this.#result(outcome, wallMs) });
  }

  #result(outcome: Outcome, wallMs: number): RunResult {
    return {
      status: statusOf(outcome.error),
      ...(outcome.error === undefined ? {} : { error: outcome.error }),
      ...(outcome.value === undefined ? {} : { value: outcome.value }),
      ...(outcome.tables === undefined ? {} : { tables: outcome.tables }),
      wallMs: Math.round(wallMs),
      inputMs: Math.round(outcome.inputMs),
      cpuMs: Math.round(outcome.cpuMs),
      memoryBytes: outcome.memoryBytes,
      queueMs: Math.round(this.#queueMs),
      outputBytes: outcome.outputBytes,
      outputTruncated: outcome.truncated,
    };
  }
}

function statusOf(error: RunError | undefined): RunResult['status'] {
  switch (error?.kind) {
    case undefined:
      return 'completed';
    case 'timeout':
    case 'cancelled':
      return error!.kind as 'timeout' | 'cancelled';
    default:
      return 'failed';
  }
}
