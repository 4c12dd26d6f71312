// Look-ups and writes that come together become one statement: one is under way, and what arrives meanwhile goes into
// the next. Hundreds of clients that come back at once then cost a few statements, and one alone waits for nothing.

/** Keys of one batch: a statement stays below a millisecond or two, and what follows does not wait long. */
const AT_MOST = 250;

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
    // What arrives in this turn of the event loop is in the first batch.
    await new Promise(setImmediate);
    while (waiting.length > 0) await settle(waiting.splice(0, AT_MOST));
    isRunning = false;
  };
  return (key) =>
    new Promise((resolve, reject) => {
      waiting.push({ key, resolve, reject });
      if (!isRunning) void run();
    });
}
