// The files that a run needs: its entry and, step by step, what those import. Where nobody here can tell what a language
// imports, the files around the entry.
import { REQUEST_LIMITS } from '../../execution/limits.ts';
import { resolveImport } from '../../execution/modules.ts';
import { pythonFiles } from '../../execution/python/imports.ts';
import { pathOfRead, readNames } from '../../execution/sql/isolate/read-command.ts';

export interface Gathering {
  /** Of the entry. */
  readonly language: string;
  readonly entry: string;
  readonly text: string;
  /** path → file id, of the room */
  readonly paths: ReadonlyMap<string, string>;
  readonly documents: TextSource;
}

/** The port to the documents engine. */
export interface TextSource {
  snapshot(fileId: string): Promise<{ text: string; stateVector: Uint8Array }>;
}

/** Imports of one file that are looked up: each that leads nowhere costs some 10 µs. */
const MOST_IMPORTS = 2_000;

/** Files of one run, and UTF-16 units of all together; the engine has the same limits and says so when they are passed. */
const MOST_FILES = 51;
const MOST_LENGTH = REQUEST_LIMITS.sourceBytes;

/**
 * Static imports and re-exports; a match inside a string or a comment only brings a file that is not used. Everybody waits
 * while a text is read: as everywhere where people's texts meet a pattern, there is one way only to share out a run of spaces.
 */
const IMPORT = /(?:\bfrom|\bimport)\s*(?:\(\s*)?(["'])([^"'\n]{1,500})\1/g;

/** @returns path → text, the entry included */
export async function gatherSources({
  language,
  entry,
  text,
  paths,
  documents,
}: Gathering): Promise<Record<string, string>> {
  const files = new Map([[entry, text]]);
  const isRead = READ_HERE.has(language);
  if (!isRead) await addAround(files, { entry, paths, documents });
  const waiting = isRead ? [entry] : [];
  let length = text.length;
  for (let importer = waiting.pop(); importer !== undefined; importer = waiting.pop()) {
    // Nobody reads a document of many megabytes for a run that is refused.
    if (length > MOST_LENGTH) break;
    const program = { path: importer, text: files.get(importer) as string, entry, language };
    for (const path of namedPaths(program, paths)) {
      if (files.has(path) || files.size >= MOST_FILES) continue;
      const { text: imported } = await documents.snapshot(paths.get(path) as string);
      files.set(path, imported);
      length += imported.length;
      waiting.push(path);
    }
  }
  // fromEntries defines own properties, also for a file called __proto__.
  return Object.fromEntries(files);
}

interface Part {
  readonly path: string;
  readonly text: string;
  readonly entry: string;
  readonly language: string;
}

/** Whether a text by itself may need files of the room; false only where it is certain that it names none. */
export function namesFiles(language: string, text: string): boolean {
  if (language === 'sql') return readNames(text).length > 0;
  return !/^(javascript|typescript)$/.test(language) || text.search(IMPORT) >= 0;
}

/** The files that one of them names, by the language of the entry. */
function namedPaths({ path, text, entry, language }: Part, paths: ReadonlyMap<string, string>): string[] {
  if (language === 'sql') return readPaths(path, text, paths);
  if (!/^python3?$/.test(language)) return importedPaths(path, text, paths);
  return path === entry || path.endsWith('.py') ? pythonFiles({ path, text, entry }, (one) => paths.has(one)) : [];
}

function importedPaths(importer: string, text: string, paths: ReadonlyMap<string, string>): string[] {
  const found: string[] = [];
  let left = MOST_IMPORTS;
  for (const [, , specifier] of text.matchAll(IMPORT)) {
    if (left-- === 0) break;
    try {
      const path = resolveImport(specifier as string, importer, (candidate) => paths.has(candidate));
      if (paths.has(path)) found.push(path);
    } catch {
      // The run itself reports an import that leads nowhere, with its line.
    }
  }
  return found;
}

/** What a file of SQL reads; files of other languages are none of its business. */
function readPaths(reader: string, text: string, paths: ReadonlyMap<string, string>): string[] {
  return readNames(text).flatMap((name) => pathOfRead(name, reader, (path) => paths.has(path)) ?? []);
}

/** Languages whose files tell, to those above, which others they need. */
const READ_HERE: ReadonlySet<string> = new Set(['javascript', 'typescript', 'node', 'python', 'python3', 'sql']);

/** UTF-16 units of files that nobody asked for by name. */
const AROUND_LENGTH = 256 * 1024;

/** Those of the entry's folder first, then the others by path, as long as there is room. */
async function addAround(
  files: Map<string, string>,
  { entry, paths, documents }: Pick<Gathering, 'entry' | 'paths' | 'documents'>,
): Promise<void> {
  const folder = entry.slice(0, entry.lastIndexOf('/') + 1);
  const isNear = (path: string): boolean => path.startsWith(folder) && !path.slice(folder.length).includes('/');
  const byName = [...paths.keys()].filter((path) => !files.has(path)).toSorted();
  const inOrder = [...byName.filter(isNear), ...byName.filter((path) => !isNear(path))];
  let left = AROUND_LENGTH;
  for (const path of inOrder.slice(0, MOST_FILES - 2)) {
    const { text } = await documents.snapshot(paths.get(path) as string);
    if (text.length > left) continue;
    left -= text.length;
    files.set(path, text);
  }
}
