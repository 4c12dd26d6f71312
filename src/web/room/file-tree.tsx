// The tree itself: one tab stop, arrow keys inside (WAI-ARIA's tree pattern), names typed in place.

import { type Signal, useSignal } from '@preact/signals';
import { ChevronDown, ChevronRight, Ellipsis, File as FileIcon, Folder, Lock } from 'lucide-preact';
import { useRef } from 'preact/hooks';
import { useWorkspace, type Workspace } from '../state/workspace.ts';
import { Menu, type MenuItem } from '../ui/menu.tsx';
import { NameInput } from './name-input.tsx';
import { parentOf, type TreeRow, treeRows } from './tree-rows.ts';

type Closed = Signal<ReadonlySet<string>>;

export function FileTree({ closed }: { closed: Closed }) {
  const workspace = useWorkspace();
  const { view, files, tabs } = workspace;
  const tree = useRef<HTMLDivElement>(null);
  const cursor = useSignal<string | undefined>(undefined);
  const rows = treeRows(view.files.value, closed.value);
  const activeId = tabs.active.value?.fileId;
  const active = rows.find((row) => row.kind === 'file' && row.file.id === activeId)?.path;
  const current = rows.some(({ path }) => path === cursor.value) ? cursor.value : (active ?? rows[0]?.path);
  const naming = files.naming.value;
  const move = (path: string) => {
    cursor.value = path;
    requestAnimationFrame(() => tree.current?.querySelector<HTMLElement>('[data-current]')?.focus());
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if ((event.target as Element).closest('input, .menu')) return;
    if (treeKey({ event, rows, current, closed, move, workspace })) event.preventDefault();
  };
  return (
    <div ref={tree} class="tree" role="tree" tabIndex={-1} aria-label="Files of the room" onKeyDown={onKeyDown}>
      {naming?.kind === 'new' && <NameInput key={naming.folder} level={1} start={naming.folder} />}
      {rows.map((row) => {
        if (naming?.kind === 'rename' && row.kind === 'file' && naming.file.id === row.file.id) {
          return <NameInput key={row.path} level={row.level} start={row.path} file={row.file} />;
        }
        return (
          <Row
            key={`${row.kind}:${row.path}`}
            row={row}
            current={row.path === current}
            active={row.path === active}
            onFocus={() => {
              cursor.value = row.path;
            }}
            onEnter={() => {
              cursor.value = row.path;
              enterRow(row, closed, workspace);
            }}
          />
        );
      })}
    </div>
  );
}

function enterRow(row: TreeRow, closed: Closed, { tabs }: Workspace): void {
  if (row.kind === 'file') return tabs.enter(row.file.id);
  const next = new Set(closed.peek());
  if (row.open) next.add(row.path);
  else next.delete(row.path);
  closed.value = next;
}

interface RowProps {
  readonly row: TreeRow;
  readonly current: boolean;
  readonly active: boolean;
  readonly onFocus: () => void;
  readonly onEnter: () => void;
}

function Row({ row, current, active, onFocus, onEnter }: RowProps) {
  const isFolder = row.kind === 'folder';
  const items = useRowMenu(row);
  const { view } = useWorkspace();
  // Where others of this role write: why one cannot is not to be guessed.
  const isLocked = !isFolder && view.rights.value.write && !view.may('write', row.file.id);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the tree takes the keys of its rows.
    <div
      role="treeitem"
      class={`tree-row ${active ? 'active' : ''}`}
      style={{ '--level': row.level }}
      tabIndex={current ? 0 : -1}
      aria-level={row.level}
      aria-selected={active}
      aria-expanded={isFolder ? row.open : undefined}
      aria-label={isLocked ? `${row.name}, read only for you` : row.name}
      title={isLocked ? `${row.path} (read only for you)` : row.path}
      onFocus={onFocus}
      onClick={(event) => {
        if (!(event.target as Element).closest('.row-menu, .menu')) onEnter();
      }}
      {...(current && { 'data-current': '', 'data-focus': '' })}
    >
      {isFolder ? row.open ? <ChevronDown size={14} /> : <ChevronRight size={14} /> : <span class="tree-gap" />}
      {isFolder ? <Folder size={14} class="muted" /> : <FileIcon size={14} class="muted" />}
      <span class="tree-name">{row.name}</span>
      {isLocked && <Lock size={12} class="tree-lock" aria-hidden="true" />}
      {items.length > 0 && (
        <Menu label={`Actions for ${row.name}`} class="icon small row-menu" items={items} tabIndex={-1}>
          <Ellipsis size={14} aria-hidden="true" />
        </Menu>
      )}
    </div>
  );
}

function useRowMenu(row: TreeRow): readonly MenuItem[] {
  const { view, files, tabs } = useWorkspace();
  const mayMake = view.rights.value.write;
  if (row.kind === 'folder')
    return mayMake ? [{ label: 'New file here', run: () => files.startNew(`${row.path}/`) }] : [];
  const { file } = row;
  const mayDelete = view.may('delete', file.id);
  if (!mayMake && !mayDelete) return [];
  const ruled = 'You may not do this with this file';
  return [
    { label: 'Open', keys: 'Enter', run: () => tabs.enter(file.id) },
    {
      label: 'Rename or move',
      keys: 'F2',
      hindrance: mayDelete && view.may('write', file.id) ? undefined : ruled,
      run: () => files.startRename(file),
    },
    {
      label: 'Delete…',
      keys: 'Delete',
      hindrance: mayDelete ? undefined : ruled,
      danger: true,
      apart: true,
      run: () => {
        files.deleting.value = file;
      },
    },
  ];
}

interface TreeKey {
  readonly event: KeyboardEvent;
  readonly rows: readonly TreeRow[];
  readonly current: string | undefined;
  readonly closed: Closed;
  readonly move: (path: string) => void;
  readonly workspace: Workspace;
}

/** @returns whether the key meant something here */
function treeKey({ event, rows, current, closed, move, workspace }: TreeKey): boolean {
  const at = rows.findIndex(({ path }) => path === current);
  const row = rows[at];
  if (!row || event.ctrlKey || event.metaKey || event.altKey) return false;
  const to = (index: number) => {
    const target = rows[Math.max(0, Math.min(rows.length - 1, index))];
    if (target) move(target.path);
  };
  const isFolder = row.kind === 'folder';
  switch (event.key) {
    case 'ArrowDown':
      to(at + 1);
      break;
    case 'ArrowUp':
      to(at - 1);
      break;
    case 'Home':
      to(0);
      break;
    case 'End':
      to(rows.length - 1);
      break;
    case 'ArrowRight':
      if (isFolder && !row.open) enterRow(row, closed, workspace);
      else if (isFolder) to(at + 1);
      break;
    case 'ArrowLeft':
      if (isFolder && row.open) enterRow(row, closed, workspace);
      else if (parentOf(row.path) !== '') move(parentOf(row.path));
      break;
    case 'Enter':
      enterRow(row, closed, workspace);
      break;
    case ' ':
      // Shows the file and stays in the tree.
      if (row.kind === 'file') workspace.tabs.open(row.file.id);
      else enterRow(row, closed, workspace);
      break;
    default:
      return editKey(event.key, row, workspace) || typeAhead(event.key, at, { rows, to });
  }
  return true;
}

function editKey(key: string, row: TreeRow, { view, files }: Workspace): boolean {
  if (row.kind !== 'file' || !view.may('delete', row.file.id)) return false;
  if (key === 'F2' && view.may('write', row.file.id)) files.startRename(row.file);
  else if (key === 'Delete') files.deleting.value = row.file;
  else return false;
  return true;
}

function typeAhead(
  key: string,
  at: number,
  { rows, to }: { rows: readonly TreeRow[]; to: (index: number) => void },
): boolean {
  if (Array.from(key).length !== 1) return false;
  const after = [...rows.slice(at + 1), ...rows.slice(0, at + 1)];
  const found = after.find(({ name }) => name.toLowerCase().startsWith(key.toLowerCase()));
  if (found) to(rows.indexOf(found));
  return found !== undefined;
}
