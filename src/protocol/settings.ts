// What can be chosen among in the preferences. No zod here: the page names them.

export const THEMES = ['system', 'light', 'dark'] as const;
/** The editor's own keys, or those of Emacs where they do not collide with the page's. */
export const EDITOR_KEYS = ['default', 'emacs'] as const;
