// Other people's cursors and selections, with their names. They are drawn in layers beside the text, so a cursor that
// moves touches no line of the document; positions are kept as numbers and mapped through changes, so that a keystroke
// costs 20 cursors a few additions instead of 20 walks through the Yjs document.
import { EditorSelection, type Extension, Prec, StateEffect, StateField } from '@codemirror/state';
import { EditorView, type LayerMarker, layer, RectangleMarker, ViewPlugin, type ViewUpdate } from '@codemirror/view';
import type { Awareness } from 'y-protocols/awareness';
import * as Y from 'yjs';
import { personClass } from '../ui/person.ts';

/** One connection's cursor. A person with two pages open has two. */
export interface RemoteCursor {
  readonly client: number;
  readonly userId: string;
  readonly name: string;
  readonly color: number;
  readonly anchor: number;
  readonly head: number;
  readonly idle: boolean;
  /** Counts moves of its owner: a flag shows itself anew with each. */
  readonly moves: number;
}

type Cursors = ReadonlyMap<number, RemoteCursor>;

/** What became of some cursors; undefined where one went away. */
const cursorsMoved = StateEffect.define<ReadonlyMap<number, RemoteCursor | undefined>>();

const cursorsField = StateField.define<Cursors>({
  create: () => new Map(),
  update(cursors, transaction) {
    let next = cursors;
    if (transaction.docChanged && cursors.size > 0) {
      const { changes } = transaction;
      // To the right of what is inserted, as Yjs' relative positions are.
      const mapped = (cursor: RemoteCursor): RemoteCursor => ({
        ...cursor,
        anchor: changes.mapPos(cursor.anchor, 1),
        head: changes.mapPos(cursor.head, 1),
      });
      next = new Map([...cursors].map(([client, cursor]) => [client, mapped(cursor)]));
    }
    for (const effect of transaction.effects) {
      if (effect.is(cursorsMoved)) next = merged(next, effect.value);
    }
    return next;
  },
});

function merged(cursors: Cursors, moved: ReadonlyMap<number, RemoteCursor | undefined>): Cursors {
  const next = new Map(cursors);
  for (const [client, cursor] of moved) {
    if (cursor) next.set(client, { ...cursor, moves: (cursors.get(client)?.moves ?? 0) + 1 });
    else next.delete(client);
  }
  return next;
}

/** Where somebody's cursor is in this editor, undefined when it is not in this file. */
export function cursorOf(view: EditorView, userId: string): RemoteCursor | undefined {
  const all = [...view.state.field(cursorsField).values()].filter((cursor) => cursor.userId === userId);
  return all.sort((a, b) => b.moves - a.moves)[0];
}

/** Whether an update moved, added or removed remote cursors. */
export function cursorsChanged(update: ViewUpdate): boolean {
  return update.startState.field(cursorsField) !== update.state.field(cursorsField);
}

/** Shows the cursors of a document's awareness. */
export function remoteCursors(text: Y.Text, awareness: Awareness): Extension {
  return [
    cursorsField,
    ViewPlugin.define((view) => new CursorReader(view, text, awareness)),
    layer({
      above: false,
      class: 'remote-selections',
      update: cursorsChanged,
      markers: (view) => drawSelections(view),
    }),
    Prec.high(
      layer({ above: true, class: 'remote-cursors', update: cursorsChanged, markers: (view) => drawCursors(view) }),
    ),
    EditorView.domEventHandlers({ mousemove: (event, view) => hoverFlags(view, event) }),
  ];
}

/** Reads awareness states into the field, once per frame, only those that changed. */
class CursorReader {
  readonly #view: EditorView;
  readonly #text: Y.Text;
  readonly #awareness: Awareness;
  /** Clients to be looked at. One whose text has not arrived yet stays in here until it has. */
  readonly #dirty = new Set<number>();
  #frame: number | undefined;

  constructor(view: EditorView, text: Y.Text, awareness: Awareness) {
    this.#view = view;
    this.#text = text;
    this.#awareness = awareness;
    awareness.on('change', this.#onChange);
    for (const client of awareness.getStates().keys()) this.#dirty.add(client);
    this.#schedule();
  }

  update(update: ViewUpdate): void {
    if (update.docChanged && this.#dirty.size > 0) this.#schedule();
  }

  destroy(): void {
    this.#awareness.off('change', this.#onChange);
    if (this.#frame !== undefined) cancelAnimationFrame(this.#frame);
  }

  readonly #onChange = (change: { added: number[]; updated: number[]; removed: number[] }): void => {
    for (const client of [...change.added, ...change.updated, ...change.removed]) this.#dirty.add(client);
    this.#schedule();
  };

  #schedule(): void {
    this.#frame ??= requestAnimationFrame(() => {
      this.#frame = undefined;
      this.#read();
    });
  }

  #read(): void {
    const moved = new Map<number, RemoteCursor | undefined>();
    const before = this.#view.state.field(cursorsField);
    for (const client of this.#dirty) {
      const cursor = this.#resolve(client);
      if (cursor === 'later') continue;
      this.#dirty.delete(client);
      const known = before.get(client);
      if (cursor ? !isSame(known, cursor) : known) moved.set(client, cursor);
    }
    if (moved.size > 0) this.#view.dispatch({ effects: cursorsMoved.of(moved) });
  }

  #resolve(client: number): RemoteCursor | undefined | 'later' {
    const state = client === this.#awareness.clientID ? undefined : this.#awareness.getStates().get(client);
    const user = readUser(state?.['user']);
    const cursor = state?.['cursor'];
    if (!user || !cursor?.anchor || !cursor.head) return undefined;
    const anchor = this.#position(cursor.anchor);
    const head = this.#position(cursor.head);
    if (anchor === undefined || head === undefined) return 'later';
    return { client, ...user, anchor, head, idle: state?.['idle'] === true, moves: 0 };
  }

  /** @returns undefined while the text it refers to is not here */
  #position(relative: unknown): number | undefined {
    try {
      const position = Y.createRelativePositionFromJSON(relative);
      const absolute = Y.createAbsolutePositionFromRelativePosition(position, this.#text.doc as Y.Doc);
      if (absolute?.type !== this.#text) return undefined;
      return Math.min(absolute.index, this.#view.state.doc.length);
    } catch {
      // Another client's bytes: whatever is wrong with them, it has no cursor here.
      return undefined;
    }
  }
}

function isSame(a: RemoteCursor | undefined, b: RemoteCursor): boolean {
  const stands = a?.anchor === b.anchor && a.head === b.head && a.idle === b.idle;
  return stands && a.name === b.name && a.color === b.color;
}

/** What the server stamps on a state. */
function readUser(user: unknown): Pick<RemoteCursor, 'userId' | 'name' | 'color'> | undefined {
  const { id, name, color } = (user ?? {}) as { id?: unknown; name?: unknown; color?: unknown };
  if (typeof id !== 'string' || typeof name !== 'string') return undefined;
  return { userId: id, name, color: typeof color === 'number' ? color : 0 };
}

function drawSelections(view: EditorView): readonly LayerMarker[] {
  const { from, to } = view.viewport;
  const markers: LayerMarker[] = [];
  for (const { anchor, head, color } of view.state.field(cursorsField).values()) {
    const start = Math.max(from, Math.min(anchor, head));
    const end = Math.min(to, Math.max(anchor, head));
    if (start >= end) continue;
    const look = `remote-selection ${personClass(color)}`;
    markers.push(...RectangleMarker.forRange(view, look, EditorSelection.range(start, end)));
  }
  return markers;
}

function drawCursors(view: EditorView): readonly LayerMarker[] {
  const { from, to } = view.viewport;
  const origin = layerOrigin(view);
  const markers: CursorMarker[] = [];
  for (const cursor of view.state.field(cursorsField).values()) {
    if (cursor.head < from || cursor.head > to) continue;
    const at = view.coordsAtPos(cursor.head, 1);
    if (at)
      markers.push(
        new CursorMarker(cursor, { left: at.left - origin.left, top: at.top - origin.top, height: at.bottom - at.top }),
      );
  }
  return markers;
}

/** Where a layer's coordinates begin; the text is the first child after the gutters of what scrolls. */
function layerOrigin({ scrollDOM }: EditorView): { left: number; top: number } {
  const { left, top } = scrollDOM.getBoundingClientRect();
  return { left: left - scrollDOM.scrollLeft, top: top - scrollDOM.scrollTop };
}

interface Box {
  readonly left: number;
  readonly top: number;
  readonly height: number;
}

/** A flag that has no room above its line hangs below it. CSS pixels. */
const FLAG_HEIGHT = 16;

class CursorMarker implements LayerMarker {
  readonly #cursor: RemoteCursor;
  readonly #box: Box;

  constructor(cursor: RemoteCursor, box: Box) {
    this.#cursor = cursor;
    this.#box = box;
  }

  eq(other: CursorMarker): boolean {
    const [a, b] = [this.#cursor, other.#cursor];
    const [at, was] = [this.#box, other.#box];
    return (
      isSame(a, b) && a.moves === b.moves && at.left === was.left && at.top === was.top && at.height === was.height
    );
  }

  draw(): HTMLElement {
    const caret = document.createElement('div');
    const flag = document.createElement('div');
    flag.className = 'remote-flag';
    caret.append(flag);
    this.#adjust(caret, flag);
    return caret;
  }

  update(caret: HTMLElement, previous: LayerMarker): boolean {
    if (!(previous instanceof CursorMarker) || previous.#cursor.client !== this.#cursor.client) return false;
    this.#adjust(caret, caret.firstElementChild as HTMLElement);
    return true;
  }

  #adjust(caret: HTMLElement, flag: HTMLElement): void {
    const { color, name, idle, moves } = this.#cursor;
    const { left, top, height } = this.#box;
    caret.className = `remote-caret ${personClass(color)}${top < FLAG_HEIGHT ? ' below' : ''}${idle ? ' idle' : ''}`;
    caret.style.transform = `translate(${left}px, ${top}px)`;
    caret.style.height = `${height}px`;
    flag.textContent = idle ? `${name} (idle)` : name;
    // Two animations that do the same: changing from one to the other starts the 2 s anew, without a timer.
    flag.dataset['turn'] = moves % 2 === 0 ? 'even' : 'odd';
  }
}

/** CSS pixels around a caret that count as pointing at it. */
const HOVER_REACH = 5;

/** Carets take no mouse events, or one could not click into the text below them; so the pointer is compared with them. */
function hoverFlags(view: EditorView, { clientX, clientY }: MouseEvent): false {
  for (const caret of view.scrollDOM.querySelectorAll('.remote-caret')) {
    const { left, right, top, bottom } = caret.getBoundingClientRect();
    const across = clientX >= left - HOVER_REACH && clientX <= right + HOVER_REACH;
    caret.classList.toggle('pointed', across && clientY >= top && clientY <= bottom);
  }
  return false;
}
