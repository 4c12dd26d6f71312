// The room's frame: bars, panels, and what lies over them.
import { useEffect } from 'preact/hooks';
import { EditorArea } from '../editor/editor-area.tsx';
import { belongsToEditor } from '../editor/editor-settings.ts';
import { roomPath } from '../routes.ts';
import { commands } from '../state/commands.ts';
import { isNarrow, layout, narrowPanel } from '../state/layout.ts';
import { useWorkspace, type Workspace } from '../state/workspace.ts';
import { matches } from '../ui/keys.ts';
import { Banner } from './banner.tsx';
import { BottomPanel } from './bottom-panel.tsx';
import { NarrowSwitcher } from './narrow-switcher.tsx';
import { Overlays } from './overlays.tsx';
import { Rail } from './rail.tsx';
import { SidePanel } from './side-panel.tsx';
import { TopBar } from './top-bar.tsx';

export function Shell() {
  const workspace = useWorkspace();
  const { sideOpen, sideWidth, bottomOpen, bottomHeight } = layout.value;
  const narrow = isNarrow.value;
  const shows = (panel: typeof narrowPanel.value, open: boolean) => (narrow ? narrowPanel.value === panel : open);
  useEffect(() => bindKeys(workspace), [workspace]);
  const { name, roomCode } = workspace.view.info.value;
  // A code that is dead is no address; the room itself goes on.
  useEffect(() => history.replaceState(null, '', roomPath(roomCode)), [roomCode]);
  document.title = `${name} · Coderoom`;
  const sizes = { '--side-width': `${sideWidth}px`, '--bottom-height': `${bottomHeight}px` };
  return (
    <div class="shell" style={sizes}>
      <TopBar />
      <Banner />
      <div class="work">
        <Rail />
        {shows('side', sideOpen) && <SidePanel />}
        <div class="middle">
          {shows('editor', true) && <EditorArea />}
          {shows('bottom', true) && <BottomPanel folded={!narrow && !bottomOpen} />}
        </div>
      </div>
      {narrow && <NarrowSwitcher />}
      <Overlays />
    </div>
  );
}

/** The room's keys, before the editor sees them. Warns before a page is closed that holds unsaved edits. */
function bindKeys(workspace: Workspace): () => void {
  const onKeyDown = (event: KeyboardEvent) => {
    // Ordinary typing is not looked at any further.
    if (!event.ctrlKey && !event.metaKey && !event.altKey && !/^F\d/.test(event.key)) return;
    const command = commands(workspace).find(
      ({ keys, inEditor }) => !inEditor && keys?.some((combination) => matches(event, combination)),
    );
    if (!command || belongsToEditor(event)) return;
    // Also below a dialog, where it does nothing: the browser would print instead.
    event.preventDefault();
    event.stopPropagation();
    if (!document.querySelector('dialog[open]')) command.run();
  };
  const onUnload = (event: BeforeUnloadEvent) => {
    if (workspace.documents.light.peek().pending > 0) event.preventDefault();
  };
  addEventListener('keydown', onKeyDown, { capture: true });
  addEventListener('beforeunload', onUnload);
  return () => {
    removeEventListener('keydown', onKeyDown, { capture: true });
    removeEventListener('beforeunload', onUnload);
  };
}
