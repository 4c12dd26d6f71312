// The wall clock of one run. It stands still while the run waits for a person, and that waiting has a limit of its own.
// Both sides of the pipe keep one: the child's comes first, the server's holds when the child lies.
import type { RunError, RunFrame } from './ipc.ts';

/** What a deadline is made with; times in ms. */
export interface DeadlineOptions {
  /** Time that the run may take, without its waiting for input. */
  readonly wallMs: number;
  /** All waiting for input together. */
  readonly inputWaitMs: number;
  /** Called once, with the limit that was reached. */
  readonly late: (limit: 'wall' | 'input') => void;
}

/** Runs from its creation until `clear`. */
export class Deadline {
  readonly #late: DeadlineOptions['late'];
  #wallLeft: number;
  #waitLeft: number;
  #waited = 0;
  #waiting = false;
  #since = performance.now();
  #timer: NodeJS.Timeout | undefined;

  constructor({ wallMs, inputWaitMs, late }: DeadlineOptions) {
    this.#wallLeft = wallMs;
    this.#waitLeft = inputWaitMs;
    this.#late = late;
    this.#arm();
  }

  /** Whether the clock stands still. */
  get waiting(): boolean {
    return this.#waiting;
  }

  /** Milliseconds spent waiting so far. */
  get waitedMs(): number {
    return this.#waited + (this.#waiting ? performance.now() - this.#since : 0);
  }

  /** The longest that this can still take, in ms: the rest of both limits. */
  get left(): number {
    return this.#wallLeft + this.#waitLeft - (performance.now() - this.#since);
  }

  /** The run waits for input from now on, or no longer. */
  wait(waiting: boolean): void {
    if (waiting === this.#waiting || this.#timer === undefined) return;
    this.#count();
    this.#waiting = waiting;
    this.#arm();
  }

  /** Stops for good. */
  clear(): void {
    clearTimeout(this.#timer);
    if (this.#timer !== undefined) this.#count();
    this.#timer = undefined;
    this.#waiting = false;
  }

  #count(): void {
    const now = performance.now();
    const passed = now - this.#since;
    this.#since = now;
    if (this.#waiting) {
      this.#waitLeft -= passed;
      this.#waited += passed;
    } else this.#wallLeft -= passed;
  }

  #arm(): void {
    clearTimeout(this.#timer);
    const limit = this.#waiting ? 'input' : 'wall';
    this.#timer = setTimeout(() => this.#late(limit), Math.max(0, this.#waiting ? this.#waitLeft : this.#wallLeft));
  }
}

/** What its user reads when the time is up; the child says the same. */
export function lateError(limit: 'wall' | 'input', { limits }: Pick<RunFrame, 'limits'>): RunError {
  const { wallMs, inputWaitMs } = limits;
  const message = limit === 'wall' ? `time limit of ${wallMs} ms reached` : `no input within ${inputWaitMs} ms`;
  return { kind: 'timeout', message };
}
