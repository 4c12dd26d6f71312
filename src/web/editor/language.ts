// The language mode of a file, by its name. Modes are loaded when a file of theirs is opened.
import { LanguageDescription } from '@codemirror/language';
import { languages } from '@codemirror/language-data';
import type { Compartment, Extension } from '@codemirror/state';
import type { EditorView } from '@codemirror/view';
import { PRACTICE_TABLES } from '../../protocol/practice-data.ts';
import { nameOf } from '../room/tree-rows.ts';
import { connection } from '../session.ts';

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

/** The file that a compartment is for now: an editor can get another name while a mode is on its way. */
const wanted = new WeakMap<Compartment, string>();

/**
 * Loads the mode of a file into an editor's compartment. Without one the text stays plain; without a network, until it is
 * back.
 */
export async function loadLanguage(view: EditorView, slot: Compartment, path: string): Promise<void> {
  const language = described(path);
  wanted.set(slot, path);
  // The editor may have gone while the mode was on its way.
  const show = (mode: Extension): boolean => {
    if (!view.dom.isConnected || wanted.get(slot) !== path) return false;
    view.dispatch({ effects: slot.reconfigure(mode) });
    return true;
  };
  if (!language) return void show([]);
  // Browsers do not ask a second time for code that did not come: it is asked for when it can come.
  while (!language.support) {
    const back = networkBack();
    try {
      if (await serverAnswers()) break;
      if (!show([])) return;
      await back.promise;
    } finally {
      back.stop();
    }
  }
  show(await language.load().catch(() => []));
}

/** Whether code could be fetched now: that of this file is asked for, without its content. */
async function serverAnswers(): Promise<boolean> {
  return fetch(import.meta.url, { method: 'HEAD', cache: 'no-store' }).then(
    () => true,
    () => false,
  );
}

/** Resolves when the browser or the connection is online again, from now on. */
function networkBack(): { readonly promise: Promise<void>; readonly stop: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  const heard = (): void => resolve();
  let before = connection.peek().state;
  const unsubscribe = connection.subscribe(({ state }) => {
    if (state === 'online' && before !== 'online') resolve();
    before = state;
  });
  window.addEventListener('online', heard);
  return {
    promise,
    stop() {
      unsubscribe();
      window.removeEventListener('online', heard);
    },
  };
}

function described(path: string): LanguageDescription | null {
  const name = nameOf(path);
  return LanguageDescription.matchFilename(OWN, name) ?? LanguageDescription.matchFilename(languages, name);
}
