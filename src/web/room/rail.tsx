// The narrow strip of side panels.
import { Files, History, Users } from 'lucide-preact';
import type { ComponentChildren } from 'preact';
import { layout, type SidePanel, toggleSide } from '../state/layout.ts';
import { useWorkspace } from '../state/workspace.ts';

export function Rail() {
  const { knocks } = useWorkspace();
  return (
    <nav class="rail" aria-label="Side panels" data-panel="rail">
      <RailButton panel="files" label="Files">
        <Files size={20} aria-hidden="true" />
      </RailButton>
      <RailButton panel="people" label="People" badge={knocks.waiting.value.length}>
        <Users size={20} aria-hidden="true" />
      </RailButton>
      <RailButton panel="history" label="History">
        <History size={20} aria-hidden="true" />
      </RailButton>
    </nav>
  );
}

interface RailButtonProps {
  readonly panel: SidePanel;
  readonly label: string;
  readonly badge?: number;
  readonly children: ComponentChildren;
}

function RailButton({ panel, label, badge = 0, children }: RailButtonProps) {
  const open = layout.value.sideOpen && layout.value.side === panel;
  return (
    <button
      type="button"
      class="rail-button"
      aria-pressed={open}
      aria-label={badge > 0 ? `${label}, ${badge} waiting` : label}
      title={label}
      onClick={() => toggleSide(panel)}
      {...(open && { 'data-focus': '' })}
    >
      {children}
      {badge > 0 && <span class="badge">{badge}</span>}
    </button>
  );
}
