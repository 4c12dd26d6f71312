// The side panel: one of files, people, history.
import { layout } from '../state/layout.ts';
import { FilesPanel } from './files-panel.tsx';
import { HistoryPanel } from './history-panel.tsx';
import { PeoplePanel } from './people-panel.tsx';

const LABELS = { files: 'Files', people: 'People', history: 'History' } as const;

export function SidePanel() {
  const { side } = layout.value;
  return (
    <aside class="side-panel" aria-label={LABELS[side]} data-panel="side" tabIndex={-1}>
      {side === 'files' && <FilesPanel />}
      {side === 'people' && <PeoplePanel />}
      {side === 'history' && <HistoryPanel />}
    </aside>
  );
}
