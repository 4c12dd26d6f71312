// Limits how often something may be done. Counted in memory on one node.
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { AppError } from '../protocol/errors.ts';

/** The port to rate limits. */
export interface RateLimit {
  /**
   * Counts one use.
   * @param key what is counted, including who
   * @param perMinute uses allowed within a minute
   * @throws AppError `rate_limited` with details.retryAfterMs
   */
  take(key: string, perMinute: number): Promise<void>;
}

const WINDOW_SECONDS = 60;

/**
 * Rate limits that hold for this process.
 * @param factor all limits are multiplied by it; 0 turns them off
 */
export function memoryRateLimit(factor = 1): RateLimit {
  const limiters = new Map<number, RateLimiterMemory>();
  const limiterOf = (points: number): RateLimiterMemory => {
    let limiter = limiters.get(points);
    if (!limiter) {
      limiter = new RateLimiterMemory({ points, duration: WINDOW_SECONDS });
      limiters.set(points, limiter);
    }
    return limiter;
  };
  return {
    async take(key, perMinute) {
      if (factor === 0) return;
      try {
        await limiterOf(Math.ceil(perMinute * factor)).consume(key);
      } catch (refused) {
        if (!(refused instanceof RateLimiterRes)) throw refused;
        const retryAfterMs = refused.msBeforeNext;
        throw new AppError('rate_limited', `Too often; try again in ${Math.ceil(retryAfterMs / 1000)} s.`, {
          retryAfterMs,
        });
      }
    },
  };
}
