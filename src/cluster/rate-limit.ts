// Limits how often something may be done. Counted in memory, or in Redis for all servers together.
import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';
import { type RateLimiterAbstract, RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import { AppError } from '../protocol/errors.ts';

/** The port to rate limits. */
export interface RateLimit {
  /**
   * Counts one use.
   * @param key what is counted, including who
   * @param uses allowed within the window
   * @param windowSeconds a minute, unless said otherwise
   * @throws AppError `rate_limited` with details.retryAfterMs
   */
  take(key: string, uses: number, windowSeconds?: number): Promise<void>;
  /**
   * Refuses like `take` where the uses of the window are used up, and counts nothing.
   * @throws AppError `rate_limited` with details.retryAfterMs
   */
  check(key: string, uses: number, windowSeconds?: number): Promise<void>;
}

/**
 * Where a limit counts an address: itself, or the /64 network of an IPv6 one, which is what one customer is given; whoever
 * has one has all of them.
 */
export function networkOf(address: string): string {
  const mapped = /^::ffff:([\d.]+)$/i.exec(address)?.[1];
  if (mapped) return mapped;
  if (!address.includes(':')) return address;
  const [head = '', tail] = address.toLowerCase().split('::');
  const first = head.split(':').filter(Boolean);
  const last = tail === undefined ? [] : tail.split(':').filter(Boolean);
  const groups = [...first, ...Array.from({ length: Math.max(0, 8 - first.length - last.length) }, () => '0'), ...last];
  return `${groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':')}::/64`;
}

const WINDOW_SECONDS = 60;

/** Uses within seconds. */
interface Window {
  readonly points: number;
  readonly duration: number;
}

/**
 * Rate limits that hold for this process.
 * @param factor all limits are multiplied by it; 0 turns them off
 */
export function memoryRateLimit(factor = 1): RateLimit {
  return limitBy((window) => new RateLimiterMemory(window), factor);
}

/**
 * Rate limits that hold for all processes at one Redis. While it is away each counts for itself, from nothing: rather a
 * few uses too many than nobody served.
 */
export function redisRateLimit(client: Redis, factor = 1): RateLimit {
  const limit = limitBy(
    (window) =>
      new RateLimiterRedis({
        ...window,
        storeClient: client,
        keyPrefix: `coderoom:limit:${window.points}/${window.duration}`,
        rejectIfRedisNotReady: true,
        insuranceLimiter: new RateLimiterMemory(window),
      }),
    factor,
  );
  // Keys have names and addresses in them; Redis has no business knowing them.
  const hidden = (key: string): string => createHash('sha256').update(key).digest('base64url');
  return {
    take: (key, uses, windowSeconds) => limit.take(hidden(key), uses, windowSeconds),
    check: (key, uses, windowSeconds) => limit.check(hidden(key), uses, windowSeconds),
  };
}

function limitBy(open: (window: Window) => RateLimiterAbstract, factor: number): RateLimit {
  const limiters = new Map<string, RateLimiterAbstract>();
  const limiterOf = (points: number, duration: number): RateLimiterAbstract => {
    const name = `${points}/${duration}`;
    let limiter = limiters.get(name);
    if (!limiter) {
      limiter = open({ points, duration });
      limiters.set(name, limiter);
    }
    return limiter;
  };
  return {
    async take(key, uses, windowSeconds = WINDOW_SECONDS) {
      if (factor === 0) return;
      try {
        await limiterOf(Math.ceil(uses * factor), windowSeconds).consume(key);
      } catch (refused) {
        if (!(refused instanceof RateLimiterRes)) throw refused;
        throw tooOften(refused.msBeforeNext);
      }
    },
    async check(key, uses, windowSeconds = WINDOW_SECONDS) {
      if (factor === 0) return;
      const limiter = limiterOf(Math.ceil(uses * factor), windowSeconds);
      const used = await limiter.get(key);
      if (used && used.consumedPoints >= limiter.points) throw tooOften(used.msBeforeNext);
    },
  };
}

function tooOften(retryAfterMs: number): AppError {
  return new AppError('rate_limited', `Too often; try again in ${Math.ceil(retryAfterMs / 1000)} s.`, { retryAfterMs });
}
