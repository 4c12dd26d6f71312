// What every editor here can do, before it is bound to a document.
import { autocompletion, completionKeymap } from '@codemirror/autocomplete';
import { defaultKeymap, indentWithTab } from '@codemirror/commands';
import { bracketMatching, foldGutter, foldKeymap, indentOnInput } from '@codemirror/language';
import { highlightSelectionMatches, searchKeymap } from '@codemirror/search';
import { EditorState, type Extension } from '@codemirror/state';
import {
  crosshairCursor,
  drawSelection,
  dropCursor,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  highlightSpecialChars,
  type KeyBinding,
  keymap,
  rectangularSelection,
} from '@codemirror/view';
import type { UndoManager } from 'yjs';
import { editorTheme } from './editor-theme.ts';

/**
 * Lines end at \n only. By default the editor takes \r\n as one line break of one character, and every position after
 * it would be off by one against the Y.Text; so a \r stays a character, shown faintly, and pasted text is freed of it.
 */
const lineBreaks: Extension = [
  EditorState.lineSeparator.of('\n'),
  EditorView.clipboardInputFilter.of((text) => text.replace(/\r\n?/g, '\n')),
  highlightSpecialChars({
    render: (code, description, placeholder) => specialChar(code, description ?? '', placeholder),
  }),
];

function specialChar(code: number, description: string, placeholder: string): HTMLElement {
  const shown = document.createElement('span');
  shown.className = code === 13 ? 'carriage-return' : 'cm-specialChar';
  shown.textContent = placeholder;
  shown.title = description;
  return shown;
}

/** For reading: folding, search; line numbers are a setting. */
export const reading: Extension = [
  // Editable text has the focus anyway; said so that everybody sees it, tools included.
  EditorView.contentAttributes.of({ tabindex: '0' }),
  editorTheme,
  lineBreaks,
  foldGutter({ openText: '▾', closedText: '▸' }),
  drawSelection(),
  bracketMatching(),
  highlightSelectionMatches(),
  EditorState.allowMultipleSelections.of(true),
  keymap.of([...searchKeymap, ...foldKeymap, ...defaultKeymap]),
];

/** For writing, too. */
export const writing: Extension = [
  keymap.of([...completionKeymap, indentWithTab]),
  reading,
  highlightActiveLine(),
  highlightActiveLineGutter(),
  dropCursor(),
  indentOnInput(),
  autocompletion(),
  rectangularSelection(),
  crosshairCursor(),
];

/** Undo of one's own edits. y-codemirror.next's own keys would undo in a file that one may only read by now. */
export function undoKeys(undo: UndoManager): Extension {
  const guarded =
    (deed: () => unknown) =>
    ({ state }: EditorView) => {
      if (!state.readOnly) deed();
      return true;
    };
  const back = guarded(() => undo.undo());
  const forth = guarded(() => undo.redo());
  const keys: readonly KeyBinding[] = [
    { key: 'Mod-z', run: back, preventDefault: true },
    { key: 'Mod-y', mac: 'Mod-Shift-z', run: forth, preventDefault: true },
    { key: 'Mod-Shift-z', run: forth, preventDefault: true },
  ];
  return keymap.of(keys);
}
