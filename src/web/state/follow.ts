// Following somebody: the editor goes where their cursor is, into other files too, until one types or scrolls oneself.
// Cursors are known only of open documents, so the files that are not open here are looked into, the newest first.
import { type ReadonlySignal, signal } from '@preact/signals';
import type { RoomDocument } from '../../client/index.ts';
import { notify } from './notices.ts';
import type { OpenDocuments } from './open-documents.ts';
import type { RoomView } from './room-view.ts';
import type { Tabs } from './tabs.ts';

export interface Follow {
  /** The user who is followed. */
  readonly userId: ReadonlySignal<string | undefined>;
  start(userId: string): Promise<void>;
  stop(): void;
}

/** Files that are opened to look for somebody; each costs a message there and back. */
const LOOK_INTO = 24;
/** Milliseconds that one of them may take. */
const PATIENCE_MS = 2000;
/** Times and milliseconds between two, to look for a cursor that went away: opening a file takes a moment. */
const LOOK_AGAIN = 4;
const LOOK_AGAIN_MS = 400;

export interface FollowPorts {
  readonly view: RoomView;
  readonly documents: OpenDocuments;
  readonly tabs: Tabs;
}

export function follow({ view, documents, tabs }: FollowPorts): Follow {
  const userId = signal<string | undefined>(undefined);

  async function find(wanted: string): Promise<string | undefined> {
    const open = documents.all.peek();
    const front = tabs.active.peek()?.fileId;
    const known = [...open].filter(([, { document }]) => hasCursor(document, wanted)).map(([fileId]) => fileId);
    if (known.length > 0) return known.find((fileId) => fileId === front) ?? known[0];
    const closed = view.files.peek().filter(({ id }) => !open.has(id));
    const newest = closed.sort((a, b) => (a.updatedAt < b.updatedAt ? 1 : -1)).slice(0, LOOK_INTO);
    for (const { id } of newest) {
      if (await looksInto(view.client.openDocument(id), wanted)) return id;
      if (userId.peek() !== wanted) return undefined;
    }
    return undefined;
  }

  /** Goes to where they are. @returns whether they were found */
  async function goTo(wanted: string): Promise<boolean> {
    const fileId = await find(wanted);
    if (userId.peek() !== wanted) return true;
    if (fileId === undefined) return false;
    tabs.open(fileId);
    watch(wanted, documents.open(fileId).document);
    return true;
  }

  /** Looks again when their cursor leaves this document, which it does on the way into another one. */
  function watch(wanted: string, { awareness }: RoomDocument): void {
    const onChange = () => {
      if (userId.peek() === wanted && hasCursor({ awareness }, wanted)) return;
      awareness.off('change', onChange);
      if (userId.peek() === wanted) void lookAgain(wanted);
    };
    awareness.on('change', onChange);
  }

  async function lookAgain(wanted: string): Promise<void> {
    for (let tries = 0; tries < LOOK_AGAIN; tries++) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
      if (userId.peek() !== wanted || (await goTo(wanted))) return;
    }
    giveUp(wanted);
  }

  function giveUp(wanted: string): void {
    userId.value = undefined;
    const name = view.participants.peek().get(wanted)?.displayName ?? 'Nobody';
    notify({ kind: 'info', text: `${name} has no cursor in any file.` });
  }

  return {
    userId,
    async start(wanted) {
      userId.value = wanted;
      if (!(await goTo(wanted))) giveUp(wanted);
    },
    stop() {
      userId.value = undefined;
    },
  };
}

/** Whether one of a user's connections has its cursor in this document. */
function hasCursor({ awareness }: Pick<RoomDocument, 'awareness'>, userId: string): boolean {
  return [...awareness.getStates().values()].some((state) => state['user']?.id === userId && state['cursor'] != null);
}

async function looksInto(document: RoomDocument, userId: string): Promise<boolean> {
  try {
    const late = new Promise<void>((resolve) => setTimeout(resolve, PATIENCE_MS));
    await Promise.race([document.ready(), late]);
    return hasCursor(document, userId);
  } catch {
    return false;
  } finally {
    document.close();
  }
}
