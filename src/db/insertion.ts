// INSERT statements whose text is made once. Putting one together with the query builder takes as long as PostgreSQL takes
// to run it, and these are part of what people wait for.
import { CompiledQuery, type Insertable } from 'kysely';
import type { Tables } from './tables.ts';

/** Inserts rows that all have the same columns; a statement for `ahead`, `together` and the like. */
export interface Insertion<Row> {
  compile(): CompiledQuery<Row>;
}

/**
 * Makes a function that inserts rows into a table.
 * @param columns in the order of the statement; what a row lacks of them is null
 * @param returning columns of the new rows that are wanted back
 */
export function insertion<T extends keyof Tables>(
  table: T,
  columns: readonly (keyof Insertable<Tables[T]> & string)[],
  returning: readonly string[] = [],
): <Row>(rows: readonly Insertable<Tables[T]>[]) => Insertion<Row> {
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
