// How somebody appears to others, and the lists that are chosen from.
import { z } from 'zod';
import { command, event } from './define.ts';
import { user } from './identity.ts';
import { displayName, globalRole, timestamp } from './ids.ts';

export const AVATAR_URL_LENGTH = 500;

/** ISO 3166-1 alpha-3. */
const countryCode = z.string().regex(/^[A-Z]{3}$/, 'is not the code of a country, such as KOR');

/** Only over TLS: a picture is loaded by everybody who sees it. */
const avatarUrl = z
  .url({ protocol: /^https$/, hostname: z.regexes.domain })
  .max(AVATAR_URL_LENGTH)
  .refine((url) => !URL.parse(url)?.username, 'holds a user name');

export const profile = z.object({
  avatarUrl: z.string().nullable(),
  country: z.string().nullable(),
  memberSince: timestamp,
  /** On the server as a whole; a role in a room is another thing. */
  role: globalRole,
});
export type Profile = z.infer<typeof profile>;

const me = z.object({ user, profile });

export const meGet = command({
  name: 'me.get',
  summary: 'The user behind the token, with the profile.',
  access: { scope: 'user', token: 'read' },
  http: { method: 'GET', path: '/api/me' },
  input: z.object({}),
  output: me,
});

export const meUpdate = command({
  name: 'me.update',
  summary: 'Change the profile: what is left out stays. A new name shows at once in the rooms that one is in.',
  access: { scope: 'user' },
  http: { method: 'PATCH', path: '/api/me' },
  mutates: true,
  rate: { perMinute: 30 },
  input: z.object({
    displayName: displayName.optional(),
    avatarUrl: avatarUrl.nullable().optional(),
    country: countryCode.nullable().optional(),
  }),
  output: me,
});

const country = z.object({
  code: z.string(),
  name: z.object({ en: z.string(), ko: z.string() }),
  flag: z.string().nullable(),
});

export const countryList = command({
  name: 'country.list',
  summary: 'The countries of ISO 3166-1, by English name.',
  access: { scope: 'anyone' },
  http: { method: 'GET', path: '/api/countries' },
  input: z.object({}),
  output: z.object({ countries: z.array(country) }),
});

export const meChanged = event({
  name: 'me.changed',
  summary: 'The profile was changed, here or on another device; only its owner hears it.',
  payload: me,
});
