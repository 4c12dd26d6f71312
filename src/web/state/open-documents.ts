// The documents that are open on this page, by file. A document outlives its tab while edits in it wait for the server:
// closing a tab offline loses nothing.
import { computed, type ReadonlySignal, signal } from '@preact/signals';
import { UndoManager } from 'yjs';
import type { Client, DocumentStatus, RoomDocument } from '../../client/index.ts';

export interface OpenDocument {
  readonly document: RoomDocument;
  readonly status: ReadonlySignal<DocumentStatus>;
  /** One's own edits only; kept while other tabs are in front. */
  readonly undo: UndoManager;
  /** Where one was when another tab came to the front. */
  place: Place | undefined;
}

export interface Place {
  readonly anchor: number;
  readonly head: number;
  readonly scrollTop: number;
}

export interface SavedLight {
  readonly saved: DocumentStatus['saved'];
  /** Edits that wait, in all files. */
  readonly pending: number;
}

export interface OpenDocuments {
  readonly all: ReadonlySignal<ReadonlyMap<string, OpenDocument>>;
  /** The worst of all open documents. */
  readonly light: ReadonlySignal<SavedLight>;
  /** Opens a file's document, or gives the one that is open. */
  open(fileId: string): OpenDocument;
  /** Closes it as soon as everything in it is saved. */
  close(fileId: string): void;
  /** Closes it and opens it anew: what was not saved is gone. */
  reopen(fileId: string): OpenDocument;
  dispose(): void;
}

interface Held extends OpenDocument {
  readonly release: () => void;
  /** Whether a tab shows it. */
  wanted: boolean;
}

const WORSE = { saved: 0, saving: 1, not_saved: 2 } as const;

export function openDocuments(client: Client): OpenDocuments {
  const held = signal<ReadonlyMap<string, Held>>(new Map());

  function open(fileId: string): OpenDocument {
    const known = held.peek().get(fileId);
    if (known) {
      known.wanted = true;
      return known;
    }
    const opened = hold(client, fileId);
    held.value = new Map(held.peek()).set(fileId, opened);
    return opened;
  }

  function drop(fileId: string, one: Held): void {
    if (held.peek().get(fileId) !== one) return;
    const rest = new Map(held.peek());
    rest.delete(fileId);
    held.value = rest;
    one.release();
  }

  function close(fileId: string): void {
    const one = held.peek().get(fileId);
    if (!one) return;
    one.wanted = false;
    const dropUnlessWanted = () => one.wanted || drop(fileId, one);
    one.document.saved().then(dropUnlessWanted, dropUnlessWanted);
  }

  return {
    all: held,
    light: computed(() => worst([...held.value.values()].map(({ status }) => status.value))),
    open,
    close,
    reopen(fileId) {
      const one = held.peek().get(fileId);
      if (one) drop(fileId, one);
      return open(fileId);
    },
    dispose() {
      for (const one of held.peek().values()) one.release();
      held.value = new Map();
    },
  };
}

function hold(client: Client, fileId: string): Held {
  const document = client.openDocument(fileId);
  const status = signal(document.status);
  const stop = document.onStatus((next) => {
    status.value = next;
  });
  const undo = new UndoManager(document.text, { trackedOrigins: new Set() });
  return {
    document,
    status,
    undo,
    place: undefined,
    wanted: true,
    release() {
      stop();
      undo.destroy();
      document.close();
    },
  };
}

function worst(statuses: readonly DocumentStatus[]): SavedLight {
  let saved: DocumentStatus['saved'] = 'saved';
  let pending = 0;
  for (const status of statuses) {
    pending += status.pending;
    if (WORSE[status.saved] > WORSE[saved]) saved = status.saved;
  }
  return { saved, pending };
}
