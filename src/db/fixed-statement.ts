// Statements whose text is made once. Putting one together with the query builder takes as long as PostgreSQL takes to run
// it, and these are part of what people wait for.
import { CompiledQuery, type Insertable } from 'kysely';
import type { Tables } from './tables.ts';

/** A statement for `ahead`, `together` and the like. */
export interface FixedStatement<Row = unknown> {
  compile(): CompiledQuery<Row>;
}

/**
 * A statement by its text.
 * @param text with $1, $2 and so on for the values, which come with each use
 */
export function fixed<Row = unknown, Values extends readonly unknown[] = readonly unknown[]>(
  text: string,
): (...values: Values) => FixedStatement<Row> {
  return (...values) => ({ compile: () => CompiledQuery.raw(text, [...values]) as CompiledQuery<Row> });
}

/**
 * Makes a function that inserts rows into a table, all with the same columns.
 * @param columns in the order of the statement; what a row lacks of them is null
 * @param returning columns of the new rows that are wanted back
 */
export function insertion<T extends keyof Tables>(
  table: T,
  columns: readonly (keyof Insertable<Tables[T]> & string)[],
  returning: readonly string[] = [],
): <Row>(rows: readonly Insertable<Tables[T]>[]) => FixedStatement<Row> {
  const names = (list: readonly string[]): string => list.map((name) => `"${name}"`).join(', ');
  const ending = returning.length === 0 ? '' : ` returning ${names(returning)}`;
  const texts = new Map<number, string>();
  const textFor = (count: number): string => {
    const known = texts.get(count);
    if (known !== undefined) return known;
    const tuple = (row: number): string =>
      `(${columns.map((_, at) => `$${row * columns.length + at + 1}`).join(', ')})`;
    const tuples = Array.from({ length: count }, (_, row) => tuple(row)).join(', ');
    const text = `insert into "${table}" (${names(columns)}) values ${tuples}${ending}`;
    texts.set(count, text);
    return text;
  };
  return <Row>(rows: readonly Insertable<Tables[T]>[]) => {
    const values = rows.flatMap((row) => columns.map((column) => row[column] ?? null));
    return { compile: () => CompiledQuery.raw(textFor(rows.length), values) as CompiledQuery<Row> };
  };
}
