// What a sandbox process is there for: JavaScript, TypeScript and SQL, or a language that needs a process of its own kind.
// A process is of one kind from its start to its end.
import type { InputFrame, RunError, RunFrame } from './ipc.ts';
import type { RunLimits } from './limits.ts';
import type { OutputBatch } from './output-batch.ts';
import type { RunEnd } from './run-report.ts';
import type { ResultTable } from './tables.ts';

/** What a run runs in, as the child sees it. */
export interface RunSession {
  /** Resolves when the run must end before its program does. */
  readonly stopped: Promise<RunError>;
  /** Results of queries so far. */
  readonly tables?: readonly ResultTable[];
  /** @param onWanted called when the program waits for input, with the number of frames that it has had */
  begin(frame: RunFrame, output: OutputBatch, onWanted: (seen: number) => void): void;
  take(input: InputFrame): void;
  stop(error: RunError): void;
  close(): void;
}

/** A session, and how the entry of a run is run in it, to its end. `execute` never rejects. */
export interface Prepared {
  readonly session: RunSession;
  readonly execute: (frame: RunFrame) => Promise<GuestEnd>;
}

/** `harmed`: something in the process may be broken, so that it must not be used again. */
export type GuestEnd = RunEnd & { readonly harmed?: boolean };

/** How programs of a kind are run. */
export interface Guest {
  /** Runs that nobody sees: the first of a process is slow. The first of these stands for what is run most. */
  readonly warmUp: readonly RunFrame[];
  /** Makes ready for the next run that is like this one. */
  prepare(frame: RunFrame): Promise<void>;
  /** What this run is to run in: what is ready, or made now. */
  take(frame: RunFrame): Promise<Prepared>;
}

/** The kinds, as they stand on the command line of a child. */
export type GuestKind = 'script' | 'python';

/** A run of the warm-up: one file, no input. */
export function warmUpRun(language: string, text: string, limits: RunLimits): RunFrame {
  const program = { language, entry: 'main', files: [['main', text]] as const, args: [], env: {} };
  return { type: 'run', run: 0, ...program, stdin: '', interactive: false, limits };
}
