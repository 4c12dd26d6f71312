// What an import statement may name: the room's own files, by relative path. Pure; the child compiles.

/** An import that leads nowhere. The message is for the user. */
export class ImportError extends Error {}

/** Endings tried when the path as written is no file, in this order. */
const ENDINGS = ['.js', '.ts', '.mjs', '.mts', '/index.js', '/index.ts'];

/** Compiled names that people write although the room has the TypeScript file. */
const COMPILED: Readonly<Record<string, string>> = { '.js': '.ts', '.mjs': '.mts' };

/**
 * Finds the file that an import means.
 * @param specifier the words between the quotes
 * @param importer path of the file they stand in
 * @param has whether the room has a file of that path
 * @throws ImportError when there is none, or when it would be a package or a built-in module
 */
export function resolveImport(specifier: string, importer: string, has: (path: string) => boolean): string {
  const shown = specifier.slice(0, 100);
  if (!/^\.{0,2}\//.test(specifier) && specifier !== '.' && specifier !== '..') {
    throw new ImportError(
      `Cannot import '${shown}': packages and built-in modules are not available here, only this room's own files, as in './name.js'`,
    );
  }
  const wanted = specifier.startsWith('/') ? specifier : joined(importer, specifier);
  for (const path of candidates(wanted)) {
    if (has(path)) return path;
    const other = path.startsWith('/') ? path.slice(1) : `/${path}`;
    if (has(other)) return other;
  }
  throw new ImportError(`Cannot find '${shown}', imported from '${importer}': this room has no such file`);
}

function joined(importer: string, specifier: string): string {
  const parts = importer.split('/').slice(0, -1);
  for (const part of specifier.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.') parts.push(part);
  }
  return parts.join('/');
}

function candidates(path: string): string[] {
  const ending = /\.m?js$/.exec(path)?.[0];
  const source = ending === undefined ? [] : [path.slice(0, -ending.length) + COMPILED[ending]!];
  return [path, ...source, ...ENDINGS.map((end) => path + end)];
}

/** The line (from 1) of the first text in quotes that equals the specifier; 1 when it is not found. */
export function lineOfImport(text: string, specifier: string): number {
  const at = [`'${specifier}'`, `"${specifier}"`].map((quoted) => text.indexOf(quoted)).filter((found) => found >= 0);
  return at.length === 0 ? 1 : text.slice(0, Math.min(...at)).split('\n').length;
}
