// What the queries of a run gave, one table below the other; their heads stay in sight while one scrolls through them.
import { useSignal } from '@preact/signals';
import { Check, Copy } from 'lucide-preact';
import type { ResultTable, RunView } from '../../client/index.ts';
import { useWorkspace } from '../state/workspace.ts';
import { count } from '../ui/times.ts';
import { onCellFocus, onCellKey } from './cell-keys.ts';
import { toCsv } from './table-csv.ts';

export function ResultTables({ run, tables }: { run: RunView; tables: readonly ResultTable[] }) {
  return (
    <>
      <p class="sr-only">
        {count(tables.length, 'result')}: {tables.map(sizeWords).join('; ')}.
      </p>
      {/* A reader is told how many there are, above; not all that is in them. */}
      <div class="results" aria-live="off">
        {tables.map((table, index) => (
          <Result key={index} run={run} table={table} number={tables.length > 1 ? index + 1 : undefined} />
        ))}
      </div>
    </>
  );
}

const grouped = new Intl.NumberFormat('en');

function sizeWords({ rows, rowCount, truncated }: ResultTable): string {
  if (rows.length < rowCount) return `first ${grouped.format(rows.length)} of ${grouped.format(rowCount)} rows`;
  const words = rowCount === 0 ? 'no rows' : `${grouped.format(rowCount)} ${rowCount === 1 ? 'row' : 'rows'}`;
  return truncated ? `${words}, cut where too long` : words;
}

interface ResultProps {
  readonly run: RunView;
  readonly table: ResultTable;
  /** Left out where there is one only. */
  readonly number: number | undefined;
}

function Result({ run, table, number }: ResultProps) {
  const name = number === undefined ? 'Result' : `Result ${number}`;
  return (
    <section class="result" aria-label={`${name}, ${sizeWords(table)}`}>
      <header class="result-head">
        <strong>{name}</strong>
        <span class={table.truncated ? 'cut' : 'muted'}>{sizeWords(table)}</span>
        {table.line !== undefined && <LineLink run={run} line={table.line} />}
        <CopyButton table={table} />
      </header>
      <Grid table={table} label={name} />
    </section>
  );
}

function LineLink({ run, line }: { run: RunView; line: number }) {
  const { view, tabs } = useWorkspace();
  const { fileId } = run;
  if (fileId === null || !view.files.value.some(({ id }) => id === fileId))
    return <span class="muted">line {line}</span>;
  return (
    <button
      type="button"
      class="link"
      title={`Go to ${run.entry}:${line}`}
      onClick={() => tabs.enter(fileId, { line })}
    >
      line {line}
    </button>
  );
}

/** Milliseconds for which a button says that it has copied. */
const COPIED_MS = 1500;

function CopyButton({ table }: { table: ResultTable }) {
  const copied = useSignal(false);
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(toCsv(table));
    copied.value = true;
    setTimeout(() => {
      copied.value = false;
    }, COPIED_MS);
  };
  return (
    <button
      type="button"
      class="link copy-csv"
      title="Copy the rows that show as comma-separated values"
      onClick={() => void copy()}
    >
      {copied.value ? <Check size={12} aria-hidden="true" /> : <Copy size={12} aria-hidden="true" />}
      <span>{copied.value ? 'Copied' : 'Copy CSV'}</span>
    </button>
  );
}

/** Rows in the page at first: more make it slow to lay out, and few people read them. */
const ROWS_SHOWN = 200;

function Grid({ table, label }: { table: ResultTable; label: string }) {
  const all = useSignal(false);
  const { columns, rows } = table;
  const shown = all.value ? rows : rows.slice(0, ROWS_SHOWN);
  const numeric = columns.map((_, column) => isNumeric(rows, column));
  return (
    <>
      <table
        class="result-grid"
        // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: its cells are moved through by keyboard.
        role="grid"
        aria-label={label}
        aria-rowcount={table.rowCount + 1}
        onKeyDown={onCellKey}
        onFocusIn={onCellFocus}
      >
        <thead>
          <tr>
            {columns.map((column, index) => (
              <th key={index} scope="col" tabIndex={index === 0 ? 0 : -1} class={numeric[index] ? 'number' : ''}>
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.map((row, index) => (
            <tr key={index}>
              {row.map((value, column) => (
                <Cell key={column} value={value} numeric={numeric[column] === true} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {shown.length < rows.length && (
        <button
          type="button"
          class="link run-note"
          onClick={() => {
            all.value = true;
          }}
        >
          Show all {grouped.format(rows.length)} rows
        </button>
      )}
    </>
  );
}

function Cell({ value, numeric }: { value: string | number | null; numeric: boolean }) {
  if (value === null) {
    return (
      <td class="null" tabIndex={-1} data-empty="">
        NULL
      </td>
    );
  }
  return (
    <td class={numeric ? 'number' : ''} tabIndex={-1}>
      {String(value)}
    </td>
  );
}

/** Whole numbers that JavaScript cannot hold come as texts, and are numbers all the same. */
const LARGE = /^-?\d{16,19}$/;

function isNumeric(rows: ResultTable['rows'], column: number): boolean {
  const values = rows.map((row) => row[column]).filter((value) => value !== null);
  return values.length > 0 && values.every((value) => typeof value === 'number' || LARGE.test(String(value)));
}
