// Letters to people: through an SMTP server where one is configured, else into the log, where a developer finds them.
import { setTimeout as delay } from 'node:timers/promises';
import type { Log } from '../observe/log.ts';
import type { Carrier, Letter } from './letter.ts';
import { smtpCarrier } from './smtp-carrier.ts';

/** The port to letters. */
export interface Mail {
  /** Hands a letter over and returns at once: nobody can tell from the time of an answer whether there was one. */
  post(letter: Letter): void;
  /** Resolves when no letter is on its way. */
  settled(): Promise<void>;
}

export interface MailOptions {
  /** `smtps://user:password@host:465`; undefined: the log. */
  readonly smtpUrl: string | undefined;
  /** The sender, as in `Coderoom <coderoom@example.org>`. */
  readonly from: string;
  readonly log: Log;
}

/** Milliseconds before the second and the third try. */
const RETRY_MS = [2_000, 10_000] as const;

/** Opens the way for letters. One that cannot be sent after three tries is given up and logged, without its text. */
export function openMail({ smtpUrl, from, log }: MailOptions): Mail {
  const carrier = smtpUrl === undefined ? logCarrier(log) : smtpCarrier(smtpUrl, from);
  const underWay = new Set<Promise<void>>();
  const send = async (letter: Letter): Promise<void> => {
    for (const wait of [...RETRY_MS, undefined]) {
      try {
        return await carrier.carry(letter);
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        log.warn({ reason, subject: letter.subject, again: wait !== undefined }, 'a letter could not be sent');
        if (wait !== undefined) await delay(wait, undefined, { ref: false });
      }
    }
  };
  return {
    post(letter) {
      const sending = send(letter).finally(() => underWay.delete(sending));
      underWay.add(sending);
    },
    async settled() {
      await Promise.all(underWay);
      carrier.close();
    },
  };
}

function logCarrier(log: Log): Carrier {
  return {
    async carry({ to, subject, text }) {
      log.info({ letter: { to, subject, text } }, 'no SMTP_URL is set: this letter is only written here');
    },
    close() {},
  };
}
