// The modules that are evaluated inside an isolate, next to hostile code: those in runtime/ that an entry needs.
import { ownText } from './own-text.ts';

/** Types are blanked out, so what was imported for its types only is gone. */
const IMPORT = /^import .*'\.\/([a-z-]+\.ts)';$/gm;

/** What is evaluated in an isolate, and which of its functions are called from outside. */
export interface Runtime {
  /** File names and JavaScript; the entry is the first. */
  readonly modules: ReadonlyMap<string, string>;
  readonly calls: readonly string[];
}

/** Reads and translates an entry of runtime/ and all that it imports; done once per process. */
export function readRuntime(entry: string, calls: readonly string[]): Runtime {
  const modules = new Map<string, string>();
  const wanted = [entry];
  for (const name of wanted) {
    if (modules.has(name)) continue;
    const text = ownText(`runtime/${name}`);
    modules.set(name, text);
    for (const [, imported] of text.matchAll(IMPORT)) wanted.push(imported!);
  }
  return { modules, calls };
}
