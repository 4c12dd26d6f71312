// What the isolate may ask the child's process for. Hostile code may call these with anything: they answer with a
// string, a number or a boolean, throw nothing (an error would show host paths) and do a bounded amount of work.
import { randomBytes } from 'node:crypto';

const URL_CHARS = 64 * 1024; // a longer text is no URL that anybody means
const RANDOM_BYTES = 65_536; // what browsers allow in one call

const SETTABLE: readonly string[] = [
  'href',
  'protocol',
  'username',
  'password',
  'host',
  'hostname',
  'port',
  'pathname',
  'search',
  'hash',
];

/** Parses or changes a URL; see `UrlHost` in runtime/url.ts. */
export function answerUrl(change: unknown, href: unknown, value: unknown): string {
  if (typeof change !== 'string' || typeof href !== 'string' || typeof value !== 'string') return '';
  if (href.length > URL_CHARS || value.length > URL_CHARS) return '';
  try {
    if (change === 'parse') return partsOf(value === '' ? new URL(href) : new URL(href, value));
    const url = new URL(href);
    if (SETTABLE.includes(change)) Reflect.set(url, change, value);
    return partsOf(url);
  } catch {
    return '';
  }
}

function partsOf(url: URL): string {
  const { href, protocol, username, password, host, hostname, port, pathname, search, hash, origin } = url;
  return JSON.stringify({ href, protocol, username, password, host, hostname, port, pathname, search, hash, origin });
}

/** Random bytes as hex; empty when the count is not one. */
export function answerRandom(bytes: unknown): string {
  if (typeof bytes !== 'number' || !Number.isInteger(bytes) || bytes < 0 || bytes > RANDOM_BYTES) return '';
  return randomBytes(bytes).toString('hex');
}
