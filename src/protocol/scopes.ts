// What a token may be given leave to do. No zod here: the page names them.

/** `read` is part of every token: nothing else works without it. */
export const SCOPES = ['read', 'write', 'run', 'chat'] as const;
export type Scope = (typeof SCOPES)[number];
