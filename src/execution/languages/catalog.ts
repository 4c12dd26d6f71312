// The languages the engine knows, as data: the server reads this, the child has the code beside it.

/** A language as a client sees it. `extensions` start with a dot. */
export interface Language {
  readonly id: string;
  readonly name: string;
  readonly extensions: readonly string[];
}

export const LANGUAGES: readonly Language[] = [
  { id: 'javascript', name: 'JavaScript', extensions: ['.js', '.mjs'] },
  { id: 'typescript', name: 'TypeScript', extensions: ['.ts', '.mts'] },
  { id: 'sql', name: 'SQL', extensions: ['.sql'] },
];
