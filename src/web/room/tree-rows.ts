// The file tree as rows: folders are derived from the paths, there are no empty ones.
import type { File } from '../../client/index.ts';

export type TreeRow =
  | {
      readonly kind: 'folder';
      readonly path: string;
      readonly name: string;
      readonly level: number;
      readonly open: boolean;
    }
  | {
      readonly kind: 'file';
      readonly path: string;
      readonly name: string;
      readonly level: number;
      readonly file: File;
    };

interface Folder {
  readonly folders: Map<string, Folder>;
  readonly files: File[];
}

/**
 * @param files of the room
 * @param closed paths of the folders that are folded
 * @returns what shows, from the top; folders before files, each by name
 */
export function treeRows(files: readonly File[], closed: ReadonlySet<string>): readonly TreeRow[] {
  const rows: TreeRow[] = [];
  addRows({ folder: folderTree(files), path: '', level: 1 }, closed, rows);
  return rows;
}

export function parentOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash < 0 ? '' : path.slice(0, slash);
}

export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function folderTree(files: readonly File[]): Folder {
  const root: Folder = { folders: new Map(), files: [] };
  for (const file of files) {
    let at = root;
    for (const name of file.path.split('/').slice(0, -1)) {
      const next: Folder = at.folders.get(name) ?? { folders: new Map(), files: [] };
      at.folders.set(name, next);
      at = next;
    }
    at.files.push(file);
  }
  return root;
}

interface Place {
  readonly folder: Folder;
  readonly path: string;
  readonly level: number;
}

const order = new Intl.Collator('en', { numeric: true });

function addRows({ folder, path, level }: Place, closed: ReadonlySet<string>, rows: TreeRow[]): void {
  const folders = [...folder.folders].sort(([a], [b]) => order.compare(a, b));
  for (const [name, inner] of folders) {
    const innerPath = path === '' ? name : `${path}/${name}`;
    const open = !closed.has(innerPath);
    rows.push({ kind: 'folder', path: innerPath, name, level, open });
    if (open) addRows({ folder: inner, path: innerPath, level: level + 1 }, closed, rows);
  }
  const files = folder.files.map((file) => ({ file, name: nameOf(file.path) }));
  for (const { file, name } of files.sort((a, b) => order.compare(a.name, b.name))) {
    rows.push({ kind: 'file', path: file.path, name, level, file });
  }
}
