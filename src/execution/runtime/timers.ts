// setTimeout and its family. The host keeps the clock and the limit; the functions stay in here.

interface Timer {
  readonly callback: (...args: unknown[]) => unknown;
  readonly args: readonly unknown[];
  readonly ms: number;
  readonly repeats: boolean;
}

/** The host's side. `start` says false when there are too many, seeing how many are `pending` in here. */
export interface TimerHost {
  start(id: number, ms: number, pending: number): boolean;
  stop(id: number): void;
}

/** The global functions, and `fire`, which the host calls when a timer is due. */
export interface Timers {
  readonly globals: Record<string, (...args: never[]) => unknown>;
  fire(id: number): void;
}

const MAX_MS = 2_147_483_647; // a longer delay counts as 1, as everywhere else

/** Makes the timer functions of a run. */
export function makeTimers(host: TimerHost): Timers {
  const timers = new Map<number, Timer>();
  const { apply } = Reflect;
  let lastId = 0;

  const add = (callback: unknown, delay: unknown, { args, repeats }: Pick<Timer, 'args' | 'repeats'>): number => {
    if (typeof callback !== 'function') throw new TypeError('the callback must be a function');
    const wish = Number(delay);
    const ms = wish >= 1 && wish <= MAX_MS ? wish : 1;
    const id = ++lastId;
    if (!host.start(id, ms, timers.size)) throw new RangeError('too many timers');
    timers.set(id, { callback: callback as Timer['callback'], args, ms, repeats });
    return id;
  };
  const clear = (id: unknown): void => {
    if (timers.delete(Number(id))) host.stop(Number(id));
  };

  return {
    globals: {
      setTimeout: (callback: unknown, ms?: unknown, ...args: unknown[]) => add(callback, ms, { args, repeats: false }),
      setInterval: (callback: unknown, ms?: unknown, ...args: unknown[]) => add(callback, ms, { args, repeats: true }),
      setImmediate: (callback: unknown, ...args: unknown[]) => add(callback, 0, { args, repeats: false }),
      clearTimeout: clear,
      clearInterval: clear,
      clearImmediate: clear,
    },
    fire(id) {
      const timer = timers.get(id);
      if (timer === undefined) return;
      if (timer.repeats) host.start(id, timer.ms, 0);
      else timers.delete(id);
      apply(timer.callback, undefined, timer.args);
    },
  };
}
