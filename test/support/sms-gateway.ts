// A gateway of text messages, as its operator has one: looks at the signature of what comes (HMAC by Node's own crypto, so
// that nothing of the server stands on both sides), and keeps it.
import { createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text as textOf } from 'node:stream/consumers';
import { until } from './until.ts';

const SECRET = 'a secret of sixteen and more';
/** Seconds that a signature is good for. */
const GOOD_FOR = 60;

export interface SentText {
  readonly id: string;
  readonly to: string;
  readonly text: string;
}

export interface SmsGateway {
  /** What the server has to know of it. */
  readonly settings: { readonly SMS_WEBHOOK_URL: string; readonly SMS_WEBHOOK_SECRET: string };
  /** Those that it took. */
  readonly messages: readonly SentText[];
  /** All that came, those too that it did not take. */
  readonly attempts: readonly SentText[];
  /** What came without a good signature: nothing, where the server is right. */
  readonly unsigned: readonly string[];
  /** What it answers before it takes messages again. */
  readonly troubles: number[];
  /** The code that was sent to a number last, or is. @param after messages to leave out */
  codeSentTo(phone: string, after?: number): Promise<string>;
  close(): void;
}

export async function openSmsGateway(): Promise<SmsGateway> {
  const messages: SentText[] = [];
  const attempts: SentText[] = [];
  const unsigned: string[] = [];
  const troubles: number[] = [];
  const take = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await textOf(request);
    if (!isSigned(body, String(request.headers['x-coderoom-signature']))) unsigned.push(body);
    const status = troubles.shift() ?? 204;
    attempts.push(JSON.parse(body) as SentText);
    if (status === 204) messages.push(attempts.at(-1) as SentText);
    response.writeHead(status).end();
  };
  const server = createServer((request, response) => void take(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    settings: { SMS_WEBHOOK_URL: `http://127.0.0.1:${port}/sms`, SMS_WEBHOOK_SECRET: SECRET },
    messages,
    attempts,
    unsigned,
    troubles,
    async codeSentTo(phone, after = 0) {
      const sent = () => messages.slice(after).findLast(({ to }) => to === phone);
      const { text } = (await until(sent, { what: `a message to ${phone}` })) as SentText;
      return /^\d{6}/.exec(text)?.[0] ?? `no code at the start of: ${text}`;
    },
    close: () => void server.close(),
  };
}

function isSigned(body: string, signature: string): boolean {
  const [, seconds, hex] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(signature) ?? [];
  const wanted = createHmac('sha256', SECRET).update(`${seconds}.${body}`).digest('hex');
  return hex === wanted && Math.abs(Date.now() / 1000 - Number(seconds)) <= GOOD_FOR;
}
