// The runs of the room, newest first; choosing one shows its output.
import { useEffect } from 'preact/hooks';
import type { RunView } from '../../client/index.ts';
import { type RunFilter, withPart } from '../state/run-filter.ts';
import { useWorkspace } from '../state/workspace.ts';
import { Bones } from '../ui/loaded.tsx';
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
      <Filters />
      {list.length === 0 && more === 'no' && (
        <p class="empty">
          {Object.keys(runs.filter.value).length > 0 ? 'No run fits the filter.' : 'Nothing was run in this room yet.'}
        </p>
      )}
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
      {more === 'loading' && <Bones what="runs" />}
    </div>
  );
}

const STATES = { completed: 'Completed', failed: 'Failed', timeout: 'Time limit', cancelled: 'Cancelled' };

function Filters() {
  const { view, runs } = useWorkspace();
  const people = [...view.participants.value.values()].map((each) => [each.userId, each.displayName] as const);
  const files = view.files.value.map(({ id, path }) => [id, path] as const);
  const languages = runs.languages.value.map(({ id, name }) => [id, name] as const);
  const anything = Object.keys(runs.filter.value).length > 0;
  return (
    <search class="run-filters" aria-label="Which runs are listed">
      <Choice part="status" label="State" choices={Object.entries(STATES)} />
      <Choice part="fileId" label="File" choices={files} />
      <Choice part="userId" label="Who" choices={people} />
      <Choice part="language" label="Language" choices={languages} />
      <Choice part="from" label="When" choices={since()} />
      {anything && (
        <button
          type="button"
          class="link"
          onClick={() => {
            runs.filter.value = {};
          }}
        >
          Show all
        </button>
      )}
    </search>
  );
}

/** Points in time by name, at whole minutes, so that the same choice is the same value for a while. */
function since(): [string, string][] {
  const now = Math.floor(Date.now() / 60_000) * 60_000;
  const ago = (hours: number) => new Date(now - hours * 3_600_000).toISOString();
  return [
    [ago(1), 'Last hour'],
    [ago(24), 'Last day'],
    [ago(24 * 7), 'Last week'],
  ];
}

interface ChoiceProps {
  readonly part: keyof RunFilter;
  readonly label: string;
  readonly choices: readonly (readonly [value: string, text: string])[];
}

function Choice({ part, label, choices }: ChoiceProps) {
  const { filter } = useWorkspace().runs;
  const value = filter.value[part] ?? '';
  // What was chosen stays choosable when the choices have moved on.
  const known = value === '' || choices.some(([each]) => each === value);
  return (
    <select
      class={value === '' ? 'filter' : 'filter chosen'}
      aria-label={label}
      value={value}
      onChange={(event) => {
        filter.value = withPart(filter.peek(), part, event.currentTarget.value);
      }}
    >
      <option value="">{label}: any</option>
      {!known && <option value={value}>{label}: chosen</option>}
      {choices.map(([each, text]) => (
        <option key={each} value={each}>
          {text}
        </option>
      ))}
    </select>
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
