// An editor bound to a shared document, without Preact: made when its tab comes to the front, destroyed when it goes.
import { Compartment, EditorState, type Extension } from '@codemirror/state';
import { EditorView, type ViewUpdate } from '@codemirror/view';
import { yCollab } from 'y-codemirror.next';
import type { OpenDocument, Place } from '../state/open-documents.ts';
import { undoKeys, writing } from './editing.ts';
import { editorSettings } from './editor-settings.ts';
import { loadLanguage } from './language.ts';
import { ownCursor } from './own-cursor.ts';
import { cursorOf, cursorsChanged, remoteCursors } from './remote-cursors.ts';

export interface DocumentEditor {
  readonly view: EditorView;
  setPath(path: string): void;
  setReadOnly(readOnly: boolean): void;
  /** Puts the cursor at a line and column, both from 1, and shows it. */
  goTo(place: { readonly line: number; readonly column?: number }): void;
  /** Keeps a person's cursor in sight; undefined stops. */
  follow(userId: string | undefined): void;
  destroy(): void;
}

export interface EditorPorts {
  readonly parent: HTMLElement;
  readonly open: OpenDocument;
  readonly path: string;
  readonly readOnly: boolean;
  /** Where the cursor is and how much is selected. */
  readonly onSelection: (view: EditorView) => void;
  /** One moved or typed oneself, which ends following. */
  readonly onOwnMove: () => void;
}

export function documentEditor(ports: EditorPorts): DocumentEditor {
  const { open, parent } = ports;
  const language = new Compartment();
  const access = new Compartment();
  const label = new Compartment();
  const settings = editorSettings();
  let followed: string | undefined;
  const view = new EditorView({
    parent,
    state: EditorState.create({
      doc: open.document.text.toJSON(),
      ...selectionFor(open),
      extensions: [
        access.of(accessTo(ports.readOnly)),
        label.of(labelled(ports.path)),
        language.of([]),
        undoKeys(open.undo),
        settings.extension,
        writing,
        yCollab(open.document.text, null, { undoManager: open.undo }),
        remoteCursors(open.document.text, open.document.awareness),
        ownCursor(open.document.text, open.document.awareness),
        EditorView.updateListener.of((update) => {
          if (update.selectionSet || update.docChanged) ports.onSelection(update.view);
          if (isOwnMove(update)) ports.onOwnMove();
          if (followed && cursorsChanged(update)) scheduleFollow();
        }),
        EditorView.domEventHandlers({ wheel: ports.onOwnMove, mousedown: ports.onOwnMove }),
      ],
    }),
  });
  const scheduleFollow = () => requestAnimationFrame(() => followed && showCursor(view, followed));
  const unfollow = settings.follow(view);
  restoreScroll(view, open.place);
  ports.onSelection(view);
  fetchItalics();
  void loadLanguage(view, language, ports.path);
  return {
    view,
    setPath(path) {
      view.dispatch({ effects: label.reconfigure(labelled(path)) });
      void loadLanguage(view, language, path);
    },
    setReadOnly: (readOnly) => view.dispatch({ effects: access.reconfigure(accessTo(readOnly)) }),
    goTo: (place) => goTo(view, place),
    follow(userId) {
      followed = userId;
      if (userId) scheduleFollow();
    },
    destroy() {
      open.place = placeOf(view);
      followed = undefined;
      unfollow();
      view.destroy();
    },
  };
}

/** Comments are in italics: when the first one is written, there may be no network to fetch the letters by. */
function fetchItalics(): void {
  document.fonts.load('italic 1em "JetBrains Mono"').catch(() => undefined);
}

function accessTo(readOnly: boolean): Extension {
  // Still focusable when read-only: one selects, searches, and others see the cursor.
  return [EditorState.readOnly.of(readOnly), EditorView.contentAttributes.of({ 'aria-readonly': String(readOnly) })];
}

function labelled(path: string): Extension {
  return EditorView.contentAttributes.of({ 'aria-label': `Text of ${path}` });
}

function isOwnMove(update: ViewUpdate): boolean {
  return update.transactions.some(
    (transaction) =>
      transaction.isUserEvent('select') || transaction.isUserEvent('input') || transaction.isUserEvent('delete'),
  );
}

function selectionFor({ place, document }: OpenDocument): { selection?: { anchor: number; head: number } } {
  if (!place) return {};
  const { length } = document.text;
  return { selection: { anchor: Math.min(place.anchor, length), head: Math.min(place.head, length) } };
}

function placeOf({ state, scrollDOM }: EditorView): Place {
  const { anchor, head } = state.selection.main;
  return { anchor, head, scrollTop: scrollDOM.scrollTop };
}

function restoreScroll(view: EditorView, place: Place | undefined): void {
  if (!place) return;
  view.requestMeasure({
    read: () => undefined,
    write: () => {
      view.scrollDOM.scrollTop = place.scrollTop;
    },
  });
}

function goTo(view: EditorView, { line, column = 1 }: { readonly line: number; readonly column?: number }): void {
  const { doc } = view.state;
  const found = doc.line(Math.max(1, Math.min(doc.lines, line)));
  const position = Math.min(found.to, found.from + Math.max(0, column - 1));
  view.dispatch({ selection: { anchor: position }, effects: EditorView.scrollIntoView(position, { y: 'center' }) });
  view.focus();
}

function showCursor(view: EditorView, userId: string): void {
  const cursor = cursorOf(view, userId);
  if (!cursor) return;
  const at = view.coordsAtPos(cursor.head);
  const { top, bottom } = view.scrollDOM.getBoundingClientRect();
  const inSight = at && at.top > top + 24 && at.bottom < bottom - 24;
  if (!inSight) view.dispatch({ effects: EditorView.scrollIntoView(cursor.head, { y: 'center' }) });
}
