// What the database announces (LISTEN and NOTIFY) after a commit, whoever made it: another node, an operator's command, a
// statement by hand. One connection is kept for it; what is announced while that is away is missed, and said to be.
import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import type { Log } from '../observe/log.ts';
import { reasonOf } from './pool.ts';

/** Milliseconds until a connection that was lost is tried again. */
const RETRY_MS = 500;

export interface Listener {
  /** @param payload as the database gave it to `pg_notify` */
  heard(payload: string): void;
  /** The connection is there (again): from now on everything is heard, what was announced before may not have been. */
  listening(): void;
}

/** Follows a channel until it is stopped. @returns stops it */
export type Listen = (channel: string, listener: Listener) => () => Promise<void>;

/** @param pool from which one connection is taken for every channel, and kept */
export function listenOn(pool: pg.Pool, log: Log): Listen {
  return (channel, listener) => {
    const stopping = new AbortController();
    const following = follow(stopping.signal, async () => {
      try {
        await listenOnce(pool, { channel, listener, signal: stopping.signal });
      } catch (error) {
        if (!stopping.signal.aborted) log.warn({ channel, reason: reasonOf(error) }, 'announcements are not heard');
      }
    });
    return async () => {
      stopping.abort();
      await following;
    };
  };
}

async function follow(signal: AbortSignal, once: () => Promise<void>): Promise<void> {
  while (!signal.aborted) {
    await once();
    await delay(RETRY_MS, undefined, { signal, ref: false }).catch(() => undefined);
  }
}

/** Resolves when it is stopped. @throws when the connection cannot be had, or breaks */
async function listenOnce(
  pool: pg.Pool,
  { channel, listener, signal }: { channel: string; listener: Listener; signal: AbortSignal },
): Promise<void> {
  const client = await pool.connect();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  try {
    client.on('error', reject);
    client.on('end', () => reject(new Error('the connection has ended')));
    client.on('notification', ({ payload }) => listener.heard(payload ?? ''));
    signal.addEventListener('abort', () => resolve(), { once: true });
    if (signal.aborted) return;
    await client.query(`listen ${client.escapeIdentifier(channel)}`);
    listener.listening();
    await promise;
  } finally {
    promise.catch(() => undefined);
    client.removeAllListeners('notification');
    client.release(true);
  }
}
