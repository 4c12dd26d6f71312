// One's own data: taken along, and taken away.
import { z } from 'zod';
import { command } from './define.ts';
import { DISPLAY_NAME_LENGTH, timestamp } from './ids.ts';

export const meExport = command({
  name: 'me.export',
  summary: 'Everything that the server knows of the caller, as JSON: answers with a link that works for five minutes.',
  access: { scope: 'user' },
  http: { method: 'POST', path: '/api/me/export' },
  mutates: true,
  rate: { perMinute: 5 },
  input: z.object({}),
  output: z.object({
    /** On this server; without further proof, so it is for nobody else. */
    path: z.string(),
    expiresAt: timestamp,
  }),
});

export const meErase = command({
  name: 'me.erase',
  summary:
    'Erase the caller for good: name, addresses, sessions, memberships and what is only theirs go; what they wrote stays, without the name; their rooms are handed over or closed.',
  access: { scope: 'user' },
  http: { method: 'POST', path: '/api/me/erase' },
  mutates: true,
  transaction: false,
  rate: { perMinute: 5 },
  input: z.object({
    /** Of those who have one. */
    password: z.string().max(1024).normalize('NFKC').optional(),
    /** The display name, typed once more, by those who have no password. */
    displayName: z.string().max(DISPLAY_NAME_LENGTH).optional(),
  }),
  output: z.object({
    /** Rooms that have another owner now, and that were closed because nobody could be. */
    roomsHandedOver: z.number().int(),
    roomsClosed: z.number().int(),
  }),
});
