// What the isolate of a SQL run is made of, read and translated once per process.
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire, stripTypeScriptTypes } from 'node:module';

const FOLDER = new URL('./isolate/', import.meta.url);
const SHARED = new URL('../runtime/encoding.ts', import.meta.url);
const { resolve } = createRequire(import.meta.url);

const urls = [...readdirSync(FOLDER).map((name) => new URL(name, FOLDER)), SHARED];

/** File name and JavaScript of the modules in isolate/, and of those that they share with programs in JavaScript. */
export const ISOLATE_MODULES: ReadonlyMap<string, string> = new Map(
  urls.map((url) => [
    url.pathname.slice(url.pathname.lastIndexOf('/') + 1),
    stripTypeScriptTypes(readFileSync(url, 'utf8')),
  ]),
);

/** sql.js without its parts for Node.js, which look for files. */
export const SQL_JS = `${readFileSync(resolve('sql.js/dist/sql-wasm-browser.js'), 'utf8')}\nglobalThis.initSqlJs = initSqlJs;`;

export const SQL_WASM: ArrayBuffer = new Uint8Array(readFileSync(resolve('sql.js/dist/sql-wasm-browser.wasm'))).buffer;
