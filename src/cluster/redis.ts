// The connection to Redis. What is kept there is of moments: nothing is lost with it, and the server works without.
import { Redis } from 'ioredis';
import type { Log } from '../observe/log.ts';

export interface RedisLink {
  readonly client: Redis;
  /** Whether it answers now. */
  isHere(): boolean;
  close(): void;
}

/** Milliseconds: a command that waits longer is given up; whoever asked has a way to go on without. */
const ANSWER_MS = 1_000;
/** Milliseconds between two attempts to connect, at most. */
const LONGEST_WAIT_MS = 2_000;

/** Opens a connection that comes back by itself. Commands fail at once while it is away. */
export function openRedis(url: string, log: Log): RedisLink {
  const client = new Redis(url, {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    commandTimeout: ANSWER_MS,
    connectTimeout: 5 * ANSWER_MS,
    retryStrategy: (attempts) => Math.min(attempts * 100, LONGEST_WAIT_MS),
  });
  let told: 'here' | 'away' | undefined;
  client.on('ready', () => {
    if (told === 'away') log.info({}, 'Redis is back');
    told = 'here';
  });
  // Once for each time that it goes: an attempt every two seconds is no news.
  client.on('error', (error: Error) => {
    if (told !== 'away') log.warn({ err: error }, 'Redis is away: limits hold for this server alone meanwhile');
    told = 'away';
  });
  client.on('close', () => {
    if (told === 'here') log.warn({}, 'Redis is away: limits hold for this server alone meanwhile');
    told = 'away';
  });
  return {
    client,
    isHere: () => client.status === 'ready',
    close: () => {
      told = undefined;
      client.disconnect();
    },
  };
}
