// Compiled code, kept on disk between starts: V8 need not parse again what it has seen, so a start takes less time and
// those who come right after it wait half as long.
import module from 'node:module';
import path from 'node:path';

/** Beside the packages, hence owned by who installed them: code is run from it. */
const FOLDER = path.join(import.meta.dirname, '..', 'node_modules', '.cache', 'coderoom');
/** Milliseconds after which it is written: what a start compiles, and what the first minute of use adds. */
const WRITTEN_AFTER_MS = [2_000, 60_000];

/** To be called before anything else is imported. Without a folder that can be written there is no cache. */
export function keepCompiledCode(): void {
  module.enableCompileCache(FOLDER);
  for (const milliseconds of WRITTEN_AFTER_MS) setTimeout(() => module.flushCompileCache(), milliseconds).unref();
}
