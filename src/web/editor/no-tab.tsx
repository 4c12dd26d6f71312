// Nothing is open: what to do next.
import { useWorkspace } from '../state/workspace.ts';
import { shownKeys } from '../ui/keys.ts';

export function NoTab() {
  const { view, files, overlay } = useWorkspace();
  const empty = view.files.value.length === 0;
  const mayWrite = view.rights.value.write;
  return (
    <div class="no-tab">
      <p class="no-tab-title">{empty ? 'The room is empty' : 'No file is open'}</p>
      <div class="actions">
        {mayWrite && (
          <button type="button" class="button primary" onClick={() => files.startNew()}>
            New file
          </button>
        )}
        {!empty && (
          <button
            type="button"
            class="button"
            onClick={() => {
              overlay.value = 'files';
            }}
          >
            Open file <kbd>{shownKeys('Mod-p')}</kbd>
          </button>
        )}
        <button
          type="button"
          class="button"
          onClick={() => {
            overlay.value = 'commands';
          }}
        >
          Commands <kbd>{shownKeys('Mod-Shift-p')}</kbd>
        </button>
      </div>
      {empty && !mayWrite && <p class="muted">Files that others make appear here.</p>}
    </div>
  );
}
