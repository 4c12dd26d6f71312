// The `console` of a run. Writes go to the host as text.
import { format, formatLine } from './format.ts';

const LINE_LIMIT = 64 * 1024; // characters of one call: the run's output limit is only four times this

/** 1 is stdout, 2 is stderr. */
export type Write = (stream: 1 | 2, text: string) => void;

/** Makes the object that becomes `globalThis.console`. */
export function makeConsole(write: Write): object {
  const counts = new Map<string, number>();
  const starts = new Map<string, number>();
  let indent = '';

  const print = (stream: 1 | 2, args: readonly unknown[]): void => {
    const line = formatLine(args, LINE_LIMIT);
    write(stream, `${indent === '' ? line : indent + line.replaceAll('\n', `\n${indent}`)}\n`);
  };
  const out = (...args: unknown[]): void => print(1, args);
  const err = (...args: unknown[]): void => print(2, args);
  const elapsed = (label: unknown): string =>
    `${String(label)}: ${Date.now() - (starts.get(String(label)) ?? Date.now())} ms`;
  const group = (...args: unknown[]): void => {
    if (args.length > 0) print(1, args);
    if (indent.length < 40) indent += '  ';
  };

  return {
    log: out,
    info: out,
    debug: out,
    dir: (value: unknown) => out(value),
    error: err,
    warn: err,
    trace: (...args: unknown[]) => err('Trace:', ...args, `\n${traceLines()}`),
    assert: (condition: unknown, ...args: unknown[]) => {
      if (!condition) err('Assertion failed', ...args);
    },
    count: (label: unknown = 'default') => {
      const next = (counts.get(String(label)) ?? 0) + 1;
      counts.set(String(label), next);
      out(`${String(label)}: ${next}`);
    },
    countReset: (label: unknown = 'default') => counts.delete(String(label)),
    time: (label: unknown = 'default') => starts.set(String(label), Date.now()),
    timeLog: (label: unknown = 'default', ...args: unknown[]) => out(elapsed(label), ...args),
    timeEnd: (label: unknown = 'default') => {
      out(elapsed(label));
      starts.delete(String(label));
    },
    group,
    groupCollapsed: group,
    groupEnd: () => {
      indent = indent.slice(2);
    },
    table: (data: unknown) => (typeof data === 'object' && data !== null ? out(table(data)) : out(data)),
  };
}

function traceLines(): string {
  const lines = String(new Error().stack).split('\n').slice(1);
  return lines.filter((line) => !line.includes('coderoom:')).join('\n');
}

const TABLE_ROWS = 100;
const TABLE_COLUMNS = 20;
const INDEX = '(index)';
const VALUES = 'Values';

function table(data: object): string {
  const rows = Object.entries(data).slice(0, TABLE_ROWS);
  const columns = new Set<string>();
  let plain = false;
  for (const [, row] of rows) {
    if (typeof row === 'object' && row !== null) for (const key of Object.keys(row as object)) columns.add(key);
    else plain = true;
  }
  const names = [...columns].slice(0, TABLE_COLUMNS);
  const header = [INDEX, ...names, ...(plain ? [VALUES] : [])];
  const body = rows.map(([index, row]: [string, unknown]) => {
    const record = typeof row === 'object' && row !== null ? (row as Record<string, unknown>) : undefined;
    const cells = names.map((name) => (record && Object.hasOwn(record, name) ? cell(record[name]) : ''));
    return [index, ...cells, ...(plain ? [record ? '' : cell(row)] : [])];
  });
  return drawn(header, body);
}

function cell(value: unknown): string {
  const text = typeof value === 'string' ? `'${value}'` : format(value, 200);
  return text.replaceAll('\n', ' ').slice(0, 60);
}

function drawn(header: readonly string[], body: readonly (readonly string[])[]): string {
  const widths = header.map((name, i) => Math.max(name.length, ...body.map((row) => row[i]!.length)) + 2);
  const rule = (left: string, middle: string, right: string): string =>
    left + widths.map((width) => '─'.repeat(width)).join(middle) + right;
  const line = (cells: readonly string[]): string =>
    `│${cells.map((text, i) => ` ${text}`.padEnd(widths[i]!)).join('│')}│`;
  return [rule('┌', '┬', '┐'), line(header), rule('├', '┼', '┤'), ...body.map(line), rule('└', '┴', '┘')].join('\n');
}
