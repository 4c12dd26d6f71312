// Letters over SMTP, by nodemailer.
import nodemailer from 'nodemailer';
import type { Carrier } from './letter.ts';

/** Milliseconds for each step of the conversation. */
const STEP_MS = 10_000;
/** Connections kept open at most: what a registration or a class that signs up at once needs. */
const CONNECTIONS = 2;

/**
 * @param url `smtp://…` (STARTTLS where the server offers it) or `smtps://…`; with `user:password@` where it asks
 * @param from the sender
 */
export function smtpCarrier(url: string, from: string): Carrier {
  const { protocol, hostname, port, username, password, searchParams } = new URL(url);
  const secure = protocol === 'smtps:';
  const transport = nodemailer.createTransport({
    host: hostname.replace(/^\[|\]$/g, ''),
    port: Number(port) || (secure ? 465 : 587),
    secure,
    // A password never goes over the wire in the clear, unless the operator says so.
    requireTLS: !secure && username !== '' && searchParams.get('insecure') !== '1',
    ...(username === '' ? {} : { auth: { user: decodeURIComponent(username), pass: decodeURIComponent(password) } }),
    pool: true,
    maxConnections: CONNECTIONS,
    connectionTimeout: STEP_MS,
    greetingTimeout: STEP_MS,
    socketTimeout: STEP_MS,
    // A letter is text: nothing in it makes the server read files or fetch addresses.
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return {
    async carry({ to, subject, text }) {
      // As an object: an address is never read as a list or a header.
      await transport.sendMail({ from, to: { name: '', address: to }, subject, text });
    },
    close: () => transport.close(),
  };
}
