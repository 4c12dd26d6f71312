// Bots, and the tokens that they and scripts sign in with. A bot is a participant of its own, owned by the account that
// made it; a token may do what its scopes say, in one room or in all that its user may enter.
import { z } from 'zod';
import { command } from './define.ts';
import { displayName, pageInput, shownLine, timestamp, uuid } from './ids.ts';
import { SCOPES } from './scopes.ts';

/** Bots of one account. More than anybody looks after, fewer than a flood. */
export const BOTS_MOST = 20;
/** Tokens of one account and its bots that are not revoked. */
export const TOKENS_MOST = 100;
/** Days ahead of now that a token may be given; one without an end can be revoked as well. */
export const TOKEN_DAYS_MOST = 3650;

const scope = z.enum(SCOPES);

export const bot = z.object({
  id: uuid,
  displayName: z.string(),
  createdAt: timestamp,
  /** Tokens that it can sign in with. */
  tokens: z.number().int(),
  /** Rooms that it is in now. */
  rooms: z.number().int(),
  /** When it last signed in with one of its tokens, to the minute. */
  lastUsedAt: timestamp.nullable(),
});
export type Bot = z.infer<typeof bot>;

export const accessToken = z.object({
  id: uuid,
  name: z.string(),
  /** Who signs in with it: the account itself, or one of its bots. */
  user: z.object({ id: uuid, displayName: z.string(), kind: z.enum(['human', 'guest', 'bot']) }),
  scopes: z.array(scope),
  /** The only room it can enter; null: all that its user may. */
  room: z.object({ id: uuid, name: z.string() }).nullable(),
  /** The last characters, to tell it from others. */
  lastFour: z.string(),
  createdAt: timestamp,
  expiresAt: timestamp.nullable(),
  /** When somebody last signed in with it, to the minute. */
  lastUsedAt: timestamp.nullable(),
});
export type AccessToken = z.infer<typeof accessToken>;

export const botCreate = command({
  name: 'bot.create',
  summary: 'Make a bot. It joins rooms as a participant of its own; sign it in with a token (`token.create`).',
  access: { scope: 'account' },
  http: { method: 'POST', path: '/api/bots' },
  mutates: true,
  rate: { perMinute: 60 },
  input: z.object({ name: displayName }),
  output: z.object({ bot }),
});

export const botList = command({
  name: 'bot.list',
  summary: 'The bots of the caller.',
  access: { scope: 'account' },
  http: { method: 'GET', path: '/api/bots' },
  input: z.object({}),
  output: z.object({ bots: z.array(bot) }),
});

export const botDelete = command({
  name: 'bot.delete',
  summary: 'Delete a bot: its tokens end, its connections close, it leaves its rooms. What it wrote keeps its name.',
  access: { scope: 'account' },
  http: { method: 'DELETE', path: '/api/bots/:botId' },
  mutates: true,
  input: z.object({ botId: uuid }),
  output: z.object({}),
});

export const tokenCreate = command({
  name: 'token.create',
  summary:
    'Make a token for a bot, or for scripts of the caller. It is shown this once. `read` is part of every token.',
  access: { scope: 'account' },
  http: { method: 'POST', path: '/api/tokens' },
  mutates: true,
  rate: { perMinute: 60 },
  input: z.object({
    name: shownLine(100),
    /** Left out: the token is the caller's own. */
    botId: uuid.optional(),
    scopes: z.array(scope).min(1).max(SCOPES.length),
    /** Only this room, of which the caller is a member. */
    roomId: uuid.optional(),
    /** Left out: it holds until it is revoked. */
    expiresAt: timestamp.optional(),
  }),
  output: z.object({ token: z.string(), accessToken }),
});

export const tokenList = command({
  name: 'token.list',
  summary: 'Tokens of the caller and of the caller’s bots, those that ended included, revoked ones not.',
  access: { scope: 'account' },
  http: { method: 'GET', path: '/api/tokens' },
  input: z.object(pageInput),
  output: z.object({ tokens: z.array(accessToken), nextCursor: z.string().nullable() }),
});

export const tokenRevoke = command({
  name: 'token.revoke',
  summary: 'End a token; connections that were opened with it close.',
  access: { scope: 'account' },
  http: { method: 'DELETE', path: '/api/tokens/:tokenId' },
  mutates: true,
  input: z.object({ tokenId: uuid }),
  output: z.object({}),
});
