// How long to wait before trying again: doubling, with jitter, so that the clients of a restarted server don’t come back
// in one wave.

/** Milliseconds; the first wait, before jitter: shorter than people take to notice. */
const FIRST_MS = 500;
/** Milliseconds; nobody wants to stare at a longer countdown, and a server bears a try per client in this time. */
const LONGEST_MS = 10_000;

/**
 * @param failures tries that failed in a row, before this wait
 * @returns milliseconds: between half of the doubled wait and all of it
 */
export function backOff(failures: number): number {
  const wait = Math.min(LONGEST_MS, FIRST_MS * 2 ** failures);
  return Math.round(wait * (0.5 + Math.random() / 2));
}
