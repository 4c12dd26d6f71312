// The sandbox processes: a few generic ones kept warm, those bound to a room kept while they are fresh.
// Invariant: a process that has run something for a room never runs anything for another.
import type { RunError } from './ipc.ts';
import { Ladder } from './ladder.ts';
import type { PoolOptions } from './pool-options.ts';
import type { PoolStats, SandboxState } from './pool-stats.ts';
import { SandboxProcess } from './sandbox-process.ts';
import { WarmCount } from './warm-count.ts';

/** No process can be had. The message is for users. */
export class StartError extends Error {}

/** A process that belongs to a room. */
interface Bound {
  taken: boolean;
  /** When it was given back, on the clock of `performance`. */
  freeSince: number;
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
  readonly #count: WarmCount;
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
  readonly #ladder: Ladder;
  /** Of the process that was ready last. */
  #clamped = false;
  #started = 0;
  #failedStarts = 0;
  #ended = 0;
  #closed = false;

  constructor(options: PoolOptions) {
    this.#options = options;
    this.#ladder = new Ladder(options.plans, options.missing, ({ name }) =>
      options.onIsolation(name, this.#ladder.skipped),
    );
    this.#count = new WarmCount(options.limits, () => this.#cool());
    if (options.limits.warm === 0) this.#filled.resolve();
    this.#fillAfter(options.limits.firstFillMs);
  }

  /** Resolves when the warm processes are ready for the first time, or the pool is closed. */
  get filled(): Promise<void> {
    return this.#filled.promise;
  }

  get stats(): PoolStats {
    return {
      warm: this.#warm.length,
      wanted: this.#count.wanted,
      bound: this.#bound.size,
      started: this.#started,
      killed: this.#ended,
      failedStarts: this.#failedStarts,
      isolation: this.#ladder.plan.name,
      skipped: this.#ladder.skipped,
      rlimits: this.#clamped,
      pids: this.#all.flatMap(([, process]) => process.pid ?? []),
      ...(this.trouble === undefined ? {} : { trouble: this.trouble }),
    };
  }

  /** Why no child can be started at present. */
  get trouble(): string | undefined {
    return this.#ladder.trouble;
  }

  sandboxes(): SandboxState[] {
    return this.#all.map(([state, process]) => {
      const { id, roomId, runs } = process;
      const { rssBytes = 0, cpuMs = 0 } = process.usage() ?? {};
      return { id, state, runs, rssBytes, cpuMs, ...(roomId === undefined ? {} : { roomId }) };
    });
  }

  /**
   * Gives a process that is ready, bound to the room, and nobody else's until `release`.
   * Rejects when processes cannot be started.
   */
  acquire(roomId: string): Promise<SandboxProcess> {
    const found = this.#take(roomId);
    if (found !== undefined) return Promise.resolve(found);
    this.#count.missed();
    return new Promise((resolve, reject) => {
      this.#waiters.push({ roomId, resolve, reject });
      this.#fill();
    });
  }

  /** Somebody will come soon: one process is kept ready, also by a pool that otherwise keeps none. */
  expect(): void {
    if (this.#closed) return;
    this.#count.expect();
    this.#fill();
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
    bound.freeSince = performance.now();
    bound.idle = setTimeout(() => this.#retire(process), this.#options.limits.idleMs);
    this.#serve();
  }

  /** Ends all processes and resolves when they are gone. Who waits for one is refused. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#count.close();
    clearTimeout(this.#refill);
    clearTimeout(this.#backOff);
    clearTimeout(this.#trimming);
    for (const waiter of this.#waiters.splice(0)) waiter.reject(new StartError('the server is closing'));
    const all = this.#all.map(([, process]) => process);
    for (const process of all) this.#retire(process);
    await Promise.all(all.map((process) => process.exited));
    this.#filled.resolve();
  }

  get #all(): [SandboxState['state'], SandboxProcess][] {
    const named =
      (state: SandboxState['state']) =>
      (process: SandboxProcess): [SandboxState['state'], SandboxProcess] => [state, process];
    return [
      ...Array.from(this.#starting.keys(), named('starting')),
      ...this.#warm.map(named('warm')),
      ...Array.from(this.#bound.keys(), named('bound')),
      ...Array.from(this.#leaving, named('leaving')),
    ];
  }

  #take(roomId: string): SandboxProcess | undefined {
    const own = [...this.#bound].filter(([process]) => process.roomId === roomId);
    const free = own.find(([process, bound]) => !bound.taken && process.isReady)?.[0];
    // One of the room's own that makes its next isolate will be ready in milliseconds: cheaper than a new process.
    const soon = free === undefined && this.#options.limits.waitsForOwn && own.some(([, bound]) => !bound.taken);
    const process = free ?? (soon ? undefined : this.#warm.shift());
    if (process === undefined) return undefined;
    if (free === undefined) this.#count.taken(this.#warm.length);
    process.roomId = roomId;
    clearTimeout(this.#bound.get(process)?.idle);
    this.#bound.delete(process);
    this.#bound.set(process, { taken: true, freeSince: 0, idle: undefined });
    clearTimeout(this.#trimming);
    this.#trimming = setTimeout(() => this.#trim(), TRIM_MS);
    this.#fill();
    return process;
  }

  /** Ends those above the highest number, and those above the usual one that nobody has used for a while. */
  #trim(): void {
    const { bound: usual, boundMost, surplusMs } = this.#options.limits;
    const idle = [...this.#bound].filter(([, bound]) => !bound.taken);
    const surplus = idle.slice(0, Math.max(0, this.#bound.size - usual));
    const due = performance.now() - surplusMs;
    for (const [process, { freeSince }] of surplus) {
      if (this.#bound.size > boundMost || freeSince <= due) this.#retire(process);
    }
    if (this.#bound.size > usual) this.#trimming = setTimeout(() => this.#trim(), Math.max(TRIM_MS, surplusMs / 4));
  }

  /** Ends the warm processes that are more than are wanted now. */
  #cool(): void {
    for (const process of this.#warm.slice(this.#count.wanted)) this.#retire(process);
  }

  #serve(): void {
    // Taken out first: who is being served does not wait any more, and no process is started for them.
    for (const waiter of this.#waiters.splice(0)) {
      const process = this.#take(waiter.roomId);
      if (process === undefined) this.#waiters.push(waiter);
      else waiter.resolve(process);
    }
    this.#fill();
  }

  #fillAfter(milliseconds: number): void {
    if (milliseconds === 0) return this.#fill();
    this.#refill = setTimeout(() => {
      this.#refill = undefined;
      this.#fill();
    }, milliseconds);
  }

  /** Starts what is missing, one at a time; when somebody waits at once, else when the event loop is calm. */
  #fill(): void {
    if (this.#closed || this.#backOff !== undefined) return;
    const missing = this.#count.wanted + this.#waiters.length - this.#warm.length - this.#starting.size;
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
    const process = new SandboxProcess(this.#options.newId(), this.#ladder.plan, {
      restMs: this.#options.limits.restMs,
      atOnce: this.#waiters.length > 0,
      prepare: this.#options.prepare,
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
      this.#clamped = process.clamped;
      this.#ladder.worked();
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
    if (failed) this.#failedStarts++;
    else this.#ended++;
    this.#leaving.delete(process);
    this.#remove(process);
    if (failed) this.#startFailed(reason, process.launched);
    this.#serve();
  }

  #startFailed(reason: string, launched: boolean): void {
    this.#options.log.warn({ plan: this.#ladder.plan.name, reason }, 'sandbox process did not start');
    this.#options.onFailedStart?.();
    const pause = this.#ladder.failed(reason, launched);
    if (this.trouble !== undefined) {
      for (const waiter of this.#waiters.splice(0)) waiter.reject(new StartError('the sandbox cannot be started'));
    }
    if (pause === 0) return;
    this.#backOff = setTimeout(() => {
      this.#backOff = undefined;
      this.#fill();
    }, pause);
  }
}
