// An embedded PostgreSQL that is started again when it ends by itself: out of memory, or killed.
import { setTimeout as delay } from 'node:timers/promises';
import type { Log } from '../observe/log.ts';
import { startEmbedded } from './embedded.ts';

/** Milliseconds until it is started again: soon, then more and more patiently. */
const FIRST_PAUSE_MS = 50;
const LAST_PAUSE_MS = 5_000;

export interface KeptServer {
  /** Connection URL of a database; another one after a restart. */
  url(database: string): string;
  stop(): Promise<void>;
}

/** @throws Error with a sentence for the operator when the first start fails */
export async function keepServer(folder: string, log: Log): Promise<KeptServer> {
  const stopping = new AbortController();
  const { signal } = stopping;
  let restarting: Promise<void> | undefined;
  const start = () => startEmbedded({ folder, durable: true, onExit });
  const onExit = (reason: string): void => {
    if (signal.aborted) return;
    log.error({ reason }, 'the embedded PostgreSQL ended, starting it again');
    restarting = restart();
  };
  const restart = async (): Promise<void> => {
    for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, LAST_PAUSE_MS)) {
      await delay(pause, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      try {
        server = await start();
        return;
      } catch (error) {
        log.error({ err: error }, 'the embedded PostgreSQL could not be started again');
      }
    }
  };
  let server = await start();
  return {
    url: (database) => server.url(database),
    async stop() {
      stopping.abort();
      await restarting;
      await server.stop();
    },
  };
}
