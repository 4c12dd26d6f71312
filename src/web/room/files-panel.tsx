// The files of the room: head with its buttons, tree, and what to do when there is none.

import { useSignal } from '@preact/signals';
import { CopyMinus, FilePlus2 } from 'lucide-preact';
import { useWorkspace } from '../state/workspace.ts';
import { FileTree } from './file-tree.tsx';

export function FilesPanel() {
  const { view, files } = useWorkspace();
  const closed = useSignal<ReadonlySet<string>>(new Set());
  const mayWrite = view.rights.value.write;
  const isEmpty = view.files.value.length === 0 && files.naming.value === undefined;
  const foldAll = () => {
    const folders = view.files.peek().flatMap(({ path }) => foldersOf(path));
    closed.value = new Set(folders);
  };
  return (
    <>
      <div class="panel-head">
        <h2>Files</h2>
        {mayWrite && (
          <button
            type="button"
            class="icon small"
            aria-label="New file"
            title="New file"
            onClick={() => files.startNew()}
          >
            <FilePlus2 size={16} aria-hidden="true" />
          </button>
        )}
        <button
          type="button"
          class="icon small"
          aria-label="Fold all folders"
          title="Fold all folders"
          onClick={foldAll}
        >
          <CopyMinus size={16} aria-hidden="true" />
        </button>
      </div>
      {isEmpty ? <NoFiles mayWrite={mayWrite} /> : <FileTree closed={closed} />}
    </>
  );
}

function NoFiles({ mayWrite }: { mayWrite: boolean }) {
  const { files } = useWorkspace();
  if (!mayWrite) return <p class="empty">No files yet. When somebody makes one, it appears here.</p>;
  return (
    <div class="empty">
      <p>No files yet. A slash in the name makes a folder: src/main.ts</p>
      <button type="button" class="button" onClick={() => files.startNew()}>
        New file
      </button>
    </div>
  );
}

function foldersOf(path: string): string[] {
  const parts = path.split('/').slice(0, -1);
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
}
