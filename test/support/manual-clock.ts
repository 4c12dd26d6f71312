// Time that passes when the test says so.
import type { Clock } from '../../src/documents/clock.ts';

interface Timer {
  /** Milliseconds between two ticks; undefined for one that comes once. */
  readonly every: number | undefined;
  readonly tick: () => void;
  due: number;
}

export class ManualClock implements Clock {
  #now = 0;
  readonly #timers = new Set<Timer>();

  now(): number {
    return this.#now;
  }

  every(milliseconds: number, tick: () => void): () => void {
    const timer: Timer = { every: milliseconds, tick, due: this.#now + milliseconds };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  after(milliseconds: number, act: () => void): () => void {
    if (milliseconds < 1) {
      const turn = setImmediate(act);
      return () => clearImmediate(turn);
    }
    const timer: Timer = { every: undefined, tick: act, due: this.#now + milliseconds };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** Timers that have not been stopped. */
  get timers(): number {
    return this.#timers.size;
  }

  /** Lets time pass; ticks come one by one, and what they started settles between them. */
  async pass(milliseconds: number): Promise<void> {
    const until = this.#now + milliseconds;
    for (;;) {
      const next = [...this.#timers].sort((a, b) => a.due - b.due)[0];
      if (!next || next.due > until) break;
      this.#now = next.due;
      if (next.every === undefined) this.#timers.delete(next);
      else next.due += next.every;
      next.tick();
      await settled();
    }
    this.#now = until;
    await settled();
  }
}

/** Resolves when promises and immediates that are ready have run. */
export async function settled(): Promise<void> {
  for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve));
}
