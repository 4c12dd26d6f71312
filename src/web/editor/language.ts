// The language mode of a file, by its name. Modes are loaded when a file of theirs is opened.
import { LanguageDescription } from '@codemirror/language';
import { languages } from '@codemirror/language-data';
import type { Compartment, Extension } from '@codemirror/state';
import type { EditorView } from '@codemirror/view';
import { PRACTICE_TABLES } from '../../protocol/practice-data.ts';
import { nameOf } from '../room/tree-rows.ts';

/** SQL as it runs here: SQLite, and the tables that every run finds are offered while one types. */
const OWN = [
  LanguageDescription.of({
    name: 'SQL',
    extensions: ['sql'],
    async load() {
      const { sql, SQLite } = await import('@codemirror/lang-sql');
      return sql({ dialect: SQLite, schema: PRACTICE_TABLES });
    },
  }),
];

/** The name of a file's language, for people. */
export function languageName(path: string): string {
  return described(path)?.name ?? 'Plain text';
}

/** Loads the mode of a file into an editor's compartment. Without one, or when it does not load, the text stays plain. */
export async function loadLanguage(view: EditorView, slot: Compartment, path: string): Promise<void> {
  const mode: Extension =
    (await described(path)
      ?.load()
      .catch(() => [])) ?? [];
  // The editor may have gone while the mode was on its way.
  if (view.dom.isConnected) view.dispatch({ effects: slot.reconfigure(mode) });
}

function described(path: string): LanguageDescription | null {
  const name = nameOf(path);
  return LanguageDescription.matchFilename(OWN, name) ?? LanguageDescription.matchFilename(languages, name);
}
