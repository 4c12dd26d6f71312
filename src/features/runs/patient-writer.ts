// Writes that have to arrive: tried until the database has them, with growing pauses, and once more when the server stops.
// Where there is nothing any more that they belong to, they are given up at once.
import type { Log } from '../../observe/log.ts';

/** Milliseconds before the second try and between late ones; it doubles in between. */
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 30_000;

export interface Attempts {
  /** Whether the first try succeeded. */
  readonly first: Promise<boolean>;
  /** Whether it is written, in the end. */
  readonly done: Promise<boolean>;
}

export class PatientWriter {
  readonly #log: Log;
  readonly #wake = new Set<() => void>();
  #closing = false;

  constructor(log: Log) {
    this.#log = log;
  }

  /**
   * @param write gets the number of failures before and says whether there was something to write to; anything it throws
   * counts as one more failure
   */
  write(write: (failures: number) => Promise<boolean>, about: object): Attempts {
    const first = Promise.withResolvers<boolean>();
    const attempts = async (): Promise<boolean> => {
      for (let failures = 0; ; ) {
        const last = this.#closing;
        try {
          const written = await write(failures);
          if (!written) this.#log.warn(about, 'the end of a run has no row any more');
          first.resolve(written);
          return written;
        } catch (error) {
          first.resolve(false);
          failures++;
          this.#log.error({ err: error, failures, ...about }, 'the end of a run could not be stored');
          if (last) return false;
        }
        await this.#pause(failures);
      }
    };
    return { first: first.promise, done: attempts() };
  }

  /** Ends all pauses: what is not written yet is tried once more, and then given up. */
  close(): void {
    this.#closing = true;
    for (const wake of this.#wake) wake();
  }

  async #pause(failures: number): Promise<void> {
    if (this.#closing) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, Math.min(FIRST_PAUSE_MS * 2 ** (failures - 1), LONGEST_PAUSE_MS));
    this.#wake.add(resolve);
    await promise;
    this.#wake.delete(resolve);
    clearTimeout(timer);
  }
}
