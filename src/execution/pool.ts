// The sandbox processes: a few generic ones kept warm, those bound to a room kept while they are fresh.
// Invariant: a process that has run something for a room never runs anything for another.
import type { Log } from '../observe/log.ts';
import type { RunError } from './ipc.ts';
import type { LaunchPlan } from './launch.ts';
import { type PoolLimits, START_ATTEMPTS, START_BACKOFF_MS } from './limits.ts';
import { SandboxProcess } from './sandbox-process.ts';

/** No process can be had. The message is for users. */
export class StartError extends Error {}

/** What a pool is made with. */
export interface PoolOptions {
  readonly log: Log;
  readonly limits: PoolLimits;
  /** Ways to start a process, the strictest first; the first that works is kept. */
  readonly plans: readonly LaunchPlan[];
  /** Ends every process after one run. */
  readonly oneShot: boolean;
  newId(): string;
}

/** What there is now. */
export interface PoolStats {
  /** Generic processes that are ready. */
  readonly warm: number;
  /** Processes that belong to a room. */
  readonly bound: number;
  /** Processes started, and of those the ones that have ended, whoever ended them. */
  readonly started: number;
  readonly killed: number;
  /** How children are kept apart from the server; see `LaunchPlan`. */
  readonly isolation: LaunchPlan['name'];
  /** Whether the system clamps the memory of every child. */
  readonly rlimits: boolean;
  /** All children that are not known to be gone. */
  readonly pids: readonly number[];
  /** Why no child can be started at present; for the operator, it may hold paths. */
  readonly trouble?: string;
}

/** A process that belongs to a room. */
interface Bound {
  taken: boolean;
  idle: NodeJS.Timeout | undefined;
}

interface Waiter {
  readonly roomId: string;
  resolve(process: SandboxProcess): void;
  reject(error: Error): void;
}

/** Refilling waits this long, in ms, and again as long as it comes much too late: then the server is busy. */
const CALM_MS = 20;
const LATE_MS = 50;
/** A server that is never calm gets its processes all the same, after so many ms. */
const PATIENCE_MS = 1000;

/** Ending a process takes milliseconds of the event loop: not while somebody waits for the first output, in ms. */
const TRIM_MS = 100;

const RETIRED: RunError = { kind: 'sandbox', message: 'the sandbox was retired' };

/** Hands out processes, starts and ends them. */
export class SandboxPool {
  readonly #options: PoolOptions;
  readonly #starting = new Map<SandboxProcess, NodeJS.Timeout>();
  #warm: SandboxProcess[] = [];
  /** In order of last use, the oldest first. */
  readonly #bound = new Map<SandboxProcess, Bound>();
  readonly #leaving = new Set<SandboxProcess>();
  #waiters: Waiter[] = [];
  readonly #filled = Promise.withResolvers<void>();
  #refill: NodeJS.Timeout | undefined;
  #refillAsked: number | undefined;
  #backOff: NodeJS.Timeout | undefined;
  #trimming: NodeJS.Timeout | undefined;
  #plan = 0;
  #planWorks = false;
  /** Of the process that was ready last. */
  #clamped = false;
  #failures = 0;
  #lastFailure = '';
  #started = 0;
  #ended = 0;
  #closed = false;

  constructor(options: PoolOptions) {
    this.#options = options;
    this.#fill();
  }

  /** Resolves when the warm processes are ready for the first time, or the pool is closed. */
  get filled(): Promise<void> {
    return this.#filled.promise;
  }

  get stats(): PoolStats {
    return {
      warm: this.#warm.length,
      bound: this.#bound.size,
      started: this.#started,
      killed: this.#ended,
      isolation: this.#plans[this.#plan]!.name,
      rlimits: this.#clamped,
      pids: this.#pids,
      ...(this.#failures >= START_ATTEMPTS ? { trouble: this.#lastFailure } : {}),
    };
  }

  /**
   * Gives a process that is ready, bound to the room, and nobody else's until `release`.
   * Rejects when processes cannot be started.
   */
  acquire(roomId: string): Promise<SandboxProcess> {
    const found = this.#take(roomId);
    if (found !== undefined) return Promise.resolve(found);
    return new Promise((resolve, reject) => {
      this.#waiters.push({ roomId, resolve, reject });
      this.#fill();
    });
  }

  /** Takes a process back: it stays with its room while it is fresh. */
  release(process: SandboxProcess): void {
    const bound = this.#bound.get(process);
    if (bound === undefined) return; // gone meanwhile
    const { runsPerProcess, reuseRssBytes } = this.#options.limits;
    const used = process.runs > 0 && (this.#options.oneShot || process.runs >= runsPerProcess);
    const rss = process.usage()?.rssBytes ?? 0;
    if (used || rss > reuseRssBytes || this.#closed) return this.#retire(process);
    bound.taken = false;
    bound.idle = setTimeout(() => this.#retire(process), this.#options.limits.idleMs);
    this.#serve();
  }

  /** Ends all processes and resolves when they are gone. Who waits for one is refused. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#refill);
    clearTimeout(this.#backOff);
    clearTimeout(this.#trimming);
    for (const waiter of this.#waiters.splice(0)) waiter.reject(new StartError('the server is closing'));
    const all = [...this.#starting.keys(), ...this.#warm, ...this.#bound.keys()];
    for (const process of all) this.#retire(process);
    await Promise.all([...all, ...this.#leaving].map((process) => process.exited));
    this.#filled.resolve();
  }

  get #pids(): number[] {
    const all = [...this.#starting.keys(), ...this.#warm, ...this.#bound.keys(), ...this.#leaving];
    return all.flatMap((process) => process.pid ?? []);
  }

  get #plans(): readonly LaunchPlan[] {
    return this.#options.plans;
  }

  #take(roomId: string): SandboxProcess | undefined {
    const own = [...this.#bound].filter(([process]) => process.roomId === roomId);
    const free = own.find(([process, bound]) => !bound.taken && process.isReady)?.[0];
    // One of the room's own that makes its next isolate will be ready in milliseconds: cheaper than a new process.
    const soon = free === undefined && own.some(([, bound]) => !bound.taken);
    const process = free ?? (soon ? undefined : this.#warm.shift());
    if (process === undefined) return undefined;
    process.roomId = roomId;
    clearTimeout(this.#bound.get(process)?.idle);
    this.#bound.delete(process);
    this.#bound.set(process, { taken: true, idle: undefined });
    clearTimeout(this.#trimming);
    this.#trimming = setTimeout(() => this.#trim(), TRIM_MS);
    this.#fill();
    return process;
  }

  #trim(): void {
    const idle = [...this.#bound].filter(([, bound]) => !bound.taken);
    const tooMany = this.#bound.size - this.#options.limits.bound;
    for (const [process] of idle.slice(0, Math.max(0, tooMany))) this.#retire(process);
  }

  #serve(): void {
    this.#waiters = this.#waiters.filter((waiter) => {
      const process = this.#take(waiter.roomId);
      if (process !== undefined) waiter.resolve(process);
      return process === undefined;
    });
    this.#fill();
  }

  /** Starts what is missing, one at a time; when somebody waits at once, else when the event loop is calm. */
  #fill(): void {
    if (this.#closed || this.#backOff !== undefined) return;
    const missing = this.#options.limits.warm + this.#waiters.length - this.#warm.length - this.#starting.size;
    if (missing <= 0 || this.#starting.size >= Math.max(1, this.#waiters.length)) return;
    if (this.#waiters.length > 0) return this.#start();
    if (this.#refill !== undefined) return;
    const asked = performance.now();
    this.#refillAsked ??= asked;
    this.#refill = setTimeout(() => {
      this.#refill = undefined;
      const now = performance.now();
      const calm = now - asked < CALM_MS + LATE_MS || now - this.#refillAsked! > PATIENCE_MS;
      if (calm && this.#starting.size === 0) this.#start();
      else this.#fill();
    }, CALM_MS);
  }

  #start(): void {
    this.#refillAsked = undefined;
    this.#started++;
    const process = new SandboxProcess(this.#options.newId(), this.#plans[this.#plan]!, {
      ready: (ready) => this.#ready(ready),
      gone: (gone, reason) => this.#gone(gone, reason),
    });
    const late = setTimeout(() => process.kill(RETIRED), this.#options.limits.startMs);
    this.#starting.set(process, late);
  }

  #ready(process: SandboxProcess): void {
    if (this.#starting.has(process)) {
      clearTimeout(this.#starting.get(process));
      this.#starting.delete(process);
      this.#planWorks = true;
      this.#clamped = process.clamped;
      this.#failures = 0;
      this.#warm.push(process);
      if (this.#warm.length >= this.#options.limits.warm) this.#filled.resolve();
    }
    this.#serve();
  }

  #retire(process: SandboxProcess): void {
    this.#remove(process);
    this.#leaving.add(process);
    process.kill(RETIRED);
  }

  #remove(process: SandboxProcess): void {
    clearTimeout(this.#starting.get(process));
    clearTimeout(this.#bound.get(process)?.idle);
    this.#starting.delete(process);
    this.#bound.delete(process);
    this.#warm = this.#warm.filter((other) => other !== process);
  }

  #gone(process: SandboxProcess, reason: string): void {
    const failed = this.#starting.has(process) && !this.#closed;
    if (!failed) this.#ended++;
    this.#leaving.delete(process);
    this.#remove(process);
    if (failed) this.#startFailed(reason);
    this.#serve();
  }

  /** A way that never worked gives way to the next weaker one; only when none works do failures count. */
  #startFailed(reason: string): void {
    const { log } = this.#options;
    this.#lastFailure = reason.split('\n', 1)[0]!;
    log.warn(
      { plan: this.#plans[this.#plan]!.name, failures: this.#failures, reason },
      'sandbox process did not start',
    );
    if (!this.#planWorks) {
      this.#plan = (this.#plan + 1) % this.#plans.length;
      if (this.#plan !== 0) return;
    }
    this.#failures++;
    if (this.#failures >= START_ATTEMPTS) {
      for (const waiter of this.#waiters.splice(0)) waiter.reject(new StartError('the sandbox cannot be started'));
    }
    const pause = Math.min(START_BACKOFF_MS.first * 2 ** (this.#failures - 1), START_BACKOFF_MS.last);
    this.#backOff = setTimeout(() => {
      this.#backOff = undefined;
      this.#fill();
    }, pause);
  }
}
