// What is on its way: handed over at once, tried three times, and given up with a line in the log.
import { setTimeout as delay } from 'node:timers/promises';
import type { Log } from '../observe/log.ts';
import type { Carrier, Letter } from './letter.ts';

/** The port to letters and text messages. */
export interface Mail {
  /** Hands a letter over and returns at once: nobody can tell from the time of an answer whether there was one. */
  post(letter: Letter): void;
  /** Resolves when no letter is on its way; one that waits for another try gets it now, and none after that. */
  settled(): Promise<void>;
}

/** Milliseconds before the second and the third try. */
const RETRY_MS = [2_000, 10_000] as const;

/** One that cannot be sent after three tries is given up and logged, without its text. */
export function deliverBy(carrier: Carrier, log: Log): Mail {
  const underWay = new Set<Promise<void>>();
  const stopping = new AbortController();
  const isStopping = (): boolean => stopping.signal.aborted;
  const send = async (letter: Letter): Promise<void> => {
    for (const wait of [...RETRY_MS, undefined]) {
      try {
        return await carrier.carry(letter);
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        const again = wait !== undefined && !isStopping();
        log.warn({ reason, subject: letter.subject, again }, 'a letter could not be sent');
        if (!again) return;
        await delay(wait, undefined, { ref: false, signal: stopping.signal }).catch(() => undefined);
      }
    }
  };
  return {
    post(letter) {
      const sending = send(letter).finally(() => underWay.delete(sending));
      underWay.add(sending);
    },
    async settled() {
      stopping.abort();
      await Promise.all(underWay);
      carrier.close();
    },
  };
}
