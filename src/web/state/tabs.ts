// The tabs over the editor: files, and versions of files that are being read. Remembered per room.
import { effect, type ReadonlySignal, signal } from '@preact/signals';
import { readStored, write } from '../storage.ts';
import { showEditor } from './layout.ts';
import type { OpenDocuments } from './open-documents.ts';
import type { RoomView } from './room-view.ts';

export type Tab =
  | { readonly kind: 'file'; readonly id: string; readonly fileId: string }
  | { readonly kind: 'version'; readonly id: string; readonly fileId: string; readonly versionNumber: number };

/** A line and a column, both from 1. */
export interface Spot {
  readonly line: number;
  readonly column?: number;
}

/** Where the keyboard is to go as soon as the editor is there; without a spot where the cursor was. */
export interface Reveal {
  readonly fileId: string;
  readonly spot: Spot | undefined;
}

export interface Tabs {
  readonly list: ReadonlySignal<readonly Tab[]>;
  readonly active: ReadonlySignal<Tab | undefined>;
  readonly reveal: ReadonlySignal<Reveal | undefined>;
  /** Brings a file to the front; the focus stays where it is. */
  open(fileId: string): void;
  /** Brings a file to the front and goes into it. */
  enter(fileId: string, spot?: Spot): void;
  openVersion(fileId: string, versionNumber: number): void;
  select(id: string): void;
  /** The next tab, or with -1 the previous one, around the corner. */
  step(by: 1 | -1): void;
  close(id: string): void;
  revealed(): void;
  dispose(): void;
}

interface StoredTabs {
  readonly files: readonly string[];
  readonly active: string | undefined;
}

export function openTabs(view: RoomView, documents: OpenDocuments): Tabs {
  const list = signal<readonly Tab[]>([]);
  const active = signal<Tab | undefined>(undefined);
  const reveal = signal<Reveal | undefined>(undefined);

  function show(tab: Tab): void {
    const known = list.peek().find(({ id }) => id === tab.id);
    if (!known) list.value = [...list.peek(), tab];
    if (tab.kind === 'file') documents.open(tab.fileId);
    active.value = known ?? tab;
    showEditor();
  }

  function close(id: string): void {
    const before = list.peek();
    const index = before.findIndex((tab) => tab.id === id);
    const tab = before[index];
    if (!tab) return;
    list.value = before.filter((other) => other !== tab);
    if (active.peek() === tab) active.value = before[index + 1] ?? before[index - 1];
    if (tab.kind === 'file') documents.close(tab.fileId);
  }

  const open = (fileId: string) => show({ kind: 'file', id: fileId, fileId });
  const restored = restore(view);
  for (const fileId of restored.files) open(fileId);
  if (restored.active) open(restored.active);
  const stop = [remember(view, list, active), closeDeleted(view, list, close)];

  return {
    list,
    active,
    reveal,
    open,
    enter(fileId, spot) {
      open(fileId);
      reveal.value = { fileId, spot };
    },
    openVersion: (fileId, versionNumber) =>
      show({ kind: 'version', id: `${fileId}@${versionNumber}`, fileId, versionNumber }),
    select(id) {
      const tab = list.peek().find((candidate) => candidate.id === id);
      if (tab) show(tab);
    },
    step(by) {
      const tabs = list.peek();
      const index = tabs.indexOf(active.peek() as Tab);
      const next = tabs[(index + by + tabs.length) % tabs.length];
      if (next) active.value = next;
    },
    close,
    revealed() {
      reveal.value = undefined;
    },
    dispose() {
      for (const each of stop) each();
    },
  };
}

function storageKey(view: RoomView): string {
  return `coderoom.tabs.${view.room.info.id}`;
}

/** What was open last time and still exists; in a room seen for the first time, its only or first file. */
function restore(view: RoomView): StoredTabs {
  const stored = (readStored(storageKey(view)) ?? {}) as Partial<StoredTabs>;
  const exists = (id: unknown): id is string => typeof id === 'string' && view.room.files.has(id);
  if (!Array.isArray(stored.files)) {
    const first = view.files.peek()[0]?.id;
    return { files: first ? [first] : [], active: first };
  }
  const files = stored.files.filter(exists);
  return { files, active: exists(stored.active) ? stored.active : files[0] };
}

function remember(
  view: RoomView,
  list: ReadonlySignal<readonly Tab[]>,
  active: ReadonlySignal<Tab | undefined>,
): () => void {
  return effect(() => {
    const files = list.value.filter(({ kind }) => kind === 'file').map(({ fileId }) => fileId);
    const stored: StoredTabs = { files, active: active.value?.fileId };
    write(storageKey(view), stored);
  });
}

function closeDeleted(view: RoomView, list: ReadonlySignal<readonly Tab[]>, close: (id: string) => void): () => void {
  return effect(() => {
    const existing = new Set(view.files.value.map(({ id }) => id));
    for (const tab of list.peek()) if (!existing.has(tab.fileId)) close(tab.id);
  });
}
