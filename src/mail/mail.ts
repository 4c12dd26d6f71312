// Letters to people: through an SMTP server where one is configured, else into the log, where a developer finds them.
import type { Log } from '../observe/log.ts';
import { deliverBy, type Mail } from './delivery.ts';
import type { Carrier } from './letter.ts';
import { smtpCarrier } from './smtp-carrier.ts';

export type { Mail } from './delivery.ts';

export interface MailOptions {
  /** `smtps://user:password@host:465`; undefined: the log. */
  readonly smtpUrl: string | undefined;
  /** The sender, as in `Coderoom <coderoom@example.org>`. */
  readonly from: string;
  readonly log: Log;
}

/** Opens the way for letters. */
export function openMail({ smtpUrl, from, log }: MailOptions): Mail {
  return deliverBy(smtpUrl === undefined ? logCarrier(log) : smtpCarrier(smtpUrl, from), log);
}

function logCarrier(log: Log): Carrier {
  return {
    async carry({ to, subject, text: message }) {
      // Not under `text`: the log hides what stands there.
      log.info({ letter: { to, subject, message } }, 'no SMTP_URL is set: this letter is only written here');
    },
    close() {},
  };
}
