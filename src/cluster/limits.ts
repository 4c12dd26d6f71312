// Where rate limits are counted: at the Redis that is configured, else here.
import type { Log } from '../observe/log.ts';
import { memoryRateLimit, type RateLimit, redisRateLimit } from './rate-limit.ts';

export interface Limits {
  readonly rateLimit: RateLimit;
  /** For the health: whether Redis answers; undefined where none is configured. */
  redis(): { readonly here: boolean } | undefined;
  close(): void;
}

export interface LimitOptions {
  readonly url: string | undefined;
  readonly factor: number;
  readonly log: Log;
}

/** Redis' client is loaded where it is wanted: most servers have no use for it. */
export async function openLimits({ url, factor, log }: LimitOptions): Promise<Limits> {
  if (url === undefined) return { rateLimit: memoryRateLimit(factor), redis: () => undefined, close() {} };
  const { openRedis } = await import('./redis.ts');
  const link = openRedis(url, log);
  return {
    rateLimit: redisRateLimit(link.client, factor),
    redis: () => ({ here: link.isHere() }),
    close: () => link.close(),
  };
}
