// Sign-in sessions: one for each browser or program that somebody is signed in with.
import { z } from 'zod';
import { command } from './define.ts';
import { signedIn } from './identity.ts';
import { pageInput, timestamp, uuid } from './ids.ts';

/** Left out by browsers, whose cookie has it. */
const refreshToken = z.string().max(200).optional();

export const sessionRefresh = command({
  name: 'session.refresh',
  summary:
    'The next token and the next refresh token. A refresh token that was used before ends the session, unless it is the last one and was used a moment ago: then the answer is the same once more.',
  access: { scope: 'anyone' },
  http: { method: 'POST', path: '/api/session/refresh' },
  mutates: true,
  transaction: false,
  rate: { perMinute: 600 },
  input: z.object({
    refreshToken,
    /** False: while the token has more than half of its time, the answer is the tokens as they are. For tabs that share a cookie. */
    rotate: z.boolean().default(true),
  }),
  output: signedIn,
});

export const accountLogout = command({
  name: 'account.logout',
  summary: 'End this session: that of the refresh token, else that of the one who calls.',
  access: { scope: 'anyone' },
  http: { method: 'POST', path: '/api/session/logout' },
  mutates: true,
  rate: { perMinute: 120 },
  input: z.object({ refreshToken }),
  output: z.object({}),
});

export const accountLogoutEverywhere = command({
  name: 'account.logoutEverywhere',
  summary: 'End all sessions of the one who calls, or all but this one.',
  access: { scope: 'user' },
  http: { method: 'POST', path: '/api/sessions/end' },
  mutates: true,
  rate: { perMinute: 20 },
  input: z.object({ keepThis: z.boolean().default(false) }),
  output: z.object({ ended: z.number().int() }),
});

export const signInSession = z.object({
  id: uuid,
  /** The session of this very call. */
  current: z.boolean(),
  device: z.object({
    /** Such as Firefox; null where the program does not say, or is none that people browse with. */
    browser: z.string().nullable(),
    system: z.string().nullable(),
    kind: z.enum(['desktop', 'phone', 'tablet', 'program']),
  }),
  address: z.string().nullable(),
  createdAt: timestamp,
  /** To some minutes: when it last got a token. */
  lastActiveAt: timestamp,
  expiresAt: timestamp,
});
export type SignInSessionInfo = z.infer<typeof signInSession>;

export const sessionList = command({
  name: 'session.list',
  summary: 'Where the one who calls is signed in, the newest session first.',
  access: { scope: 'user' },
  http: { method: 'GET', path: '/api/sessions' },
  input: z.object({ ...pageInput }),
  output: z.object({ sessions: z.array(signInSession), nextCursor: z.string().nullable() }),
});

export const sessionRevoke = command({
  name: 'session.revoke',
  summary: 'End one of the sessions of the one who calls.',
  access: { scope: 'user' },
  http: { method: 'DELETE', path: '/api/sessions/:sessionId' },
  mutates: true,
  input: z.object({ sessionId: uuid }),
  output: z.object({}),
});
