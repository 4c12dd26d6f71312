// The bottom panel: output of a run, and the list of runs. Folded it is its row of tabs.
import { ChevronDown, ChevronUp } from 'lucide-preact';
import { BOTTOM_LIMITS, change, isNarrow, layout, type BottomPanel as Which } from '../state/layout.ts';
import { isUnderWay } from '../state/runs.ts';
import { useWorkspace } from '../state/workspace.ts';
import { later } from '../ui/later.tsx';
import { Separator } from '../ui/separator.tsx';
import { Output } from './output.tsx';

const RunsList = later(async () => (await import('./runs-list.tsx')).RunsList);
const TestsPanel = later(async () => (await import('./tests-panel.tsx')).TestsPanel);
const Statistics = later(async () => (await import('./statistics.tsx')).Statistics);

export function BottomPanel({ folded }: { folded: boolean }) {
  const { bottom, bottomHeight } = layout.value;
  const toggle = folded ? 'Show the bottom panel' : 'Hide the bottom panel';
  return (
    <section
      class={folded ? 'bottom-panel folded' : 'bottom-panel'}
      aria-label="Runs and their output"
      data-panel="bottom"
    >
      {!folded && !isNarrow.value && (
        <Separator
          label="Height of the bottom panel"
          orientation="horizontal"
          value={bottomHeight}
          limits={BOTTOM_LIMITS}
          direction={-1}
          onResize={(size) => change({ bottomHeight: size })}
          onFold={() => change({ bottomOpen: false })}
        />
      )}
      <div class="panel-tabs">
        <div role="tablist" aria-label="Bottom panel" onKeyDown={moveAmongTabs}>
          <PanelTab which="output" label="Output" folded={folded} />
          <PanelTab which="tests" label="Tests" folded={folded} />
          <PanelTab which="runs" label="Runs" folded={folded} />
          <PanelTab which="statistics" label="Statistics" folded={folded} />
        </div>
        <span class="stretch" />
        <button
          type="button"
          class="icon small wide-only"
          aria-label={toggle}
          title={toggle}
          onClick={() => change({ bottomOpen: folded })}
        >
          {folded ? <ChevronUp size={16} aria-hidden="true" /> : <ChevronDown size={16} aria-hidden="true" />}
        </button>
      </div>
      {!folded && (
        <div class="panel-content" role="tabpanel" id="bottom-content" aria-labelledby={`tab-${bottom}`}>
          <Content of={bottom} />
        </div>
      )}
    </section>
  );
}

function Content({ of }: { of: Which }) {
  switch (of) {
    case 'output':
      return <Output />;
    case 'tests':
      return <TestsPanel />;
    case 'runs':
      return <RunsList />;
    case 'statistics':
      return <Statistics />;
  }
}

function PanelTab({ which, label, folded }: { which: Which; label: string; folded: boolean }) {
  const { runs } = useWorkspace();
  const chosen = !folded && layout.value.bottom === which;
  const underWay = which === 'runs' ? runs.all.value.filter(isUnderWay).length : 0;
  return (
    <button
      type="button"
      role="tab"
      id={`tab-${which}`}
      class={chosen ? 'panel-tab chosen' : 'panel-tab'}
      aria-selected={chosen}
      tabIndex={layout.value.bottom === which ? 0 : -1}
      onClick={() => change({ bottom: which, bottomOpen: true })}
      {...(chosen && { 'aria-controls': 'bottom-content', 'data-focus': '' })}
    >
      {label}
      {underWay > 0 && <span class="badge">{underWay}</span>}
    </button>
  );
}

function moveAmongTabs(event: KeyboardEvent): void {
  if (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight') return;
  const list = event.currentTarget as HTMLElement;
  const tabs = [...list.querySelectorAll<HTMLElement>('[role=tab]')];
  const at = tabs.indexOf(document.activeElement as HTMLElement);
  const next = tabs[(at + (event.key === 'ArrowRight' ? 1 : -1) + tabs.length) % tabs.length];
  next?.focus();
  next?.click();
  event.preventDefault();
}
