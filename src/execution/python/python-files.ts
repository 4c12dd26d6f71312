// The files of Pyodide as an isolate is given them. Nothing is ever fetched: what is not in the package is not there.
import { closeSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the package. */
export const PYODIDE_FOLDER = `${dirname(createRequire(import.meta.url).resolve('pyodide/package.json'))}/`;

/** The Python side of a run. */
export const ROOM_PY = fileURLToPath(new URL('./room.py', import.meta.url));

/** What a snapshot depends on, besides the code that makes it. */
export const SNAPSHOT_PARTS: readonly string[] = [
  ...['package.json', 'pyodide.asm.mjs', 'pyodide.mjs', 'pyodide.asm.wasm', 'python_stdlib.zip'].map(
    (name) => PYODIDE_FOLDER + name,
  ),
  ROOM_PY,
];

/** The whole of a file, in a buffer of its own that can be given away. */
export function bufferOf(name: string): ArrayBuffer {
  const file = openSync(PYODIDE_FOLDER + name, 'r');
  try {
    return bufferFrom(file, 0);
  } finally {
    closeSync(file);
  }
}

/** The rest of an open file from there on, in a buffer of its own. */
export function bufferFrom(file: number, start: number): ArrayBuffer {
  const bytes = new Uint8Array(Math.max(0, fstatSync(file).size - start));
  for (let at = 0; at < bytes.length; ) {
    const count = readSync(file, bytes, at, bytes.length - at, start + at);
    if (count === 0) throw new Error('a file of Python became shorter while it was read');
    at += count;
  }
  return bytes.buffer;
}

/** The text of one of its modules; an isolate has no address for `import.meta`. */
export function moduleText(name: string): string {
  return readFileSync(PYODIDE_FOLDER + name, 'utf8').replaceAll('import.meta.url', `"coderoom/${name}"`);
}

/** Its list of packages without the packages: none can be installed. */
export function emptyLock(): string {
  const lock = JSON.parse(readFileSync(`${PYODIDE_FOLDER}pyodide-lock.json`, 'utf8')) as Record<string, unknown>;
  return JSON.stringify({ ...lock, packages: {} });
}
