// Becoming a guest with a token that holds for 30 days. For one that is renewed, see sign-in.ts.
import type { CommandOutput } from '../protocol/index.ts';
import { post } from './http-call.ts';

/**
 * Becomes a guest of a server.
 * @param url where the server is, e.g. `http://127.0.0.1:3000`
 * @param displayName 1 to 50 visible characters
 * @returns the token for `connect`, shown this once, and who one is now
 * @throws CoderoomError `invalid_input`, `rate_limited`, …, `offline`, `timeout`
 */
export async function createGuest(url: string, displayName: string): Promise<CommandOutput<'guest.create'>> {
  const { data } = await post<CommandOutput<'guest.create'>>({ url, path: '/api/guests', body: { displayName } });
  return data;
}
