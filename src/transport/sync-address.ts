// The address of a document for stock Yjs clients: /yjs/<ROOMCODE>/<path/of/file>?token=….
import { AppError } from '../protocol/errors.ts';

/** What the addresses begin with. */
export const SYNC_PREFIX = '/yjs/';

export function isSyncAddress(url: string | undefined): boolean {
  return url?.startsWith(SYNC_PREFIX) ?? false;
}

/** @throws AppError `invalid_input` */
export function readAddress(url: string): { token: string | undefined; roomCode: string; path: string } {
  const address = URL.parse(url, 'ws://host');
  const [roomCode, ...path] = address?.pathname.slice(SYNC_PREFIX.length).split('/') ?? [];
  if (!address || !roomCode || path.length === 0) throw new AppError('invalid_input', 'The address is /yjs/CODE/path.');
  try {
    const decoded = path.map(decodeURIComponent).join('/');
    return {
      token: address.searchParams.get('token') ?? undefined,
      roomCode: decodeURIComponent(roomCode),
      path: decoded,
    };
  } catch {
    throw new AppError('invalid_input', 'The address has a broken escape.');
  }
}
