// A table of results as comma-separated values (RFC 4180).
import type { ResultTable } from '../../client/index.ts';

/** NULL is empty; a text that is empty is in quotes, so that both can be told apart. */
export function toCsv({ columns, rows }: ResultTable): string {
  return [columns, ...rows].map((row) => `${row.map(field).join(',')}\r\n`).join('');
}

function field(value: string | number | null): string {
  if (value === null) return '';
  const text = String(value);
  return text === '' || /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
