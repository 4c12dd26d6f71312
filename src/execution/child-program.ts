// The program of the sandbox processes: the source, or what the build made of this very source (vite.config.ts). Built,
// it is one file of JavaScript, and a process is ready in half the time.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const SOURCE = `${HERE}child.ts`;
/** Where the build puts it. */
export const BUILD_FOLDER = fileURLToPath(new URL('../../dist/sandbox/', import.meta.url));

let found: string | undefined;

/** The path of the program. One that was built from other sources than those that are here is not used. */
export function childProgram(): string {
  found ??= [BUILD_FOLDER + builtName()].find((path) => existsSync(path)) ?? SOURCE;
  return found;
}

/** The name of the built program: it tells what it was built from. */
export function builtName(): string {
  const hash = createHash('sha256');
  for (const name of sourceNames()) hash.update(`${name}\n`).update(readFileSync(HERE + name));
  return `child-${hash.digest('hex').slice(0, 32)}.cjs`;
}

/** All files of this folder that are code: which of them a child imports is not asked. */
export function sourceNames(): string[] {
  const names = readdirSync(HERE, { recursive: true, encoding: 'utf8' });
  return names.filter((name) => name.endsWith('.ts')).toSorted();
}
