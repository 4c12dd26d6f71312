// Who somebody is, and how one becomes a guest. Guests and accounts sign in with the same kind of token.
import { z } from 'zod';
import { command, event } from './define.ts';
import { displayName, timestamp, uuid } from './ids.ts';

export const user = z.object({ id: uuid, displayName: z.string(), kind: z.enum(['human', 'guest', 'bot']) });
export type User = z.infer<typeof user>;

/** What one is given on signing in. */
export const signedIn = z.object({
  /** For every call; short-lived where there is a refresh token. */
  token: z.string(),
  expiresAt: timestamp,
  /** Gets the next token with `session.refresh`, once. Not there where a browser keeps it as a cookie, or there is none. */
  refreshToken: z.string().optional(),
  user,
});
export type SignedInAnswer = z.infer<typeof signedIn>;

export const guestCreate = command({
  name: 'guest.create',
  summary:
    'Become a guest: a display name is enough. The token is shown once; it holds for 30 days, or, if renewable, for minutes and can be renewed.',
  access: { scope: 'anyone' },
  http: { method: 'POST', path: '/api/guests' },
  mutates: true,
  rate: { perMinute: 1200 },
  input: z.object({ displayName, renewable: z.boolean().default(false) }),
  output: signedIn,
});

export const sessionEnded = event({
  name: 'session.ended',
  summary:
    'The last event of a connection: what it was signed in by is over. The server hangs up; coming back is refused.',
  payload: z.object({ reason: z.enum(['expired', 'revoked']) }),
});
