// What SQLite says is wrong, and where: sql.js does not tell the place, so it is found again by what the message names.
import { lineAndColumn, placesOf, startOf } from './segments.ts';
import type { Database } from './sqlite.ts';

/** As the child tells it; `kind` as in `RunError`. */
export interface Problem {
  readonly kind: 'exception' | 'syntax' | 'memory';
  readonly message: string;
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** A statement that failed. `at` is where `sql` begins in `text`. */
export interface Failure {
  readonly thrown: unknown;
  readonly file: string;
  readonly text: string;
  readonly sql: string;
  readonly at: number;
}

const SYNTAX = /syntax error$|^unrecognized token|^incomplete input$/;
const NAMED =
  /^(?:no such (?:table|column|function|index|view|collation sequence)|ambiguous column name|no such module): (?:\w+\.)*(.+)$/;
const WRONG_COUNT = /^(?:wrong number of arguments to function|misuse of (?:aggregate|window function):?) (\w+)\(\)/;

/** Describes a failure: the words of SQLite, and the place that they mean, or where the statement begins. */
export function problemOf(database: Database, failure: Failure): Problem {
  const { thrown, file, text, at } = failure;
  const words = thrown instanceof Error ? thrown.message : String(thrown);
  if (/^(out of memory|memory limit reached|Array buffer allocation failed)$/.test(words)) {
    return { kind: 'memory', message: 'memory limit reached', file, ...lineAndColumn(text, at) };
  }
  const offset = placeIn(database, failure.sql, words) ?? startOf(failure.sql);
  return {
    kind: SYNTAX.test(words) ? 'syntax' : 'exception',
    message: `${words}${hint(database, words)}`,
    file,
    ...lineAndColumn(text, at + offset),
  };
}

function placeIn(database: Database, sql: string, words: string): number | undefined {
  const near = /^(?:near|unrecognized token:) "([\s\S]+?)"(?:: syntax error)?$/.exec(words)?.[1];
  if (near !== undefined) return firstWrong(database, sql, { near, words });
  const name = NAMED.exec(words)?.[1] ?? WRONG_COUNT.exec(words)?.[1];
  return name === undefined ? undefined : placesOf(sql, name)[0];
}

/** Tries at most; a statement with more of the same word before the wrong one gets its beginning as the place. */
const MOST_TRIES = 50;

/** A parser stops at the first wrong word: a text that ends with it fails in the same way, one that ends before does not. */
function firstWrong(
  database: Database,
  sql: string,
  { near, words }: { near: string; words: string },
): number | undefined {
  const places = placesOf(sql, near).slice(0, MOST_TRIES);
  return places.find((at) => failsAs(database, sql.slice(0, at + near.length), words));
}

function failsAs(database: Database, sql: string, words: string): boolean {
  try {
    const statements = database.iterateStatements(sql);
    while (!statements.next().done); // prepares, runs nothing
    return false;
  } catch (error) {
    return (error as Error).message === words;
  }
}

const NAMES_SHOWN = 10;

/** Which tables there are, for who asks for another. */
function hint(database: Database, words: string): string {
  if (!words.startsWith('no such table')) return '';
  try {
    const select = `select name from sqlite_schema where type in ('table', 'view') and name not like 'sqlite_%' order by 1`;
    const names = database.exec(select)[0]?.values.flat() ?? [];
    if (names.length === 0) return '; there are none';
    return `; there are ${names.slice(0, NAMES_SHOWN).join(', ')}${names.length > NAMES_SHOWN ? ' and more' : ''}`;
  } catch {
    return '';
  }
}
