// Runs as the page shows them: which one is in the output panel, what can run, and those from before one came.
import { computed, type ReadonlySignal, signal } from '@preact/signals';
import type { CommandOutput, Execution, File, RunView } from '../../client/index.ts';
import { failure } from '../error-words.ts';
import { showBottom } from './layout.ts';
import { notify } from './notices.ts';
import type { RoomView } from './room-view.ts';

type Language = CommandOutput<'language.list'>['languages'][number];

export type Runnable =
  | { readonly can: true; readonly language: Language | undefined }
  | { readonly can: false; readonly reason: string };

export interface RunSource {
  readonly fileId?: string;
  readonly code?: string;
  readonly language?: string;
  readonly stdin?: string;
}

export interface Runs {
  /** Newest first: those the room has, and the earlier ones that were asked for. */
  readonly list: ReadonlySignal<readonly RunView[]>;
  /** The one in the output panel: the chosen one, else the newest. */
  readonly shown: ReadonlySignal<RunView | undefined>;
  readonly more: ReadonlySignal<More>;
  readonly starting: ReadonlySignal<boolean>;
  show(id: string): void;
  /** What was run last from here. */
  readonly again: ReadonlySignal<RunSource | undefined>;
  start(source: RunSource): Promise<void>;
  cancel(id: string): Promise<void>;
  loadMore(): Promise<void>;
  runnable(file: File | undefined): Runnable;
}

/** Whether there are runs from before those that are here; `unknown` until somebody looks at the list. */
type More = 'unknown' | 'yes' | 'loading' | 'no';

const NO_FILE: Runnable = { can: false, reason: 'Open a file to run it.' };

/** Whether a run is still under way. */
export function isUnderWay({ status }: Pick<Execution, 'status'>): boolean {
  return status === 'queued' || status === 'running';
}

export function watchRuns(view: RoomView): Runs {
  const earlier = earlierRuns(view);
  const chosen = signal<string | undefined>(undefined);
  const starting = signal(false);
  const again = signal<RunSource | undefined>(undefined);
  const languages = knownLanguages(view);
  const list = computed(() => newestFirst(earlier.runs.value, view.runs.value));

  async function start(source: RunSource): Promise<void> {
    if (starting.peek()) return;
    starting.value = true;
    again.value = source;
    try {
      const { id } = await view.room.run(source);
      chosen.value = id;
      showBottom('output', true);
    } catch (error) {
      notify({ kind: 'bad', text: failure('The run did not start', error) });
    } finally {
      starting.value = false;
    }
  }

  return {
    list,
    shown: computed(() => list.value.find(({ id }) => id === chosen.value) ?? list.value[0]),
    more: earlier.more,
    loadMore: earlier.load,
    starting,
    again,
    start,
    show(id) {
      chosen.value = id;
      showBottom('output', true);
    },
    async cancel(executionId) {
      try {
        await view.client.call('run.cancel', { executionId });
      } catch (error) {
        notify({ kind: 'bad', text: failure('The run was not cancelled', error) });
      }
    },
    runnable: (file) => (file ? canRun(languages.value, file) : NO_FILE),
  };
}

function newestFirst(earlier: readonly Execution[], live: ReadonlyMap<string, RunView>): readonly RunView[] {
  const stored = earlier.filter(({ id }) => !live.has(id)).map(withStoredOutput);
  return [...live.values(), ...stored].sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1));
}

function withStoredOutput(run: Execution): RunView {
  return { ...run, pieces: run.output ? [{ seq: 0, stream: 'stdout', text: run.output }] : [] };
}

function earlierRuns(view: RoomView) {
  const runs = signal<readonly Execution[]>([]);
  const more = signal<More>('unknown');
  let cursor: string | undefined;
  async function load(): Promise<void> {
    const before = more.peek();
    if (before === 'loading' || before === 'no') return;
    more.value = 'loading';
    try {
      const page = { roomId: view.room.info.id, limit: 50, ...(cursor !== undefined && { cursor }) };
      const { executions, nextCursor } = await view.client.call('run.list', page);
      runs.value = [...runs.peek(), ...executions];
      cursor = nextCursor ?? undefined;
      more.value = nextCursor === null ? 'no' : 'yes';
    } catch (error) {
      more.value = 'yes';
      notify({ kind: 'bad', text: failure('Earlier runs could not be loaded', error) });
    }
  }
  return { runs, more, load };
}

/** Undefined until known; nothing is refused on a guess, the server says what it cannot run. */
function knownLanguages(view: RoomView): ReadonlySignal<readonly Language[] | undefined> {
  const known = signal<readonly Language[] | undefined>(undefined);
  view.client.call('language.list', {}).then(
    ({ languages }) => {
      known.value = languages;
    },
    () => undefined,
  );
  return known;
}

function canRun(languages: readonly Language[] | undefined, file: File): Runnable {
  if (!languages) return { can: true, language: undefined };
  const name = file.path.slice(file.path.lastIndexOf('/') + 1);
  const extension = name.includes('.') ? name.slice(name.lastIndexOf('.')).toLowerCase() : '';
  const language = languages.find(({ extensions }) => extensions.includes(extension));
  if (!language) {
    const names = languages.filter(({ available }) => available).map(({ name: each }) => each);
    return { can: false, reason: `${name} is not of a language that runs here (${names.join(', ')}).` };
  }
  if (!language.available)
    return { can: false, reason: language.reason ?? `${language.name} cannot run on this server.` };
  return { can: true, language };
}
