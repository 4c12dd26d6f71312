// The port to time, so that tests decide when it passes.

export interface Clock {
  /** Milliseconds; only differences mean anything. */
  now(): number;
  /** Calls `tick` every so many milliseconds until the returned function is called. */
  every(milliseconds: number, tick: () => void): () => void;
  /** Calls `act` once, after so many milliseconds or, below one, after this turn; the returned function prevents it. */
  after(milliseconds: number, act: () => void): () => void;
}

/** Time as it passes; its timers do not keep the process alive. */
export const systemClock: Clock = {
  now: () => performance.now(),
  every(milliseconds, tick) {
    const timer = setInterval(tick, milliseconds);
    timer.unref();
    return () => clearInterval(timer);
  },
  after(milliseconds, act) {
    if (milliseconds < 1) {
      const turn = setImmediate(act);
      return () => clearImmediate(turn);
    }
    const timer = setTimeout(act, milliseconds);
    timer.unref();
    return () => clearTimeout(timer);
  },
};
