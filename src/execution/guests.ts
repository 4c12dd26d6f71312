// Which code runs programs of a kind; only that of one kind is ever loaded into a process.
import type { Guest } from './guest.ts';

/**
 * Loads the code of a kind.
 * @param onFatal called when V8 has lost control of an isolate
 */
export async function loadGuest(kind: string | undefined, onFatal: () => void): Promise<Guest> {
  if (kind !== 'python') return new (await import('./prepared-sessions.ts')).PreparedSessions(onFatal);
  const guest = new (await import('./python/python-guest.ts')).PythonGuest(onFatal);
  await guest.prepare();
  return guest;
}
