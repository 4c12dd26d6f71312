// What the isolate of a SQL run is made of, read and translated once per process.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { ownNames, ownText } from '../own-text.ts';

const { resolve } = createRequire(import.meta.url);

/** File name and JavaScript of the modules in isolate/, and of those that they share with programs in JavaScript. */
export const ISOLATE_MODULES: ReadonlyMap<string, string> = new Map(
  [...ownNames('sql/isolate/'), 'runtime/encoding.ts'].map((name) => [
    name.slice(name.lastIndexOf('/') + 1),
    ownText(name),
  ]),
);

/** sql.js without its parts for Node.js, which look for files. */
export const SQL_JS = `${readFileSync(resolve('sql.js/dist/sql-wasm-browser.js'), 'utf8')}\nglobalThis.initSqlJs = initSqlJs;`;

export const SQL_WASM: ArrayBuffer = new Uint8Array(readFileSync(resolve('sql.js/dist/sql-wasm-browser.wasm'))).buffer;
