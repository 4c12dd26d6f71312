// Runs as the page shows them: which one is in the output panel, what can run, and those from before one came.
import { computed, effect, type ReadonlySignal, type Signal, signal } from '@preact/signals';
import type { CommandOutput, Execution, File, RunView } from '../../client/index.ts';
import { failure } from '../error-words.ts';
import { type BottomPanel, showBottom } from './layout.ts';
import { notify } from './notices.ts';
import type { RoomView } from './room-view.ts';
import { fits, type RunFilter } from './run-filter.ts';

type Language = CommandOutput<'language.list'>['languages'][number];

export type Runnable =
  | { readonly can: true; readonly language: Language | undefined }
  | { readonly can: false; readonly reason: string };

export interface RunSource {
  readonly fileId?: string;
  readonly code?: string;
  /** The line of the file at which `code` begins. */
  readonly line?: number;
  readonly language?: string;
  readonly stdin?: string;
  readonly args?: readonly string[];
  readonly interactive?: boolean;
}

export interface Runs {
  /** Newest first: those the room has, and the earlier ones that were asked for. */
  readonly all: ReadonlySignal<readonly RunView[]>;
  readonly filter: Signal<RunFilter>;
  /** Those of `all` that fit the filter. */
  readonly list: ReadonlySignal<readonly RunView[]>;
  /** The one in the output panel: the chosen one, else the newest. */
  readonly shown: ReadonlySignal<RunView | undefined>;
  readonly more: ReadonlySignal<More>;
  readonly starting: ReadonlySignal<boolean>;
  /** What the server runs, or would; empty until known. */
  readonly languages: ReadonlySignal<readonly Language[]>;
  show(id: string): void;
  /** What was run last from here. */
  readonly again: ReadonlySignal<RunSource | undefined>;
  start(source: RunSource): Promise<void>;
  /** Runs an earlier one again, with the code as it was then. */
  repeat(id: string): Promise<void>;
  /** Runs the test cases of a file, or some of them. */
  test(fileId: string, input?: { caseIds: string[] }): Promise<void>;
  cancel(id: string): Promise<void>;
  loadMore(): Promise<void>;
  runnable(file: File | undefined): Runnable;
  dispose(): void;
}

/** Whether there are runs from before those that are here; `unknown` until somebody looks at the list. */
type More = 'unknown' | 'yes' | 'loading' | 'no';

const NO_FILE: Runnable = { can: false, reason: 'Open a file to run it.' };

/** Whether a run is still under way. */
export function isUnderWay({ status }: Pick<Execution, 'status'>): boolean {
  return status === 'queued' || status === 'running';
}

export function watchRuns(view: RoomView): Runs {
  const filter = signal<RunFilter>({});
  const earlier = earlierRuns(view, filter);
  const chosen = signal<string | undefined>(undefined);
  const starting = signal(false);
  const again = signal<RunSource | undefined>(undefined);
  const languages = knownLanguages(view);
  const all = computed(() => newestFirst(earlier.runs.value, view.runs.value));
  const shown = computed(() => all.value.find(({ id }) => id === chosen.value) ?? all.value[0]);
  const stop = loadShown(view, shown);

  function show(id: string, tab: BottomPanel = 'output'): void {
    chosen.value = id;
    showBottom(tab, true);
  }

  async function begin(ask: () => Promise<Execution>, tab?: BottomPanel): Promise<void> {
    if (starting.peek()) return;
    starting.value = true;
    try {
      show((await ask()).id, tab);
    } catch (error) {
      notify({ kind: 'bad', text: failure('The run did not start', error) });
    } finally {
      starting.value = false;
    }
  }

  return {
    all,
    filter,
    list: computed(() => all.value.filter((run) => fits(run, filter.value))),
    shown,
    more: earlier.more,
    loadMore: earlier.load,
    starting,
    languages: computed(() => languages.value ?? []),
    again,
    start(source) {
      if (!starting.peek()) again.value = source;
      return begin(() => view.room.run(source));
    },
    repeat: (id) => begin(() => view.room.repeat(id)),
    test: (fileId, input) => begin(() => view.room.test(fileId, input), 'tests'),
    show: (id) => show(id),
    async cancel(executionId) {
      try {
        await view.room.cancel(executionId);
      } catch (error) {
        notify({ kind: 'bad', text: failure('The run was not cancelled', error) });
      }
    },
    runnable: (file) => (file ? canRun(languages.value, file) : NO_FILE),
    dispose() {
      stop();
      earlier.dispose();
    },
  };
}

/** A run that was over before one came has its output on the server until somebody looks at it. */
function loadShown(view: RoomView, shown: ReadonlySignal<RunView | undefined>): () => void {
  const asked = new Set<string>();
  return effect(() => {
    const run = shown.value;
    if (!run || isUnderWay(run) || run.whole || asked.has(run.id)) return;
    asked.add(run.id);
    view.room.load(run.id).catch((error: unknown) => {
      asked.delete(run.id);
      notify({ kind: 'bad', text: failure('The output could not be loaded', error) });
    });
  });
}

function newestFirst(earlier: readonly Execution[], live: ReadonlyMap<string, RunView>): readonly RunView[] {
  const stored = earlier.filter(({ id }) => !live.has(id)).map(withoutOutput);
  return [...live.values(), ...stored].sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1));
}

/** As it stands in the list; what it printed is loaded when it is shown. */
function withoutOutput(run: Execution): RunView {
  return { ...run, pieces: [], verdicts: [], outcome: null, whole: false };
}

function earlierRuns(view: RoomView, filter: ReadonlySignal<RunFilter>) {
  const runs = signal<readonly Execution[]>([]);
  const more = signal<More>('unknown');
  let cursor: string | undefined;
  let asked = 0;
  async function load(): Promise<void> {
    const before = more.peek();
    if (before === 'loading' || before === 'no') return;
    more.value = 'loading';
    const attempt = ++asked;
    try {
      const page = { ...filter.peek(), limit: 50, ...(cursor !== undefined && { cursor }) };
      const { executions, nextCursor } = await view.client.call('run.list', { roomId: view.room.info.id, ...page });
      if (attempt !== asked) return;
      runs.value = [...runs.peek(), ...executions];
      cursor = nextCursor ?? undefined;
      more.value = nextCursor === null ? 'no' : 'yes';
    } catch (error) {
      if (attempt !== asked) return;
      more.value = 'yes';
      notify({ kind: 'bad', text: failure('Earlier runs could not be loaded', error) });
    }
  }
  const dispose = filter.subscribe(() => {
    const looked = more.peek() !== 'unknown';
    asked++;
    cursor = undefined;
    runs.value = [];
    more.value = 'unknown';
    if (looked) void load();
  });
  return { runs, more, load, dispose };
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
