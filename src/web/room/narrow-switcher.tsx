// On a narrow screen: which one of the panels shows.
import { Code, Files, History, SquareTerminal, Users } from 'lucide-preact';
import type { ComponentChildren } from 'preact';
import { layout, narrowPanel, showBottom, showEditor, showSide } from '../state/layout.ts';

export function NarrowSwitcher() {
  const shown = narrowPanel.value === 'side' ? layout.value.side : narrowPanel.value;
  return (
    <nav class="switcher" aria-label="Panels">
      <Choice label="Files" chosen={shown === 'files'} onClick={() => showSide('files')}>
        <Files size={18} />
      </Choice>
      <Choice label="Code" chosen={shown === 'editor'} onClick={showEditor}>
        <Code size={18} />
      </Choice>
      <Choice label="Output" chosen={shown === 'bottom'} onClick={() => showBottom(layout.peek().bottom, true)}>
        <SquareTerminal size={18} />
      </Choice>
      <Choice label="People" chosen={shown === 'people'} onClick={() => showSide('people')}>
        <Users size={18} />
      </Choice>
      <Choice label="History" chosen={shown === 'history'} onClick={() => showSide('history')}>
        <History size={18} />
      </Choice>
    </nav>
  );
}

interface ChoiceProps {
  readonly label: string;
  readonly chosen: boolean;
  readonly onClick: () => void;
  readonly children: ComponentChildren;
}

function Choice({ label, chosen, onClick, children }: ChoiceProps) {
  return (
    <button type="button" class="switch" aria-pressed={chosen} onClick={onClick}>
      {children}
      <span>{label}</span>
    </button>
  );
}
