// The runs of the room, newest first; choosing one shows its output.
import { useEffect } from 'preact/hooks';
import type { RunView } from '../../client/index.ts';
import { useWorkspace } from '../state/workspace.ts';
import { fullTime, shortTime } from '../ui/times.ts';
import { RunStatus, runTime } from './run-words.tsx';

export function RunsList() {
  const { runs } = useWorkspace();
  const list = runs.list.value;
  const more = runs.more.value;
  useEffect(() => {
    if (runs.more.peek() === 'unknown') void runs.loadMore();
  }, [runs]);
  return (
    <div class="runs-scroll">
      {list.length === 0 && more === 'no' && <p class="empty">Nothing was run in this room yet.</p>}
      {list.length > 0 && (
        <table class="runs">
          <thead>
            <tr>
              <th scope="col">State</th>
              <th scope="col">What</th>
              <th scope="col">Who</th>
              <th scope="col">When</th>
              <th scope="col" class="number">
                Took
              </th>
            </tr>
          </thead>
          <tbody>
            {list.map((run) => (
              <RunRow key={run.id} run={run} />
            ))}
          </tbody>
        </table>
      )}
      {more === 'yes' && (
        <button type="button" class="button small more" onClick={() => void runs.loadMore()}>
          Show earlier runs
        </button>
      )}
      {more === 'loading' && (
        <div class="skeleton-rows" role="status" aria-label="Loading runs">
          <span />
          <span />
        </div>
      )}
    </div>
  );
}

function RunRow({ run }: { run: RunView }) {
  const { view, runs } = useWorkspace();
  const who = run.userId ? view.participants.value.get(run.userId)?.displayName : undefined;
  const shown = runs.shown.value?.id === run.id;
  return (
    <tr class={shown ? 'chosen' : ''}>
      <td>
        <RunStatus run={run} />
      </td>
      <td>
        <button type="button" class="link" aria-current={shown} onClick={() => runs.show(run.id)}>
          {run.entry}
        </button>
      </td>
      <td>{who ?? 'somebody who left'}</td>
      <td title={fullTime(run.createdAt)}>{shortTime(run.createdAt)}</td>
      <td class="number">{runTime(run)}</td>
    </tr>
  );
}
