// The languages the engine knows, as data: the server reads this, the child has the code beside it.

import type { GuestKind } from '../guest.ts';

/** A language as a client sees it. `extensions` start with a dot. */
export interface Language {
  readonly id: string;
  readonly name: string;
  readonly extensions: readonly string[];
}

/** One that runs in a sandbox of this engine. */
export interface OwnLanguage extends Language {
  readonly kind: GuestKind;
}

export const LANGUAGES: readonly OwnLanguage[] = [
  { id: 'javascript', name: 'JavaScript', extensions: ['.js', '.mjs'], kind: 'script' },
  { id: 'typescript', name: 'TypeScript', extensions: ['.ts', '.mts'], kind: 'script' },
  { id: 'python', name: 'Python', extensions: ['.py'], kind: 'python' },
  { id: 'sql', name: 'SQL', extensions: ['.sql'], kind: 'script' },
];
