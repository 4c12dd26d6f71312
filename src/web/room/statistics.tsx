// Statistics of the room's runs: figures, a chart of when they ran, tables by language, person and kind of error.
import '../styles/statistics.css';
import type { ComponentChildren } from 'preact';
import { type Statistics as Data, TIMES, useFigures, useLoad } from '../state/statistics.ts';
import { useWorkspace } from '../state/workspace.ts';
import { Loaded } from '../ui/loaded.tsx';
import { duration } from '../ui/times.ts';
import { RunsChart } from './runs-chart.tsx';
import { Sandboxes, ServerLoad } from './server-load.tsx';

export function Statistics() {
  const { query, loading } = useFigures();
  const load = useLoad();
  const { view, runs } = useWorkspace();
  const people = [...view.participants.value.values()].map((each) => [each.userId, each.displayName] as const);
  const languages = runs.languages.value.map(({ id, name }) => [id, name] as const);
  const change = (part: object) => {
    query.value = { ...query.peek(), ...part };
  };
  return (
    <div class="statistics">
      <search class="statistics-bar" aria-label="Which runs are counted">
        <Choice label="Time" value={String(query.value.hours)} onChange={(hours) => change({ hours: Number(hours) })}>
          {TIMES.map(([hours, name]) => (
            <option key={hours} value={hours}>
              {name}
            </option>
          ))}
        </Choice>
        <Choice label="Who" value={query.value.userId} onChange={(userId) => change({ userId })}>
          <option value="">Everybody</option>
          <Options of={people} />
        </Choice>
        <Choice label="Language" value={query.value.language} onChange={(language) => change({ language })}>
          <option value="">All languages</option>
          <Options of={languages} />
        </Choice>
        <ServerLoad load={load.value} />
      </search>
      <Loaded of={loading} what="the figures">
        {(data) => (data.total.runs === 0 ? <p class="empty">No run ended in this time.</p> : <Shown data={data} />)}
      </Loaded>
      {load.value && (
        <div class="statistics-tables">
          <Sandboxes of={load.value.sandboxes} />
        </div>
      )}
    </div>
  );
}

interface ChoiceProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly children: ComponentChildren;
}

function Choice({ label, value, onChange, children }: ChoiceProps) {
  return (
    <select class="filter" aria-label={label} value={value} onChange={(event) => onChange(event.currentTarget.value)}>
      {children}
    </select>
  );
}

function Options({ of }: { of: readonly (readonly [value: string, text: string])[] }) {
  return (
    <>
      {of.map(([value, text]) => (
        <option key={value} value={value}>
          {text}
        </option>
      ))}
    </>
  );
}

/** How busy the server is, for those who manage the room. */
function Figure({ name, value }: { name: string; value: string }) {
  return (
    <div class="figure">
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

const percent = (rate: number | null) => (rate === null ? '–' : `${Math.round(rate * 100)} %`);
const time = (ms: number | null) => (ms === null ? '–' : duration(ms));

function Shown({ data }: { data: Data }) {
  const { total, languages, users, errors } = data;
  const { view, runs } = useWorkspace();
  const nameOf = (id: string | null) => view.participants.value.get(id ?? '')?.displayName ?? 'somebody who left';
  const languageOf = (id: string) => runs.languages.value.find((each) => each.id === id)?.name ?? id;
  return (
    <>
      <div class="statistics-top">
        <dl class="totals" aria-label="Altogether">
          <Figure name="Runs" value={String(total.runs)} />
          <Figure name="Succeeded" value={percent(total.successRate)} />
          <Figure name="Half took at most" value={time(total.p50Ms)} />
          <Figure name="95 % took at most" value={time(total.p95Ms)} />
          <Figure name="95 % waited at most" value={time(total.queueP95Ms)} />
          <Figure name="Processor time" value={duration(total.cpuMs)} />
        </dl>
        <RunsChart data={data} />
      </div>
      <div class="statistics-tables">
        <Table title="By language" rows={languages.map((each) => [languageOf(each.language), each] as const)} />
        <Table title="By person" rows={users.map((each) => [nameOf(each.userId), each] as const)} />
        {errors.length > 0 && <Errors errors={errors} />}
      </div>
    </>
  );
}

function Table({ title, rows }: { title: string; rows: readonly (readonly [string, Data['total']])[] }) {
  return (
    <table class="figures-table">
      <caption>{title}</caption>
      <thead>
        <tr>
          <th scope="col">{title.replace('By ', '')}</th>
          <th scope="col">Runs</th>
          <th scope="col">Succeeded</th>
          <th scope="col">p50</th>
          <th scope="col">p95</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(([name, figures]) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td>{figures.runs}</td>
            <td>
              <span class="rate">
                <span class="rate-bar" aria-hidden="true">
                  <span style={{ width: percent(figures.successRate).replace(' ', '') }} />
                </span>
                {percent(figures.successRate)}
              </span>
            </td>
            <td>{time(figures.p50Ms)}</td>
            <td>{time(figures.p95Ms)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const KINDS: Readonly<Record<string, string>> = {
  exception: 'Error in the program',
  syntax: 'Does not parse',
  timeout: 'Time limit',
  memory: 'Memory limit',
  output: 'Output limit',
  sandbox: 'Sandbox failed',
  test: 'Tests failed',
};

function Errors({ errors }: { errors: Data['errors'] }) {
  const most = Math.max(...errors.map(({ count }) => count));
  return (
    <table class="figures-table">
      <caption>Why runs failed</caption>
      <thead>
        <tr>
          <th scope="col">reason</th>
          <th scope="col">Runs</th>
        </tr>
      </thead>
      <tbody>
        {errors.map(({ kind, count }) => (
          <tr key={kind}>
            <th scope="row">{KINDS[kind] ?? kind}</th>
            <td>
              <span class="rate">
                <span class="rate-bar bad" aria-hidden="true">
                  <span style={{ width: `${(count / most) * 100}%` }} />
                </span>
                {count}
              </span>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
