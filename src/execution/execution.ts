// The engine that runs other people's code: takes requests, lines them up, reports events. Start reading here.
import { randomUUID } from 'node:crypto';
import type { Log } from '../observe/log.ts';
import { AppError } from '../protocol/errors.ts';
import type { Outcome } from './active-run.ts';
import { Elsewhere } from './elsewhere.ts';
import type { GuestKind } from './guest.ts';
import { LANGUAGES, type Language, type OwnLanguage } from './languages/catalog.ts';
import {
  type PoolLimits,
  PYTHON_LIMITS,
  QUEUE_LIMITS,
  type QueueLimits,
  RUN_CEILINGS,
  RUN_LIMITS,
  type RunLimits,
  runLimits,
} from './limits.ts';
import { StartError } from './pool.ts';
import type { PoolStats, SandboxState } from './pool-stats.ts';
import { Pools } from './pools.ts';
import { type Refusal, RunQueue } from './queue.ts';
import { checkRequest, type RunRequest } from './request.ts';
import { NOTHING, Run, type RunEvent } from './run.ts';

export type { RunLimits } from './limits.ts';
export type { SandboxState } from './pool-stats.ts';
export type { RunRequest } from './request.ts';
export type { RunEvent, RunResult } from './run.ts';

/** Whether a language can be used now. */
export interface LanguageState extends Language {
  readonly available: boolean;
  readonly reason?: string;
}

export interface ExecutionStats extends PoolStats {
  readonly running: number;
  readonly waiting: number;
  /** Runs that wait for a person's input and do not count as running. */
  readonly parked: number;
}

export interface Execution {
  /**
   * Accepts a run; events follow, `queued` perhaps before this returns.
   * @throws AppError invalid_input, too_large, language_unavailable, queue_full, draining
   */
  start(request: RunRequest, on: (event: RunEvent) => void): void;
  /** Ends a run that waits or runs; false when there is none of this id. */
  cancel(id: string, reason?: string): boolean;
  /**
   * Gives a run that is `interactive` more input, waiting in line or running; its program reads whole lines. After
   * `end` there is none. False when there is no run of this id.
   * @throws AppError conflict when this run takes none, or none any more; too_large
   */
  input(id: string, text: string, options?: { readonly end?: boolean }): boolean;
  languages(): readonly LanguageState[];
  /** Somebody will run a file of this name soon: what takes long to start is started. */
  expect(path: string): void;
  stats(): ExecutionStats;
  /** Every sandbox that is not known to be gone, with what it uses now. Reads /proc once for each. */
  sandboxes(): readonly SandboxState[];
  /** Resolves when the warm processes are ready. */
  ready(): Promise<void>;
  /** Cancels what waits and runs, ends every child, resolves when all are gone. */
  close(): Promise<void>;
}

export interface ExecutionOptions {
  readonly log: Log;
  /** Ends every process after one run. */
  readonly oneShot?: boolean;
  /** Limits of a run that wishes for nothing. */
  readonly limits?: Partial<RunLimits>;
  readonly queue?: Partial<QueueLimits>;
  readonly pool?: Partial<PoolLimits>;
  /** Where Python's processes are kept otherwise than `PYTHON_POOL_LIMITS` says. */
  readonly pythonPool?: Partial<PoolLimits>;
  /** A folder for what can be made again: the snapshot of Python. One of the system's for such things when left out. */
  readonly cacheFolder?: string;
  /** The Node.js binary of the children; this process's own when left out. */
  readonly execPath?: string;
  /** A Docker-compatible engine for the languages of containers/languages.ts; `true` is the one that DOCKER_HOST names. */
  readonly containers?: string | true;
  /** Ids of languages that run by this machine's interpreters (local/languages.ts), before any other way to run them. */
  readonly local?: readonly string[];
  /** The path of bubblewrap; the system's when left out. */
  readonly bwrap?: string;
  /** Told once how sandboxes are kept apart here, and which stricter ways do not work. */
  readonly onIsolation?: (isolation: ExecutionStats['isolation'], skipped: ExecutionStats['skipped']) => void;
  /** Milliseconds from any start. */
  readonly now?: () => number;
  readonly newId?: () => string;
}

const REFUSALS: Readonly<Record<Refusal, string>> = {
  user: 'you have too many runs waiting already',
  room: 'this room has too many runs waiting already',
  server: 'the server has too many runs waiting already',
};

/**
 * Opens the engine. Processes start in the background; nothing here throws when they cannot.
 * @throws LocalModeError when local runs are asked for where they cannot be kept apart
 */
export function openExecution(options: ExecutionOptions): Execution {
  return new SandboxExecution(options);
}

class SandboxExecution implements Execution {
  readonly #log: Log;
  readonly #defaults: RunLimits;
  readonly #queue: RunQueue<Run>;
  readonly #pool: Pools;
  readonly #now: () => number;
  readonly #elsewhere: Elsewhere;
  readonly #runs = new Map<string, Run>();
  #closed: Promise<void> | undefined;

  constructor(options: ExecutionOptions) {
    this.#log = options.log;
    this.#now = options.now ?? (() => performance.now());
    this.#defaults = runLimits(options.limits, RUN_LIMITS);
    this.#queue = new RunQueue({ ...QUEUE_LIMITS, ...options.queue });
    const bwrap = options.bwrap === undefined ? {} : { bwrap: options.bwrap };
    const tools = { execPath: options.execPath ?? process.execPath, ...bwrap };
    const { log, containers, local, newId = randomUUID } = options;
    this.#elsewhere = new Elsewhere({ log, containers, local, tools, newId });
    this.#pool = new Pools({
      log: options.log,
      limits: options.pool ?? {},
      pythonLimits: options.pythonPool ?? {},
      cacheFolder: options.cacheFolder,
      tools,
      oneShot: options.oneShot ?? false,
      newId,
      onIsolation: (isolation, skipped) => {
        options.log.info({ isolation, skipped }, 'how runs are kept apart from the server');
        options.onIsolation?.(isolation, skipped);
      },
    });
  }

  start(request: RunRequest, on: (event: RunEvent) => void): void {
    if (this.#closed !== undefined) throw new AppError('draining', 'the server is closing');
    this.#checkLanguage(request);
    checkRequest(request);
    if (this.#runs.has(request.id)) throw new AppError('invalid_input', 'a run of this id is under way');
    const run = new Run(request, {
      limits: limitsOf(request, this.#defaults),
      now: this.#now,
      emit: (event) => this.#emit(run, on, event),
    });
    const refusal = this.#queue.add(run);
    if (refusal !== undefined) throw new AppError('queue_full', REFUSALS[refusal], { limit: refusal });
    this.#runs.set(run.id, run);
    this.#pump();
  }

  cancel(id: string, reason = 'cancelled'): boolean {
    const run = this.#runs.get(id);
    if (run === undefined) return false;
    const wasWaiting = this.#queue.remove(id) !== undefined;
    run.cancel({ kind: 'cancelled', message: reason });
    if (wasWaiting) this.#pump();
    return true;
  }

  input(id: string, text: string, { end = false } = {}): boolean {
    const run = this.#runs.get(id);
    run?.input(text, end);
    return run !== undefined;
  }

  languages(): readonly LanguageState[] {
    const trouble = (kind: GuestKind): string | undefined =>
      this.#pool.trouble(kind) === undefined ? undefined : 'the sandbox cannot be started';
    const own = LANGUAGES.map((language) => stateOf(language, trouble(language.kind)));
    const { local, boxed } = this.#elsewhere;
    const [before, after] = [local, boxed].map((some) => some.map((each) => stateOf(each.language, each.whyNot())));
    return [...before!, ...own, ...after!];
  }

  expect(path: string): void {
    const language = LANGUAGES.find(({ extensions }) => extensions.some((ending) => path.endsWith(ending)));
    if (language !== undefined && this.#closed === undefined) this.#pool.expect(language.kind);
  }

  stats(): ExecutionStats {
    const { running, waiting, parked } = this.#queue;
    return { running, waiting, parked, ...this.#pool.stats };
  }

  sandboxes(): readonly SandboxState[] {
    return [...this.#pool.sandboxes(), ...this.#elsewhere.sandboxes()];
  }

  ready(): Promise<void> {
    return Promise.all([this.#pool.filled, this.#elsewhere.ready]).then(() => {});
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    for (const id of this.#runs.keys()) this.cancel(id, 'the server is closing');
    this.#elsewhere.close();
    await this.#pool.close();
  }

  /** Starts what may start, and tells those who still wait where they stand now. */
  #pump(): void {
    for (let run = this.#queue.take(); run !== undefined; run = this.#queue.take()) void this.#dispatch(run);
    this.#queue.order().forEach((run, index) => {
      run.waitAt(index + 1);
    });
  }

  async #dispatch(run: Run): Promise<void> {
    const outcome = await this.#outcome(run);
    this.#queue.done(run);
    run.finish(outcome);
    this.#pump();
  }

  async #outcome(run: Run): Promise<Outcome> {
    try {
      const elsewhere = this.#elsewhere.find(run.language, run.image);
      if (elsewhere !== undefined) return await this.#elsewhere.run(run, elsewhere);
      const process = await this.#pool.acquire(ownLanguage(run.language)!.kind, run.roomId);
      try {
        return await run.runIn(process);
      } finally {
        this.#pool.release(process);
      }
    } catch (error) {
      this.#log.error({ run: run.id, error }, 'run could not be started');
      const message = error instanceof StartError ? error.message : 'the sandbox failed';
      return { ...NOTHING, error: { kind: 'sandbox', message } };
    }
  }

  /** @throws AppError language_unavailable with the reason, where there is one */
  #checkLanguage({ language, image }: RunRequest): void {
    const elsewhere = this.#elsewhere.find(language, image);
    const reason = elsewhere?.whyNot(image);
    const known = elsewhere === undefined ? ownLanguage(language) !== undefined : true;
    const hasImage = image === undefined || elsewhere?.hasImage === true;
    if (known && hasImage && reason === undefined) return;
    const message = `this language cannot be run here${reason === undefined ? '' : `: ${reason}`}`;
    throw new AppError('language_unavailable', message, { language: language.slice(0, 50) });
  }

  #emit(run: Run, on: (event: RunEvent) => void, event: RunEvent): void {
    if (event.type === 'finished') this.#runs.delete(run.id);
    try {
      on(event);
    } catch (error) {
      this.#log.error({ run: run.id, event: event.type, error }, 'listener of a run failed');
    }
    if (event.type === 'input') this.#park(run, event.wanted);
  }

  /** Who waits for a person gives its place to others meanwhile. */
  #park(run: Run, waits: boolean): void {
    if (!waits) this.#queue.unpark(run);
    else if (this.#queue.park(run)) this.#pump();
  }
}

function ownLanguage(language: string): OwnLanguage | undefined {
  return LANGUAGES.find(({ id }) => id === language);
}

function limitsOf({ language, limits }: RunRequest, defaults: RunLimits): RunLimits {
  const own = ownLanguage(language)?.kind === 'python' ? PYTHON_LIMITS : {};
  return runLimits(limits, { ...defaults, ...own }, { ...RUN_CEILINGS, ...own });
}

function stateOf({ id, name, extensions }: Language, reason: string | undefined): LanguageState {
  const language = { id, name, extensions };
  return reason === undefined ? { ...language, available: true } : { ...language, available: false, reason };
}
