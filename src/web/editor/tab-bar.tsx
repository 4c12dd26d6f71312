// The open tabs. A file that waits for the server has a dot, as in every editor.
import { History, X } from 'lucide-preact';
import { useEffect, useRef } from 'preact/hooks';
import { nameOf, parentOf } from '../room/tree-rows.ts';
import type { Tab } from '../state/tabs.ts';
import { useWorkspace } from '../state/workspace.ts';
import { shownKeys } from '../ui/keys.ts';

export function TabBar() {
  const { tabs } = useWorkspace();
  const list = tabs.list.value;
  if (list.length === 0) return null;
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'ArrowRight') tabs.step(1);
    else if (event.key === 'ArrowLeft') tabs.step(-1);
    else if (event.key === 'Delete') tabs.close(tabs.active.peek()?.id ?? '');
    else return;
    event.preventDefault();
    const bar = event.currentTarget as HTMLElement;
    requestAnimationFrame(() => bar.querySelector<HTMLElement>('[aria-selected=true]')?.focus());
  };
  return (
    <div class="tab-bar" role="tablist" aria-label="Open files" onKeyDown={onKeyDown}>
      {list.map((tab) => (
        <FileTab key={tab.id} tab={tab} active={tab.id === tabs.active.value?.id} />
      ))}
    </div>
  );
}

function FileTab({ tab, active }: { tab: Tab; active: boolean }) {
  const { view, tabs, documents } = useWorkspace();
  const element = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (active) element.current?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [active]);
  const path = view.files.value.find(({ id }) => id === tab.fileId)?.path ?? '';
  const status = tab.kind === 'file' ? documents.all.value.get(tab.fileId)?.status.value : undefined;
  const unsaved = status?.saved === 'not_saved';
  const name = tab.kind === 'version' ? `${nameOf(path)} #${tab.versionNumber}` : nameOf(path);
  return (
    <div ref={element} class={active ? 'tab active' : 'tab'} role="presentation">
      <button
        type="button"
        role="tab"
        class="tab-name"
        aria-selected={active}
        tabIndex={active ? 0 : -1}
        title={unsaved ? `${path}: not saved yet` : path}
        onClick={() => tabs.select(tab.id)}
        onAuxClick={(event) => event.button === 1 && tabs.close(tab.id)}
      >
        {tab.kind === 'version' && <History size={13} aria-hidden="true" />}
        <span>{name}</span>
        {isAmbiguous(path, view.files.value, tabs.list.value) && <span class="small-print">{parentOf(path)}</span>}
        {unsaved && <span class="dot" role="img" aria-label="not saved" />}
      </button>
      <button
        type="button"
        class="icon tiny"
        tabIndex={-1}
        // A list of tabs may hold tabs only; with the keyboard it is Delete on the tab.
        aria-hidden="true"
        title={`Close ${name} (${shownKeys('Alt-w')})`}
        onClick={() => tabs.close(tab.id)}
      >
        <X size={13} aria-hidden="true" />
      </button>
    </div>
  );
}

/** Whether another open file has the same name, so that the folder has to tell them apart. */
function isAmbiguous(path: string, files: readonly { id: string; path: string }[], tabs: readonly Tab[]): boolean {
  const open = new Set(tabs.map(({ fileId }) => fileId));
  return files.some((file) => open.has(file.id) && file.path !== path && nameOf(file.path) === nameOf(path));
}
