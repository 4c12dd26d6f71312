// What a query gives, as everybody passes it on: the sandbox, the server, the room, the row.

/** One result. Numbers that JavaScript cannot hold exactly, and blobs, are texts. */
export interface ResultTable {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
  /** Something is missing: rows, columns, or the rest of a cell. */
  readonly truncated: boolean;
  /** Rows that there were; those that had come, where the run was ended before the last one. */
  readonly rowCount: number;
  /** The line of the statement in the file that ran, where it is in that one. */
  readonly line?: number;
}

export type Cell = string | number | null;

/** What is shown of the tables of one run. The sandbox cuts at these, the server refuses what is above. */
export const TABLE_LIMITS = {
  /** Tables of one run: a page of results is read, not more. */
  tables: 50,
  /** Rows of one table: what a grid shows without making a page slow. */
  rows: 1000,
  columns: 100,
  /** UTF-16 units of one cell or the name of a column. */
  cellChars: 1000,
  /** All tables of a run as JSON, bytes of UTF-8: together with everything else they fit into one frame. */
  bytes: 128 * 1024,
} as const;

/** Whether this is a table within the limits; the bytes are for the caller to add up. */
export function isResultTable(value: unknown): value is ResultTable {
  if (typeof value !== 'object' || value === null) return false;
  const { columns, rows, truncated, rowCount, line } = value as Record<string, unknown>;
  const { rows: mostRows, columns: mostColumns } = TABLE_LIMITS;
  return (
    Array.isArray(columns) &&
    columns.length <= mostColumns &&
    columns.every(isCellText) &&
    Array.isArray(rows) &&
    rows.length <= mostRows &&
    rows.every((row) => Array.isArray(row) && row.length === columns.length && row.every(isCell)) &&
    typeof truncated === 'boolean' &&
    isCount(rowCount) &&
    (line === undefined || isCount(line))
  );
}

function isCell(value: unknown): value is Cell {
  return value === null || (typeof value === 'number' && Number.isFinite(value)) || isCellText(value);
}

function isCellText(value: unknown): value is string {
  return typeof value === 'string' && value.length <= TABLE_LIMITS.cellChars;
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
