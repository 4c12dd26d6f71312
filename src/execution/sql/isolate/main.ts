// What the isolate of a SQL run does: opens a database with the practice data, runs the files. Nobody's JavaScript runs in
// here; should SQL break out of SQLite all the same, it is where a program in JavaScript would be.
import { TextDecoder } from '../../runtime/encoding.ts';
import { Script } from './script.ts';
import { type Database, limitMemory, openDatabase } from './sqlite.ts';

type Install = [
  write: (stream: 'stdout' | 'system', text: string) => void,
  table: (index: number, json: string) => void,
  random: (bytes: number) => string,
  wasm: ArrayBuffer,
  data: string,
];

let write: Install[0];
let table: Install[1];
let database: Database;

/** Makes what sql.js looks for, and the database. Called once by the host, with its functions. */
export async function install(...[writeOut, tellTable, random, wasm, data]: Install): Promise<void> {
  write = writeOut;
  table = tellTable;
  const began = Date.now();
  const globals = {
    TextDecoder,
    performance: { now: () => Date.now() - began },
    crypto: {
      getRandomValues(bytes: Uint8Array): Uint8Array {
        const hex = random(bytes.length);
        for (let at = 0; at < bytes.length; at++) bytes[at] = Number.parseInt(hex.slice(2 * at, 2 * at + 2), 16);
        return bytes;
      },
    },
    console: { log: () => {}, warn: () => {}, error: () => {} },
  };
  Object.assign(globalThis, globals);
  database = await openDatabase(wasm);
  database.exec(data);
}

/** Runs a `Job`, given as JSON. @returns the `Problem` that ended it as JSON, or nothing */
export function run(job: string, mostBytes: number): string {
  limitMemory(mostBytes);
  const problem = new Script(database, JSON.parse(job), { write, table }).run();
  return problem === undefined ? '' : JSON.stringify(problem);
}
