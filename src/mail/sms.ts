// Text messages: to an address of the operator's that sends them on, signed, so that it can tell ours from anybody's;
// without one into the log, where a developer finds them.
import { createHmac, randomUUID } from 'node:crypto';
import type { Log } from '../observe/log.ts';
import { deliverBy, type Mail } from './delivery.ts';
import { HourCount } from './hour-count.ts';
import type { Carrier, Letter } from './letter.ts';

export interface SmsOptions {
  /** Where messages are posted; undefined: the log. */
  readonly webhookUrl: string | undefined;
  readonly secret: string | undefined;
  /** Messages in an hour, to everybody together. */
  readonly perHour: number;
  readonly log: Log;
}

/** The way for text messages; who posts one counts it before, against the limit of all. */
export interface Sms extends Mail {
  readonly perHour: number;
  /** Notes one that the limit of all did not let out. */
  refused(): void;
  /** Figures of this node for an operator; what they mean stands in observe/gauges.ts. */
  stats(): SmsStats;
}

export interface SmsStats {
  readonly textMessagesSent: number;
  readonly textMessagesRefused: number;
  readonly textMessagesPerHour: number;
}

/** Milliseconds for an answer. */
const ANSWER_MS = 10_000;

/** Opens the way for text messages. */
export function openSms({ webhookUrl, secret, perHour, log }: SmsOptions): Sms {
  const way = deliverBy(webhookUrl === undefined ? logCarrier(log) : webhookCarrier(webhookUrl, secret ?? ''), log);
  const [sent, refused] = [new HourCount(), new HourCount()];
  return {
    perHour,
    post(letter) {
      sent.add();
      way.post(letter);
    },
    settled: () => way.settled(),
    refused: () => refused.add(),
    stats: () => ({
      textMessagesSent: sent.total(),
      textMessagesRefused: refused.total(),
      textMessagesPerHour: perHour,
    }),
  };
}

/**
 * `POST` with `{id, to, text}` as JSON and the header `x-coderoom-signature: t=SECONDS,v1=HEX`, where HEX is
 * HMAC-SHA-256(secret, `SECONDS.BODY`). The id is the same for every try of a message.
 */
export function webhookCarrier(url: string, secret: string): Carrier {
  const ids = new WeakMap<Letter, string>();
  return {
    async carry(letter) {
      const id = ids.get(letter) ?? randomUUID();
      ids.set(letter, id);
      const body = JSON.stringify({ id, to: letter.to, text: letter.text });
      const seconds = Math.floor(Date.now() / 1000);
      const signature = createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex');
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-coderoom-signature': `t=${seconds},v1=${signature}` },
        body,
        redirect: 'error',
        signal: AbortSignal.timeout(ANSWER_MS),
      });
      await response.body?.cancel();
      if (!response.ok) throw new Error(`the address of SMS_WEBHOOK_URL answered ${response.status}`);
    },
    close() {},
  };
}

function logCarrier(log: Log): Carrier {
  return {
    async carry({ to, text: message }) {
      // Not under `text`: the log hides what stands there.
      log.info({ sms: { to, message } }, 'no SMS_WEBHOOK_URL is set: this message is only written here');
    },
    close() {},
  };
}
