// What somebody prefers, the same on all devices. A setting that is not known is dropped, like every unknown field: the
// answer has all that hold.
import { z } from 'zod';
import { command, event } from './define.ts';
import { EDITOR_KEYS, THEMES } from './settings.ts';

const LANGUAGE_LENGTH = 35;
const TIME_ZONE_LENGTH = 64;

/** BCP 47, in its canonical form: `en`, `ko`, `pt-BR`. */
const language = z.string().max(LANGUAGE_LENGTH).refine(isLanguage, 'is not a language, such as en or pt-BR');
/** IANA: `Asia/Seoul`. */
const timeZone = z.string().max(TIME_ZONE_LENGTH).refine(isTimeZone, 'is not a time zone, such as Asia/Seoul');
const personaId = z.string().regex(/^[a-z0-9-]{1,50}$/, 'is not the id of a persona');

const editor = z.object({
  /** CSS pixels. */
  fontSize: z.number().int().min(10).max(28),
  /** Columns between tab stops, and of one step of indentation. */
  tabWidth: z.number().int().min(1).max(8),
  indentWithTabs: z.boolean(),
  lineWrap: z.boolean(),
  lineNumbers: z.boolean(),
  closeBrackets: z.boolean(),
  keys: z.enum(EDITOR_KEYS),
});

const ui = z.object({
  /** Less motion than the system asks for. */
  reduceMotion: z.boolean(),
});

/** What somebody is told about, where notifications are on at all. */
const notifications = z.object({
  knocks: z.boolean(),
  mentions: z.boolean(),
  replies: z.boolean(),
  runs: z.boolean(),
});

/** How an assistant is shown. */
const avatar = z.object({
  /** Name of the figure; null: the one of the persona. */
  model: z
    .string()
    .regex(/^[\w./-]{1,100}$/, 'is not the name of a figure')
    .nullable(),
});

export const preferences = z.object({
  theme: z.enum(THEMES),
  /** Of dates and numbers; null: that of the device. */
  language: language.nullable(),
  /** Null: that of the device. */
  timeZone: timeZone.nullable(),
  notificationsEnabled: z.boolean(),
  notifications,
  editor,
  ui,
  avatar,
  voiceEnabled: z.boolean(),
  /** The assistant that is asked first. */
  preferredPersona: personaId.nullable(),
});
export type Preferences = z.infer<typeof preferences>;

/** Of groups, too: what is left out stays. */
const changes = preferences.partial().extend({
  notifications: notifications.partial().optional(),
  editor: editor.partial().optional(),
  ui: ui.partial().optional(),
  avatar: avatar.partial().optional(),
});
export type PreferenceChanges = z.infer<typeof changes>;

export const preferencesGet = command({
  name: 'preferences.get',
  summary: 'The preferences of the caller, all of them.',
  access: { scope: 'user', token: 'read' },
  http: { method: 'GET', path: '/api/preferences' },
  input: z.object({}),
  output: z.object({ preferences }),
});

export const preferencesSet = command({
  name: 'preferences.set',
  summary: 'Change preferences: what is left out stays.',
  access: { scope: 'user' },
  http: { method: 'PATCH', path: '/api/preferences' },
  mutates: true,
  rate: { perMinute: 120 },
  input: changes,
  output: z.object({ preferences }),
});

export const preferencesChanged = event({
  name: 'preferences.changed',
  summary: 'Preferences were changed, here or on another device; only their owner hears it.',
  payload: z.object({ preferences }),
});

export const personaList = command({
  name: 'persona.list',
  summary: 'The assistants to choose from.',
  access: { scope: 'user', token: 'read' },
  http: { method: 'GET', path: '/api/personas' },
  input: z.object({}),
  output: z.object({
    personas: z.array(z.object({ id: z.string(), name: z.string(), description: z.string() })),
  }),
});

function isLanguage(text: string): boolean {
  try {
    return Intl.getCanonicalLocales(text)[0] === text;
  } catch {
    return false;
  }
}

function isTimeZone(text: string): boolean {
  try {
    // An offset such as +09:00 is taken as well; it knows no summer time.
    new Intl.DateTimeFormat('en', { timeZone: text });
    return /^[A-Za-z]/.test(text);
  } catch {
    return false;
  }
}
