// Statements that connections keep parsed and planned, each under one name on all of them.

/** As many are kept; beyond it statements are planned each time. */
const PREPARED_STATEMENTS = 500;
/** Characters of a statement that is worth keeping; longer ones are lists of rows, each of another length. */
const PREPARED_LENGTH = 2_000;
/** The plan no longer fits the tables (a migration), or a pooler in between gave the statement to another connection. */
const NOT_PREPARED = new Set(['0A000', '26000', '42P05']);

/** By text; undefined for what must not be prepared. */
const names = new Map<string, string | undefined>();

/** @returns the name of a statement; undefined when it is to be planned anew each time */
export function preparedName(text: string): string | undefined {
  if (text.length > PREPARED_LENGTH) return undefined;
  if (names.has(text) || names.size >= PREPARED_STATEMENTS) return names.get(text);
  const name = `s${names.size}`;
  names.set(text, name);
  return name;
}

/** From now on a statement has no name, if that is why it failed. */
export function forgetPrepared(text: string, error: unknown): void {
  if (NOT_PREPARED.has(Object(error).code)) names.set(text, undefined);
}
