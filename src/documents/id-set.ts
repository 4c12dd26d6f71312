// A set of Yjs ids kept as sorted, merged intervals per client: what a document has deleted.

/** Flat pairs start, end (exclusive), ascending, with a gap between any two. */
type Intervals = number[];

export class IdSet {
  readonly #clients = new Map<number, Intervals>();

  /** Whether all of clock … clock + length - 1 of the client are in the set. */
  has(client: number, clock: number, length: number): boolean {
    const intervals = this.#clients.get(client);
    if (!intervals) return false;
    const at = lastStartingAtOrBefore(intervals, clock);
    return at >= 0 && (intervals[at + 1] as number) >= clock + length;
  }

  add(client: number, clock: number, length: number): void {
    const intervals = this.#clients.get(client);
    if (!intervals) {
      this.#clients.set(client, [clock, clock + length]);
      return;
    }
    let start = clock;
    let end = clock + length;
    let from = lastStartingAtOrBefore(intervals, clock);
    if (from >= 0 && (intervals[from + 1] as number) >= start) start = intervals[from] as number;
    else from += 2;
    if (from < 0) from = 0;
    let to = from;
    while (to < intervals.length && (intervals[to] as number) <= end) {
      end = Math.max(end, intervals[to + 1] as number);
      to += 2;
    }
    intervals.splice(from, to - from, start, end);
  }
}

/** Index of the last interval whose start is not behind the clock; -2 if there is none. */
function lastStartingAtOrBefore(intervals: Intervals, clock: number): number {
  let low = 0;
  let high = intervals.length / 2;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((intervals[middle * 2] as number) <= clock) low = middle + 1;
    else high = middle;
  }
  return (low - 1) * 2;
}
