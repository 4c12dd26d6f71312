// Addresses: `/` is the start, `/r/<CODE>` a room, `/account/…#<TOKEN>` where a link in a letter leads. The address is the
// truth; nothing else remembers where one is.
import { signal } from '@preact/signals';
import { formatRoomCode, normalizeRoomCode } from '../protocol/room-code.ts';

/** `code` is as written in the address; whether it can be one is for the room page to say. */
export type Route =
  | { readonly page: 'home' }
  | { readonly page: 'room'; readonly code: string }
  | { readonly page: 'verify' | 'reset'; readonly token: string }
  | { readonly page: 'unknown' };

export const route = signal<Route>(read());

addEventListener('popstate', () => {
  route.value = read();
});

/** Goes to another address of the page without loading it anew. */
export function navigate(path: string): void {
  if (path !== location.pathname) history.pushState(null, '', path);
  route.value = read();
}

/** The address of a room, from a code however it is written. */
export function roomPath(code: string): string {
  const known = normalizeRoomCode(code);
  return `/r/${encodeURIComponent(known ? formatRoomCode(known) : code)}`;
}

/** What is sent to others so that they can come in. */
export function roomLink(code: string): string {
  return new URL(roomPath(code), location.origin).href;
}

function read(): Route {
  const { pathname } = location;
  if (pathname === '/' || pathname === '/index.html') return { page: 'home' };
  const link = /^\/account\/(verify|reset)$/.exec(pathname)?.[1] as 'verify' | 'reset' | undefined;
  if (link) return { page: link, token: takeToken() };
  const code = /^\/r\/([^/]+)\/?$/.exec(pathname)?.[1];
  return code === undefined ? { page: 'unknown' } : { page: 'room', code: decode(code) };
}

/** What stands behind the #. It does not stay there: nobody finds it in the history. */
function takeToken(): string {
  const token = location.hash.slice(1);
  history.replaceState(history.state, '', location.pathname);
  return token;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
