// One's own cursor, told to the others: y-codemirror.next's format, relative positions that survive concurrent edits.
// Stays where it was while another panel has the focus; goes away with the editor.
import type { Extension } from '@codemirror/state';
import { type EditorView, ViewPlugin, type ViewUpdate } from '@codemirror/view';
import type { Awareness } from 'y-protocols/awareness';
import * as Y from 'yjs';

/** Milliseconds; a position is a walk through the document, so it is not made for every key of a fast typist. */
const INTERVAL_MS = 40;

/** Tells the others where the main selection is. */
export function ownCursor(text: Y.Text, awareness: Awareness): Extension {
  return ViewPlugin.define((view) => new CursorTeller(view, text, awareness));
}

class CursorTeller {
  readonly #view: EditorView;
  readonly #text: Y.Text;
  readonly #awareness: Awareness;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(view: EditorView, text: Y.Text, awareness: Awareness) {
    this.#view = view;
    this.#text = text;
    this.#awareness = awareness;
    this.#schedule();
  }

  update(update: ViewUpdate): void {
    if (update.selectionSet || update.docChanged || update.focusChanged) this.#schedule();
  }

  destroy(): void {
    clearTimeout(this.#timer);
    this.#set(null);
  }

  #schedule(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#tell();
    }, INTERVAL_MS);
  }

  #tell(): void {
    const { anchor, head } = this.#view.state.selection.main;
    const next = { anchor: this.#relative(anchor), head: this.#relative(head) };
    const last = this.#awareness.getLocalState()?.['cursor'];
    const same =
      last && Y.compareRelativePositions(last.anchor, next.anchor) && Y.compareRelativePositions(last.head, next.head);
    if (!same) this.#set(next);
  }

  #relative(position: number): Y.RelativePosition {
    return Y.createRelativePositionFromTypeIndex(this.#text, Math.min(position, this.#text.length));
  }

  #set(cursor: { anchor: Y.RelativePosition; head: Y.RelativePosition } | null): void {
    const own = this.#awareness.getLocalState();
    if (own === null && cursor === null) return;
    this.#awareness.setLocalState({ ...own, cursor });
  }
}
