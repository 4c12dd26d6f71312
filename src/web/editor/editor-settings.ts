// What people set for themselves: indentation, wrapping, line numbers, brackets, keys. It changes while one types.
import { closeBrackets, closeBracketsKeymap } from '@codemirror/autocomplete';
import { emacsStyleKeymap } from '@codemirror/commands';
import { indentUnit } from '@codemirror/language';
import { Compartment, EditorState, type Extension } from '@codemirror/state';
import { EditorView, keymap, lineNumbers } from '@codemirror/view';
import { effect } from '@preact/signals';
import type { Preferences } from '../../protocol/preferences.ts';
import { preferences } from '../state/preferences.ts';

type EditorPreferences = Preferences['editor'];

/** The settings as they are now; `follow` keeps an editor to them. @returns what ends that */
export function editorSettings(): { readonly extension: Extension; follow(view: EditorView): () => void } {
  const compartment = new Compartment();
  let shown = preferences.peek().editor;
  return {
    extension: compartment.of(extensionsFor(shown)),
    follow: (view) =>
      effect(() => {
        const { editor } = preferences.value;
        if (JSON.stringify(editor) === JSON.stringify(shown)) return;
        shown = editor;
        view.dispatch({ effects: compartment.reconfigure(extensionsFor(editor)) });
        // The size of the letters is on the root element, where the editor does not see it change.
        view.requestMeasure();
      }),
  };
}

function extensionsFor(editor: EditorPreferences): Extension {
  return [
    EditorState.tabSize.of(editor.tabWidth),
    indentUnit.of(editor.indentWithTabs ? '\t' : ' '.repeat(editor.tabWidth)),
    editor.lineNumbers ? lineNumbers() : [],
    editor.lineWrap ? EditorView.lineWrapping : [],
    editor.closeBrackets ? [closeBrackets(), keymap.of([...closeBracketsKeymap])] : [],
    editor.keys === 'emacs' ? keymap.of([...emacsStyleKeymap]) : [],
  ];
}

const EMACS_KEYS = new Set(emacsStyleKeymap.map(({ key }) => key));

/** Whether the editor wants a key that the page would take as well. */
export function belongsToEditor(event: KeyboardEvent): boolean {
  if (preferences.peek().editor.keys !== 'emacs' || !event.ctrlKey || event.metaKey || event.altKey) return false;
  const { target } = event;
  if (!(target instanceof Element) || !target.closest('.cm-content')) return false;
  return EMACS_KEYS.has(`Ctrl-${event.shiftKey ? 'Shift-' : ''}${event.key.toLowerCase()}`);
}
