// Latencies by logarithmic buckets of about 1 %, from 1 µs to some 3000 s; and small statistics.

const BUCKETS = 2200;
const PER_DOUBLING = 70;

export interface Latency {
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
  readonly max: number | null;
  readonly n: number;
}

export class Histogram {
  readonly #counts = new Float64Array(BUCKETS);
  #max = 0;
  n = 0;

  add(ms: number): void {
    if (ms > this.#max) this.#max = ms;
    const bucket = ms <= 0.001 ? 0 : (Math.log2(ms * 1000) * PER_DOUBLING) | 0;
    const index = Math.min(bucket, BUCKETS - 1);
    this.#counts[index] = (this.#counts[index] as number) + 1;
    this.n++;
  }

  quantile(share: number): number | null {
    if (this.n === 0) return null;
    let left = this.n * share;
    for (let i = 0; i < BUCKETS; i++) {
      left -= this.#counts[i] as number;
      if (left <= 0) return 2 ** ((i + 0.5) / PER_DOUBLING) / 1000;
    }
    return this.#max;
  }

  summary(): Latency {
    const [p50, p95, p99] = [0.5, 0.95, 0.99].map((share) => rounded(this.quantile(share)));
    return {
      p50: p50 ?? null,
      p95: p95 ?? null,
      p99: p99 ?? null,
      max: this.n > 0 ? rounded(this.#max) : null,
      n: this.n,
    };
  }
}

/** Four significant digits; null for what is not a number. */
export function rounded(value: number | null | undefined): number | null {
  return value === null || value === undefined || Number.isNaN(value) ? null : Number(value.toPrecision(4));
}

const ascending = (values: readonly number[]): number[] => [...values].sort((a, b) => a - b);

export function quantile(values: readonly number[], share: number): number {
  const sorted = ascending(values);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

export function median(values: readonly number[]): number {
  const sorted = ascending(values);
  const half = sorted.length >> 1;
  if (sorted.length === 0) return Number.NaN;
  return sorted.length & 1 ? (sorted[half] as number) : ((sorted[half - 1] as number) + (sorted[half] as number)) / 2;
}

export interface Spread {
  readonly min: number | null;
  readonly median: number | null;
  readonly max: number | null;
}

export const spread = (values: readonly number[]): Spread => ({
  min: values.length > 0 ? rounded(Math.min(...values)) : null,
  median: rounded(median(values)),
  max: values.length > 0 ? rounded(Math.max(...values)) : null,
});
