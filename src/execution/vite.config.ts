// Builds the program of the sandbox processes into dist/sandbox: one file, named after its sources (child-program.ts).
import { readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import path from 'node:path';
import { defineConfig, type Plugin } from 'vite';
import { BUILD_FOLDER, builtName, sourceNames } from './child-program.ts';

const HERE = import.meta.dirname;

/** Not the words in a text, of which there are some. */
const META = /(?<!["'`])\bimport\.meta\.url\b/g;

/** Modules look for files from where they are themselves. */
const ownPlaces: Plugin = {
  name: 'own-places',
  transform(code, id) {
    if (!id.startsWith(HERE)) return undefined;
    const place = JSON.stringify(path.relative(BUILD_FOLDER, id));
    return { code: code.replaceAll(META, `new URL(${place}, import.meta.url).href`), map: null };
  },
};

/** The texts for isolates, translated, instead of the module that reads and translates them. */
const ownTexts: Plugin = {
  name: 'own-texts',
  enforce: 'pre',
  load(id) {
    if (id !== path.join(HERE, 'own-text.ts')) return undefined;
    const names = sourceNames().filter((name) => /^(runtime|sql\/isolate)\//.test(name));
    const texts = names.map((name) => [name, stripTypeScriptTypes(readFileSync(path.join(HERE, name), 'utf8'))]);
    return `const texts = new Map(${JSON.stringify(texts)});
      export const ownText = (name) => texts.get(name);
      export const ownNames = (folder) => [...texts.keys()].filter((name) => name.startsWith(folder));`;
  },
};

export default defineConfig({
  root: HERE,
  plugins: [ownPlaces, ownTexts],
  build: {
    ssr: 'child.ts',
    outDir: BUILD_FOLDER,
    emptyOutDir: false, // a server that runs from an earlier one goes on
    target: 'node24',
    minify: false,
    rolldownOptions: { output: { format: 'cjs', entryFileNames: builtName(), codeSplitting: false } },
  },
});
