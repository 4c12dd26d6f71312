// What is done to files from the tree, the palette and the tabs.
import { type Signal, signal } from '@preact/signals';
import type { File } from '../../client/index.ts';
import { failure } from '../error-words.ts';
import { showSide } from './layout.ts';
import { notify } from './notices.ts';
import type { RoomView } from './room-view.ts';
import type { Tabs } from './tabs.ts';

/** What is being typed in the tree: a new file in a folder (`''` is the root), or the new name of a file. */
export type Naming =
  | { readonly kind: 'new'; readonly folder: string }
  | { readonly kind: 'rename'; readonly file: File }
  | undefined;

export interface FileActions {
  readonly naming: Signal<Naming>;
  /** The file whose deletion has to be confirmed. */
  readonly deleting: Signal<File | undefined>;
  startNew(folder?: string): void;
  startRename(file: File): void;
  /** @returns why the path cannot be taken, undefined when it can */
  problem(path: string, self?: File): string | undefined;
  create(path: string): Promise<void>;
  rename(file: File, path: string): Promise<void>;
  remove(file: File): Promise<void>;
}

/** The server's limit (`PATH_LENGTH`). */
const PATH_LENGTH = 512;

export function fileActions(view: RoomView, tabs: Tabs): FileActions {
  const naming = signal<Naming>(undefined);
  const deleting = signal<File | undefined>(undefined);
  const roomId = view.room.info.id;

  async function attempt(what: string, action: () => Promise<unknown>): Promise<void> {
    try {
      await action();
    } catch (error) {
      notify({ kind: 'bad', text: failure(what, error) });
    }
  }

  return {
    naming,
    deleting,
    startNew(folder = '') {
      showSide('files');
      naming.value = { kind: 'new', folder };
    },
    startRename(file) {
      showSide('files');
      naming.value = { kind: 'rename', file };
    },
    problem(path, self) {
      const taken = view.files.peek().find((file) => file.path === path && file.id !== self?.id);
      return taken ? `There is a ${path} already.` : pathProblem(path);
    },
    create: (path) =>
      attempt(`${path} was not created`, async () => {
        // The id is made here, so that the tab opens even if the event comes first.
        const fileId = crypto.randomUUID();
        await view.client.call('file.create', { roomId, fileId, path });
        await until(() => view.room.files.has(fileId));
        tabs.enter(fileId);
      }),
    rename: (file, path) =>
      attempt(`${file.path} was not renamed`, () => view.client.call('file.rename', { fileId: file.id, path })),
    remove: (file) =>
      attempt(`${file.path} was not deleted`, () => view.client.call('file.delete', { fileId: file.id })),
  };
}

/** The contract's rules for paths (`filePath`), in words. */
export function pathProblem(path: string): string | undefined {
  if (path === '') return 'A file needs a name.';
  if (path.length > PATH_LENGTH) return `A path has at most ${PATH_LENGTH} characters.`;
  if (/\\|(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u.test(path))
    return 'A path cannot have a backslash or characters that nobody sees.';
  if (path.startsWith('/') || path.endsWith('/') || path.includes('//')) return 'A folder or file needs a name.';
  return path.split('/').some((part) => part === '.' || part === '..')
    ? 'A path cannot have . or .. in it.'
    : undefined;
}

/** The event that brings the file into the room may come a moment after the answer. */
async function until(holds: () => boolean): Promise<void> {
  for (let tries = 0; tries < 20 && !holds(); tries++) await new Promise((resolve) => setTimeout(resolve, 25));
}
