// Becoming a guest: the one call that is made before there is a token, hence over HTTP.
import type { CommandOutput } from '../protocol/index.ts';
import { CoderoomError, fromWire, offline } from './errors.ts';

/** Milliseconds; longer than a cold start of the server behind a proxy, shorter than anybody’s patience. */
const GUEST_TIMEOUT_MS = 15_000;

/**
 * Becomes a guest of a server.
 * @param url where the server is, e.g. `http://127.0.0.1:3000`
 * @param displayName 1 to 50 visible characters
 * @returns the token for `connect`, shown this once, and who one is now
 * @throws CoderoomError `invalid_input`, `rate_limited`, …, `offline`, `timeout`
 */
export async function createGuest(url: string, displayName: string): Promise<CommandOutput<'guest.create'>> {
  const answer = await post(new URL('/api/guests', url), { displayName });
  if (answer?.ok === true) return answer.data as CommandOutput<'guest.create'>;
  throw fromWire(answer?.error);
}

async function post(url: URL, body: unknown): Promise<{ ok?: unknown; data?: unknown; error?: unknown } | undefined> {
  let text: string;
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(GUEST_TIMEOUT_MS),
    });
    text = await response.text();
  } catch (error) {
    const isLate = (error as { name?: unknown } | undefined)?.name === 'TimeoutError';
    throw isLate ? new CoderoomError('timeout', 'The server did not answer in time.') : offline('No server answered.');
  }
  try {
    return JSON.parse(text) as { ok?: unknown };
  } catch {
    return undefined;
  }
}
