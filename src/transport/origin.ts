// Which pages may open a connection from a visitor's browser.
import type { IncomingMessage } from 'node:http';

/** A page of another site must not act with a visitor's connection; clients that are no browsers send no origin. */
export function isOriginAllowed(headers: NodeJS.Dict<string | string[]>, origins: readonly string[]): boolean {
  const { origin, host } = headers;
  if (typeof origin !== 'string' || origin === 'null') return origin === undefined;
  return origins.includes(origin) || origins.includes('*') || URL.parse(origin)?.host === host;
}

/** Reads the address of a request, past as many trusted proxies as there are. */
export function addressReader(proxies: number): (request: IncomingMessage) => string {
  return (request) => {
    const direct = request.socket.remoteAddress ?? '0.0.0.0';
    if (proxies === 0) return direct;
    const forwarded = String(request.headers['x-forwarded-for'] ?? '')
      .split(',')
      .map((part) => part.trim());
    return [...forwarded.filter(Boolean), direct].at(-1 - proxies) ?? direct;
  };
}
