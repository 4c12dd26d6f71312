// Figures of the room's runs for the statistics tab: asked for when it opens, when something else is asked, and when runs
// have ended; how busy the server is, every few seconds, for those who manage the room.
import { type ReadonlySignal, type Signal, useComputed, useSignal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import type { CommandOutput } from '../../client/index.ts';
import { type Loading, openLoading } from './loading.ts';
import { isUnderWay } from './runs.ts';
import { useWorkspace } from './workspace.ts';

export type Statistics = CommandOutput<'run.statistics'>;
export type Load = CommandOutput<'run.load'>;

/** Hours by name; how far back one looks. */
export const TIMES: readonly (readonly [hours: number, name: string])[] = [
  [1, 'Last hour'],
  [24, 'Last day'],
  [24 * 7, 'Last 7 days'],
  [24 * 30, 'Last 30 days'],
  [24 * 365, 'Last year'],
];

export interface StatisticsQuery {
  readonly hours: number;
  readonly userId: string;
  readonly language: string;
}

/** Milliseconds between two looks at how busy the server is. */
const LOAD_EVERY_MS = 2000;
/** Milliseconds without a further end of a run before the figures are asked for again. */
const REST_MS = 600;

export interface Figures {
  readonly query: Signal<StatisticsQuery>;
  readonly loading: Loading<Statistics>;
}

export function useFigures(): Figures {
  const { view, runs } = useWorkspace();
  const query = useSignal<StatisticsQuery>({ hours: 24 * 7, userId: '', language: '' });
  const ended = useComputed(() => runs.all.value.filter((run) => !isUnderWay(run)).length);
  const ask = () => {
    const { hours, userId, language } = query.peek();
    return view.client.call('run.statistics', {
      roomId: view.room.info.id,
      from: new Date(Date.now() - hours * 3_600_000).toISOString(),
      ...(userId !== '' && { userId }),
      ...(language !== '' && { language }),
    });
  };
  const loading = useMemo(() => openLoading(ask), []);
  useEffect(() => {
    const isHere = loading.state.peek().kind === 'here';
    const timer = setTimeout(() => void loading.load(), isHere ? REST_MS : 0);
    return () => clearTimeout(timer);
  }, [query.value, ended.value, view.state.value]);
  useEffect(() => loading.close, []);
  return { query, loading };
}

/** Undefined until known, and for those whom it is not told. */
export function useLoad(): ReadonlySignal<Load | undefined> {
  const { view } = useWorkspace();
  const load = useSignal<Load | undefined>(undefined);
  const may = view.rights.value.manage;
  useEffect(() => {
    load.value = undefined;
    if (!may) return undefined;
    let gone = false;
    const ask = () => {
      if (document.hidden) return;
      view.client.call('run.load', { roomId: view.room.info.id }).then(
        (answer) => {
          if (!gone) load.value = answer;
        },
        () => {
          if (!gone) load.value = undefined;
        },
      );
    };
    ask();
    const timer = setInterval(ask, LOAD_EVERY_MS);
    return () => {
      gone = true;
      clearInterval(timer);
    };
  }, [may]);
  return load;
}
