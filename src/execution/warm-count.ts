// How many generic processes to keep ready: more after somebody had to wait for one, the usual number again when the
// others were not needed for ten minutes.
import type { PoolLimits } from './limits.ts';

export class WarmCount {
  readonly #limits: Pick<PoolLimits, 'warm' | 'warmMost' | 'coolMs'>;
  readonly #onCool: () => void;
  #wanted: number;
  #cooling: NodeJS.Timeout | undefined;

  /** @param onCool called when there are too many now */
  constructor(limits: Pick<PoolLimits, 'warm' | 'warmMost' | 'coolMs'>, onCool: () => void) {
    this.#limits = limits;
    this.#onCool = onCool;
    this.#wanted = limits.warm;
  }

  get wanted(): number {
    return this.#wanted;
  }

  /** Somebody found none. A server that is to keep none stays at that. */
  missed(): void {
    const { warm, warmMost } = this.#limits;
    if (warm === 0) return;
    this.#wanted = Math.max(this.#wanted, Math.min(this.#wanted + 1, warmMost));
    this.#heat();
  }

  /** Somebody will need one soon: one is kept for as long, by a server that otherwise keeps none. */
  expect(): void {
    this.#wanted = Math.max(this.#wanted, Math.min(1, this.#limits.warmMost));
    this.#heat();
  }

  /** One was taken; `left` are still ready. The extra ones are in use when fewer than the usual number are left. */
  taken(left: number): void {
    if (left < this.#limits.warm) this.#heat();
  }

  close(): void {
    clearTimeout(this.#cooling);
  }

  #heat(): void {
    clearTimeout(this.#cooling);
    if (this.#wanted === this.#limits.warm) return;
    this.#cooling = setTimeout(() => {
      this.#wanted = this.#limits.warm;
      this.#onCool();
    }, this.#limits.coolMs);
  }
}
