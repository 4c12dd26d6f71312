// The rows of one statement: the first ones are kept as a table and written as text, the others are counted.
import type { SqlValue } from './sqlite.ts';
import { columnsOf, headText, rowText, type TextColumn } from './table-text.ts';

/** As TABLE_LIMITS; `bytes` is what is left of them for this table. */
export interface ResultLimits {
  readonly rows: number;
  readonly columns: number;
  readonly cellChars: number;
  readonly bytes: number;
}

export interface ResultSink {
  text(text: string): void;
  /** The table as it is now, as JSON; told again when there is more of it. */
  table(json: string): void;
}

/** Where rows come slowly, what has come is shown this often, in ms. */
const SHOW_EVERY_MS = 300;
/** Bytes of a blob that are shown. */
const BLOB_BYTES = 32;

export class Result {
  readonly #limits: ResultLimits;
  readonly #sink: ResultSink;
  readonly #line: number | undefined;
  readonly #names: string[];
  readonly #numeric: boolean[];
  /** Each row as JSON. */
  readonly #kept: string[] = [];
  #unwritten: string[][] = [];
  #columns: readonly TextColumn[] | undefined;
  #truncated: boolean;
  #full = false;
  #bytes: number;
  #count = 0;
  #shownAt = Date.now();

  constructor(names: readonly string[], line: number | undefined, ports: { limits: ResultLimits; sink: ResultSink }) {
    this.#limits = ports.limits;
    this.#sink = ports.sink;
    this.#line = line;
    this.#truncated = names.length > this.#limits.columns;
    this.#names = names.slice(0, this.#limits.columns).map((name) => this.#cut(name));
    this.#numeric = this.#names.map(() => true);
    this.#bytes = bytesOf(JSON.stringify(this.#names)) + 100; // and what stands around it
  }

  /** Bytes of JSON, as many at least. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Whether rows are still kept; one that is only counted need not be read. */
  get wants(): boolean {
    return !this.#full;
  }

  add(row: readonly SqlValue[]): void {
    this.#count++;
    const values = row.slice(0, this.#names.length);
    const cells = values.map((value) => this.#cell(value));
    const json = JSON.stringify(cells);
    const bytes = bytesOf(json) + 1;
    this.#full = this.#kept.length >= this.#limits.rows || this.#bytes + bytes > this.#limits.bytes;
    if (this.#full) {
      this.#truncated = true;
      this.#show();
      return;
    }
    this.#bytes += bytes;
    this.#kept.push(json);
    this.#unwritten.push(values.map((value, index) => textOf(value, cells[index]!)));
    values.forEach((value, index) => {
      if (value !== null && typeof value !== 'number' && typeof value !== 'bigint') this.#numeric[index] = false;
    });
    if (Date.now() - this.#shownAt > SHOW_EVERY_MS) this.#show();
  }

  /** One more that is not kept. */
  count(): void {
    this.#count++;
  }

  end(): void {
    this.#show();
    const rows = this.#count === 1 ? '1 row' : `${this.#count} rows`;
    const first = this.#kept.length < this.#count ? `, the first ${this.#kept.length} of them shown` : '';
    this.#sink.text(`(${rows}${first})\n`);
  }

  #show(): void {
    this.#shownAt = Date.now();
    const rows = this.#unwritten;
    this.#unwritten = [];
    const isFirst = this.#columns === undefined;
    const names = this.#names.map(oneLine);
    const numeric = this.#numeric.map((each) => each && rows.length > 0);
    this.#columns ??= columnsOf(names, rows, numeric);
    const columns = this.#columns;
    const head = isFirst ? headText(names, columns) : '';
    this.#sink.text(head + rows.map((row) => rowText(row, columns)).join(''));
    const about = JSON.stringify({
      columns: this.#names,
      truncated: this.#truncated,
      rowCount: this.#count,
      ...(this.#line === undefined ? {} : { line: this.#line }),
    });
    this.#sink.table(`${about.slice(0, -1)},"rows":[${this.#kept.join(',')}]}`);
  }

  #cell(value: SqlValue): string | number | null {
    if (value === null) return null;
    if (typeof value === 'bigint') {
      const number = Number(value);
      return Number.isSafeInteger(number) ? number : String(value);
    }
    // As many digits as SQLite writes: 0.1 + 0.2 is 0.3.
    if (typeof value === 'number') return Number.isFinite(value) ? Number(value.toPrecision(15)) : infinity(value);
    return this.#cut(typeof value === 'string' ? value : blobText(value));
  }

  #cut(text: string): string {
    const most = this.#limits.cellChars;
    if (text.length <= most) return text;
    this.#truncated = true;
    return `${text.slice(0, most - 1)}…`;
  }
}

function infinity(value: number): string {
  return value > 0 ? 'Inf' : '-Inf';
}

/** `x'…'` as one would write it; a long one with its length. */
function blobText(bytes: Uint8Array): string {
  const hex = Array.from(bytes.subarray(0, BLOB_BYTES), (byte) => byte.toString(16).padStart(2, '0')).join('');
  return bytes.length <= BLOB_BYTES ? `x'${hex}'` : `x'${hex}…' (${bytes.length} bytes)`;
}

function textOf(value: SqlValue, cell: string | number | null): string {
  if (cell === null) return 'NULL';
  if (typeof value === 'number' && typeof cell === 'number' && Number.isInteger(cell) && Math.abs(cell) < 1e15) {
    return `${cell}.0`;
  }
  return oneLine(String(cell));
}

function oneLine(text: string): string {
  return text.replace(/[\n\r\t\0]/g, (char) => ESCAPED[char]!);
}

const ESCAPED: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\0': '\\0' };

/** Bytes of UTF-8, as many at least. */
function bytesOf(text: string): number {
  let bytes = text.length;
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) > 0x7f) bytes += 2;
  return bytes;
}
