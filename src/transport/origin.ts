// Which pages may open a connection from a visitor's browser.
import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';

/** A page of another site must not act with a visitor's connection; clients that are no browsers send no origin. */
export function isOriginAllowed(headers: NodeJS.Dict<string | string[]>, origins: readonly string[]): boolean {
  const { origin, host } = headers;
  if (typeof origin !== 'string' || origin === 'null') return origin === undefined;
  return origins.includes(origin) || origins.includes('*') || URL.parse(origin)?.host === host;
}

/** Reads the address of a request, past as many trusted proxies as there are. */
export function addressReader(proxies: number): (request: IncomingMessage) => string {
  return (request) => {
    const direct = plainAddress(request.socket.remoteAddress) ?? '0.0.0.0';
    if (proxies === 0) return direct;
    const forwarded = String(request.headers['x-forwarded-for'] ?? '')
      .split(',')
      .map((part) => part.trim());
    const way = [...forwarded.filter(Boolean), direct];
    return plainAddress(way.at(-1 - proxies) ?? way[0]) ?? direct;
  };
}

/** Without the port that some proxies add and without an IPv6 zone; undefined when it is no address. */
export function plainAddress(written: string | undefined): string | undefined {
  const [, inBrackets, beforePort] = /^\[([^\]]+)\](?::\d+)?$|^([\d.]+):\d+$/.exec(written ?? '') ?? [];
  const address = (inBrackets ?? beforePort ?? written ?? '').replace(/%.*$/, '');
  return isIP(address) === 0 ? undefined : address;
}
