// How often something happened within the last hour, to the minute.

const MINUTE_MS = 60_000;
const MINUTES = 60;

export class HourCount {
  readonly #now: () => number;
  /** Minute since 1970 → how often in it. At most as many as an hour has, and one. */
  readonly #minutes = new Map<number, number>();

  /** @param now milliseconds since 1970 */
  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  add(): void {
    const minute = this.#forget();
    this.#minutes.set(minute, (this.#minutes.get(minute) ?? 0) + 1);
  }

  total(): number {
    this.#forget();
    let sum = 0;
    for (const count of this.#minutes.values()) sum += count;
    return sum;
  }

  /** Drops what is older than an hour. @returns this minute */
  #forget(): number {
    const minute = Math.floor(this.#now() / MINUTE_MS);
    for (const known of this.#minutes.keys()) if (known <= minute - MINUTES) this.#minutes.delete(known);
    return minute;
  }
}
