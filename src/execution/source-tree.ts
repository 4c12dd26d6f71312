// The files of one run on the child's side: translated on first use, and the way back from compiled places.
import { extname } from 'node:path';
import { FileError, type Sources } from './failure.ts';
import type { RunFrame } from './ipc.ts';
import { type Place, type Translated, translateJavaScript } from './languages/javascript.ts';
import { TypeScriptError, translateTypeScript } from './languages/typescript.ts';
import { lineOfImport, resolveImport } from './modules.ts';
import { TranslationCache } from './translation-cache.ts';

type Translate = (text: string) => Translated;

/** Of this process. Only TypeScript costs anything to translate. */
const TYPESCRIPT = new TranslationCache();
const cachedTypeScript: Translate = (text) => TYPESCRIPT.get(text, translateTypeScript);

const BY_LANGUAGE: Readonly<Record<string, Translate>> = {
  javascript: translateJavaScript,
  typescript: cachedTypeScript,
};

/** The entry goes by the run's language, what it imports by its ending; anything else is JavaScript. */
const BY_ENDING: Readonly<Record<string, Translate>> = {
  '.ts': cachedTypeScript,
  '.mts': cachedTypeScript,
  '.json': (text) => ({ code: `export default JSON.parse(${JSON.stringify(text)});` }),
};

/** Looks up, translates and locates. */
export class SourceTree implements Sources {
  readonly entry: string;
  readonly #texts: ReadonlyMap<string, string>;
  readonly #translated = new Map<string, Translated>();
  readonly #translateEntry: Translate;
  #broken = false;

  constructor(frame: Pick<RunFrame, 'entry' | 'files' | 'language'>) {
    this.entry = frame.entry;
    this.#texts = new Map(frame.files);
    this.#translateEntry = BY_LANGUAGE[frame.language] ?? translateJavaScript;
  }

  /** Whether a translator failed in a way that may have harmed it for good. */
  get broken(): boolean {
    return this.#broken;
  }

  has(path: string): boolean {
    return this.#texts.has(path);
  }

  /**
   * The entry's compiled text is tried as a script first, which has a value, unless it can only be a module.
   * `await` alone decides: as a script, `await (x)` would be the call of a function of that name.
   */
  get entryIsModule(): boolean {
    return /^\.m[jt]s$/.test(extname(this.entry)) || /\bawait\b/.test(this.code(this.entry));
  }

  /** @throws FileError when the file has no JavaScript in it */
  code(path: string): string {
    const known = this.#translated.get(path);
    if (known !== undefined) return known.code;
    const made = this.#translate(path);
    this.#translated.set(path, made);
    return made.code;
  }

  /** @throws FileError with the line of the import when it leads nowhere */
  resolve(specifier: string, importer: string): string {
    try {
      return resolveImport(specifier, importer, (path) => this.has(path));
    } catch (error) {
      throw new FileError(error as Error, importer, this.#placeOfImport(specifier, importer));
    }
  }

  /** An error that V8 reports without a place: an import of a name that the other file does not export. */
  missingExport(error: Error, importers: ReadonlyMap<string, readonly string[]>): Error {
    const specifier = /^The requested module '(.*)' does not provide an export/.exec(error.message)?.[1];
    for (const [path, specifiers] of importers) {
      if (specifier !== undefined && specifiers.includes(specifier)) {
        return new FileError(error, path, this.#placeOfImport(specifier, path));
      }
    }
    return error;
  }

  origin(path: string, place: Place): Place {
    return this.#translated.get(path)?.origin?.(place) ?? place;
  }

  #placeOfImport(specifier: string, importer: string): Place {
    return { line: lineOfImport(this.#texts.get(importer) ?? '', specifier), column: 1 };
  }

  #translate(path: string): Translated {
    const text = this.#texts.get(path)!;
    const translate = path === this.entry ? this.#translateEntry : (BY_ENDING[extname(path)] ?? translateJavaScript);
    try {
      return translate(text);
    } catch (error) {
      if (error instanceof TypeScriptError) throw new FileError(error, path, error.place);
      this.#broken = true;
      throw new FileError(new TypeScriptError('this file is nested too deeply to be read'), path);
    }
  }
}
