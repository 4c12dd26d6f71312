// Which of the ways to start a sandbox is used: the strictest that works. A way that never worked gives way to the next
// weaker one; only when none works, three times round, is there trouble.
import type { LaunchPlan } from './launch.ts';
import { START_ATTEMPTS, START_BACKOFF_MS } from './limits.ts';

/** A way that is not used, and why. For the operator: reasons may hold paths. */
export interface SkippedPlan {
  readonly name: LaunchPlan['name'];
  readonly reason: string;
}

export class Ladder {
  readonly #plans: readonly LaunchPlan[];
  readonly #missing: readonly SkippedPlan[];
  readonly #onSettled: (plan: LaunchPlan) => void;
  readonly #reasons = new Map<LaunchPlan['name'], string>();
  #at = 0;
  #works = false;
  #failures = 0;
  #lastFailure = '';

  /**
   * @param missing ways that cannot even be tried here
   * @param onSettled called once, when a way has worked
   */
  constructor(plans: readonly LaunchPlan[], missing: readonly SkippedPlan[], onSettled: (plan: LaunchPlan) => void) {
    this.#plans = plans;
    this.#missing = missing;
    this.#onSettled = onSettled;
  }

  get plan(): LaunchPlan {
    return this.#plans[this.#at]!;
  }

  /** Why nothing can be started at present. */
  get trouble(): string | undefined {
    return this.#failures >= START_ATTEMPTS ? this.#lastFailure : undefined;
  }

  /** The stricter ways that did not work here. */
  get skipped(): readonly SkippedPlan[] {
    const stricter = this.#plans.slice(0, this.#at);
    const failed = stricter.map(({ name }) => ({ name, reason: this.#reasons.get(name) ?? 'did not start' }));
    return [...this.#missing, ...failed];
  }

  worked(): void {
    this.#failures = 0;
    if (this.#works) return;
    this.#works = true;
    this.#onSettled(this.plan);
  }

  /**
   * @param launched false when it never came to trying the way
   * @returns the pause before the next start in ms; 0 when that is another way, at once
   */
  failed(reason: string, launched: boolean): number {
    this.#lastFailure = reason.split('\n', 1)[0]!;
    if (!this.#works && launched) {
      this.#reasons.set(this.plan.name, this.#lastFailure);
      this.#at = (this.#at + 1) % this.#plans.length;
      if (this.#at !== 0) return 0;
    }
    this.#failures++;
    return Math.min(START_BACKOFF_MS.first * 2 ** (this.#failures - 1), START_BACKOFF_MS.last);
  }
}
