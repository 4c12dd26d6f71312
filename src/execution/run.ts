// One accepted run from its place in the queue to its end. Emits `finished` exactly once, whoever ends it.
import type { OutputPiece, RunError, Stream } from './ipc.ts';
import type { RunLimits } from './limits.ts';
import type { Ticket } from './queue.ts';
import type { RunRequest } from './request.ts';
import type { Outcome, SandboxProcess } from './sandbox-process.ts';

/**
 * In this order: `queued` (only when the run has to wait; again whenever its place changes, 1 is next), `started`,
 * `output` (`seq` counts from 0), `finished` exactly once and last.
 */
export type RunEvent =
  | { readonly type: 'queued'; readonly position: number }
  | { readonly type: 'started'; readonly sandboxId: string; readonly queueMs: number }
  | { readonly type: 'output'; readonly seq: number; readonly stream: Stream; readonly text: string }
  | { readonly type: 'finished'; readonly result: RunResult };

/** How a run ended. Times in ms, sizes in bytes. `value` is the last expression or the default export, formatted. */
export interface RunResult {
  readonly status: 'completed' | 'failed' | 'timeout' | 'cancelled';
  readonly error?: RunError;
  readonly value?: string;
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly memoryBytes: number;
  readonly queueMs: number;
  readonly outputBytes: number;
  readonly outputTruncated: boolean;
}

type State =
  | { readonly kind: 'waiting'; readonly position: number }
  | { readonly kind: 'running'; readonly startedAt: number; readonly process: SandboxProcess }
  | { readonly kind: 'finished' };

/** What a run is made with besides its request. */
export interface RunPorts {
  readonly limits: RunLimits;
  now(): number;
  emit(event: RunEvent): void;
}

/** The outcome of a run that never began. */
export const NOTHING: Outcome = { cpuMs: 0, memoryBytes: 0, outputBytes: 0, truncated: false };

export class Run implements Ticket {
  readonly #request: RunRequest;
  readonly #ports: RunPorts;
  readonly #queuedAt: number;
  #state: State = { kind: 'waiting', position: 0 };
  #queueMs = 0;
  #seq = 0;

  constructor(request: RunRequest, ports: RunPorts) {
    this.#request = request;
    this.#ports = ports;
    this.#queuedAt = ports.now();
  }

  get id(): string {
    return this.#request.id;
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
  async runIn(process: SandboxProcess): Promise<Outcome> {
    if (this.#state.kind !== 'waiting') return NOTHING;
    const { language, entry, files, stdin = '' } = this.#request;
    const startedAt = this.#ports.now();
    this.#queueMs = startedAt - this.#queuedAt;
    this.#state = { kind: 'running', startedAt, process };
    this.#ports.emit({ type: 'started', sandboxId: process.id, queueMs: Math.round(this.#queueMs) });
    const work = { language, entry, files: Object.entries(files), stdin, limits: this.#ports.limits };
    return process.run(work, (pieces) => this.#output(pieces));
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
      wallMs: Math.round(wallMs),
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
