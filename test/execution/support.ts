// Runs things on an engine and waits for their end.
import { fileURLToPath } from 'node:url';
import type { Execution, ExecutionOptions, RunEvent, RunRequest, RunResult } from '../../src/execution/execution.ts';
import { openExecution } from '../../src/execution/execution.ts';
import { silentLog } from '../../src/observe/log.ts';

/** All that one run told. */
export interface Told {
  readonly events: readonly RunEvent[];
  readonly result: RunResult;
  readonly stdout: string;
  readonly stderr: string;
  readonly all: string;
}

/** A run that is under way; `told` settles with its end. */
export interface Started {
  readonly id: string;
  readonly events: RunEvent[];
  readonly told: Promise<Told>;
}

let lastId = 0;

/** What a test wants to run: `code` is a file `main.js` or `main.ts` when there are no `files`. */
export type Wish = Partial<RunRequest> & { readonly code?: string };

/** The snapshot of Python takes seconds to make: it is kept from one test run to the next. */
export const CACHE = fileURLToPath(new URL('../../node_modules/.cache/coderoom', import.meta.url));

const ENTRIES: Readonly<Record<string, string>> = { typescript: 'main.ts', python: 'main.py' };

/** An engine that logs nothing. The test closes it. */
export function openTestExecution(options: Partial<ExecutionOptions> = {}): Execution {
  const pool = { firstFillMs: 0, ...options.pool };
  return openExecution({ log: silentLog, cacheFolder: CACHE, ...options, pool });
}

/** Starts a run, for a user of its own unless told; in one room, whose sandbox is used again. */
export function begin(execution: Execution, wish: Wish, on: (event: RunEvent) => void = () => {}): Started {
  const n = ++lastId;
  const { code = '', language = 'javascript', ...rest } = wish;
  const entry = rest.entry ?? ENTRIES[language] ?? 'main.js';
  const id = rest.id ?? `run-${n}`;
  const events: RunEvent[] = [];
  const end = Promise.withResolvers<Told>();
  const defaults = { roomId: 'room', userId: `user-${n}`, files: { [entry]: code } };
  execution.start({ ...defaults, ...rest, id, language, entry }, (event) => {
    events.push(event);
    on(event);
    if (event.type === 'finished') end.resolve(tell(events, event.result));
  });
  return { id, events, told: end.promise };
}

/** Runs to the end. */
export function run(execution: Execution, wish: Wish | string): Promise<Told> {
  return begin(execution, typeof wish === 'string' ? { code: wish } : wish).told;
}

function tell(events: readonly RunEvent[], result: RunResult): Told {
  const text = (...streams: string[]): string =>
    events.map((event) => (event.type === 'output' && streams.includes(event.stream) ? event.text : '')).join('');
  return { events, result, stdout: text('stdout'), stderr: text('stderr'), all: text('stdout', 'stderr', 'system') };
}

/** Whether a process of this id exists (a zombie counts as gone). */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
