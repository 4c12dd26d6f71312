// Run, and what else can be run.
import { ChevronDown, Play, Square } from 'lucide-preact';
import { type Command, commands } from '../state/commands.ts';
import { isUnderWay } from '../state/runs.ts';
import { useWorkspace } from '../state/workspace.ts';
import { shownKeys } from '../ui/keys.ts';
import { Menu } from '../ui/menu.tsx';
import { menuItem } from './command-menu.ts';

export function RunButton() {
  const workspace = useWorkspace();
  const { runs, view } = workspace;
  const all = commands(workspace);
  const run = all.find(({ id }) => id === 'run') as Command;
  const mine = runs.all.value.find((each) => isUnderWay(each) && each.userId === view.me.value.userId);
  const items = all
    .filter(({ id }) => id.startsWith('run'))
    .map((command) => menuItem(command, command.id === 'run-again'));
  return (
    <div class="run-group">
      {mine ? (
        <button type="button" class="run-button stop" title="Cancel your run" onClick={() => void runs.cancel(mine.id)}>
          <Square size={13} aria-hidden="true" /> <span>Stop</span>
        </button>
      ) : (
        <button
          type="button"
          class="run-button"
          aria-disabled={run.hindrance !== undefined}
          aria-busy={runs.starting.value}
          title={run.hindrance ?? `Run the file (${shownKeys('Mod-Enter')})`}
          onClick={run.run}
        >
          <Play size={13} aria-hidden="true" /> <span>Run</span>
        </button>
      )}
      <Menu label="What to run" class="run-more" items={items}>
        <ChevronDown size={14} aria-hidden="true" />
      </Menu>
    </div>
  );
}
