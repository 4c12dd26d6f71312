// What a child prepares before its first run: the modules of the isolate's global scope, and runs that nobody sees.
import { readdirSync, readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import type { RunFrame } from './ipc.ts';
import { RUN_LIMITS } from './limits.ts';

const FOLDER = new URL('./runtime/', import.meta.url);

/** File name and JavaScript of the modules in runtime/, read and translated once per process. */
export const RUNTIME_MODULES: ReadonlyMap<string, string> = new Map(
  readdirSync(FOLDER).map((name) => [name, stripTypeScriptTypes(readFileSync(new URL(name, FOLDER), 'utf8'))] as const),
);

/** The first run of a process is slow: these happen before anybody waits for one. */
export const WARM_UP_RUNS: readonly RunFrame[] = [
  ['javascript', 'console.log({ a: [1] }); 1'] as const,
  ['typescript', 'const a: number = await 1; console.log(a); export {}'] as const,
  ['sql', 'select name, 1.5 from users limit 1'] as const,
].map(([language, text]) => ({
  type: 'run',
  run: 0,
  language,
  entry: 'main',
  files: [['main', text]],
  stdin: '',
  interactive: false,
  args: [],
  env: {},
  limits: RUN_LIMITS,
}));
