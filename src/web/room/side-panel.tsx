// The side panel: one of files, people, history.
import { change, isNarrow, layout, SIDE_LIMITS } from '../state/layout.ts';
import { Separator } from '../ui/separator.tsx';
import { FilesPanel } from './files-panel.tsx';
import { HistoryPanel } from './history-panel.tsx';
import { PeoplePanel } from './people-panel.tsx';

const LABELS = { files: 'Files', people: 'People', history: 'History' } as const;

export function SidePanel() {
  const { side, sideWidth } = layout.value;
  return (
    <aside class="side-panel" aria-label={LABELS[side]} data-panel="side" tabIndex={-1}>
      {side === 'files' && <FilesPanel />}
      {side === 'people' && <PeoplePanel />}
      {side === 'history' && <HistoryPanel />}
      {!isNarrow.value && (
        <Separator
          label="Width of the side panel"
          orientation="vertical"
          value={sideWidth}
          limits={SIDE_LIMITS}
          direction={1}
          onResize={(size) => change({ sideWidth: size })}
          onFold={() => change({ sideOpen: false })}
        />
      )}
    </aside>
  );
}
