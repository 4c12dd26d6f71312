// SQLite as sql.js builds it: what of it is used here, and a database of one's own in memory.

/** A value of SQLite; whole numbers come as bigint, so that none is rounded and 1 can be told from 1.0. */
export type SqlValue = number | bigint | string | Uint8Array | null;

export interface Statement {
  bind(values: Readonly<Record<string, string>>): boolean;
  step(): boolean;
  get(params: null, config: { useBigInt: true }): SqlValue[];
  getColumnNames(): string[];
  /** The text it was made of, with what stands before it since the statement before. */
  getSQL(): string;
}

export interface Statements {
  next(): { readonly done: true } | { readonly done: false; readonly value: Statement };
  /** What was not run; after an error from the statement that has it on. */
  getRemainingSQL(): string;
}

export interface Database {
  /** Address of the connection. */
  db: number;
  exec(sql: string): { readonly values: SqlValue[][] }[];
  iterateStatements(sql: string): Statements;
  /** Rows that the last insert, update or delete changed. */
  getRowsModified(): number;
}

interface SqlJs {
  readonly Database: new () => Database;
  cwrap(name: string, result: 'number', args: string[]): (...args: unknown[]) => number;
  stackAlloc(bytes: number): number;
}

interface WebAssemblyParts {
  readonly Memory: { prototype: { grow: (this: { readonly buffer: ArrayBuffer }, pages: number) => number } };
  readonly Module: new (bytes: ArrayBuffer) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: Record<string, unknown> };
}

interface Globals {
  WebAssembly?: WebAssemblyParts;
  initSqlJs(options: {
    instantiateWasm(imports: object, done: (instance: object, module: object) => void): object;
  }): Promise<SqlJs>;
}

const PAGE_BYTES = 65_536;

/** Bytes that SQLite may have; the run sets it. sql.js asks for memory nowhere else. */
let mostBytes = 64 * 1024 * 1024;

export function limitMemory(bytes: number): void {
  mostBytes = bytes;
}

/** Compiles SQLite and opens an empty database. After that there is no WebAssembly in here any more. */
export async function openDatabase(wasm: ArrayBuffer): Promise<Database> {
  const globals = globalThis as unknown as Globals;
  const { Memory, Module, Instance } = globals.WebAssembly!;
  const { grow } = Memory.prototype;
  Memory.prototype.grow = function clamped(pages) {
    if (this.buffer.byteLength + pages * PAGE_BYTES > mostBytes) throw new RangeError('memory limit reached');
    return grow.call(this, pages);
  };
  let memory: { readonly buffer: ArrayBuffer } | undefined;
  const sqlJs = await globals.initSqlJs({
    instantiateWasm(imports, done) {
      const module = new Module(wasm);
      const instance = new Instance(module, imports);
      memory = Object.values(instance.exports).find((each) => each instanceof (Memory as never)) as typeof memory;
      done(instance, module);
      return instance.exports;
    },
  });
  Reflect.deleteProperty(globals, 'WebAssembly');
  const database = new sqlJs.Database();
  // sql.js opens a file, in a file system made of JavaScript arrays; memory of SQLite's own is faster and has one limit.
  const pointer = sqlJs.stackAlloc(4);
  const failed = sqlJs.cwrap('sqlite3_open', 'number', ['string', 'number'])(':memory:', pointer);
  if (failed === 0) database.db = new DataView(memory!.buffer).getInt32(pointer, true);
  database.exec('pragma temp_store = memory; pragma foreign_keys = on');
  return database;
}
