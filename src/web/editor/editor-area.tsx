// The middle of the room: tabs, breadcrumbs, and the file or version in front.
import { useWorkspace } from '../state/workspace.ts';
import { FileView } from './file-view.tsx';
import { NoTab } from './no-tab.tsx';
import { TabBar } from './tab-bar.tsx';
import { VersionView } from './version-view.tsx';

export function EditorArea() {
  const { tabs, documents } = useWorkspace();
  const tab = tabs.active.value;
  const open = tab?.kind === 'file' ? documents.all.value.get(tab.fileId) : undefined;
  return (
    <main class="editor-area" data-panel="editor" aria-label="Editor" tabIndex={-1}>
      <TabBar />
      {!tab && <NoTab />}
      {/* A document that was opened anew is another one, hence the key. */}
      {tab?.kind === 'file' && open && (
        <FileView key={`${tab.id}:${open.document.doc.clientID}`} fileId={tab.fileId} open={open} />
      )}
      {tab?.kind === 'version' && <VersionView key={tab.id} tab={tab} />}
    </main>
  );
}
