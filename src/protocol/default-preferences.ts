// Preferences as they are until somebody chooses. No zod here: the page has them, too.
import type { Preferences } from './preferences.ts';

export const DEFAULT_PREFERENCES: Preferences = {
  theme: 'system',
  language: null,
  timeZone: null,
  notificationsEnabled: true,
  notifications: { knocks: true, mentions: true, replies: true, runs: true },
  editor: {
    fontSize: 13,
    tabWidth: 4,
    indentWithTabs: false,
    lineWrap: false,
    lineNumbers: true,
    closeBrackets: true,
    keys: 'default',
  },
  ui: { reduceMotion: false },
  avatar: { model: null },
  voiceEnabled: false,
  preferredPersona: null,
};
