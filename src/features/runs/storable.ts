// Texts of programs as PostgreSQL can hold them.
import type { ResultTable as EngineTable } from '../../execution/tables.ts';
import type { ResultTable } from '../../protocol/runs.ts';

/** PostgreSQL text cannot hold U+0000, and its JSON no half of a surrogate pair. */
export function storable(text: string): string {
  return text.replaceAll('\0', '\uFFFD').toWellFormed();
}

/** Results of queries, every text in them made storable. */
export function storableTables(tables: readonly EngineTable[]): ResultTable[] {
  return tables.map(({ columns, rows, ...rest }) => ({
    ...rest,
    columns: columns.map(storable),
    rows: rows.map((row) => row.map((cell) => (typeof cell === 'string' ? storable(cell) : cell))),
  }));
}

/** As JSON text for a column; every string in it made storable. */
export function storableJson(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) => (typeof part === 'string' ? storable(part) : part));
}
