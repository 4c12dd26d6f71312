// Files of our own that are evaluated inside an isolate, as JavaScript. The built program (vite.config.ts) has another
// module in the place of this one, which holds all of them: a sandbox then starts without a translator.
import { readdirSync, readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';

/** @param name as it is here, `runtime/main.ts` */
export function ownText(name: string): string {
  return stripTypeScriptTypes(readFileSync(new URL(name, import.meta.url), 'utf8'));
}

/** The names of the files in a folder, `sql/isolate/`. */
export function ownNames(folder: string): string[] {
  return readdirSync(new URL(folder, import.meta.url)).map((name) => folder + name);
}
