// Look-ups and writes that come together become one statement: one is under way, and what arrives meanwhile goes into
// the next. Hundreds of clients that come back at once then cost a few statements, and one alone waits for nothing.

/** Keys of one batch: a statement stays below a millisecond or two, and what follows does not wait long. */
const AT_MOST = 250;
/**
 * Keys within so many milliseconds are a crowd. A statement for each of a crowd keeps the server so busy that the next
 * ones come in one by one as well: without the pauses 200 clients that come back take two to three times as long.
 */
const CROWD = 8;
const CROWD_MS = 25;
/** Milliseconds between two batches of a crowd. */
const PAUSE_MS = 10;

interface Waiting<K, V> {
  readonly key: K;
  readonly resolve: (value: V) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Makes a function of one key out of one of many.
 * @param work answers each key, in their order; when it fails for several, each is tried alone, so that one cannot
 *   fail the others
 */
export function gather<K, V>(work: (keys: readonly K[]) => Promise<readonly V[]>): (key: K) => Promise<V> {
  const waiting: Waiting<K, V>[] = [];
  const crowd = new Crowd();
  let isRunning = false;

  const settle = async (batch: readonly Waiting<K, V>[]): Promise<void> => {
    try {
      const values = await work(batch.map(({ key }) => key));
      for (const [index, { resolve }] of batch.entries()) resolve(values[index] as V);
    } catch (error) {
      if (batch.length === 1) batch[0]?.reject(error);
      else await Promise.all(batch.map((one) => settle([one])));
    }
  };
  const run = async (): Promise<void> => {
    isRunning = true;
    while (waiting.length > 0) {
      // What arrives in this turn of the event loop goes along.
      await new Promise<void>((resolve) => (crowd.isHere() ? setTimeout(resolve, PAUSE_MS) : setImmediate(resolve)));
      await settle(waiting.splice(0, AT_MOST));
    }
    isRunning = false;
  };
  return (key) =>
    new Promise((resolve, reject) => {
      waiting.push({ key, resolve, reject });
      crowd.note();
      if (!isRunning) void run();
    });
}

/** Whether many come at about the same time. */
class Crowd {
  /** When the last ones came, in a ring. */
  readonly #times = new Float64Array(CROWD).fill(Number.NEGATIVE_INFINITY);
  #next = 0;

  note(): void {
    this.#times[this.#next] = performance.now();
    this.#next = (this.#next + 1) % CROWD;
  }

  isHere(): boolean {
    return performance.now() - (this.#times[this.#next] as number) < CROWD_MS;
  }
}
