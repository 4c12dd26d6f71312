// How a run is carried out by the engine: as one program. What else can be done (a program per test case) is in
// test-drive.ts.
import type { Execution as Engine, RunEvent, RunRequest, RunResult } from '../../execution/execution.ts';
import type { RunError, Verdict } from '../../protocol/runs.ts';

/** As the engine's; a run of tests has a kind of failure of its own. */
export type DriveResult = Omit<RunResult, 'error'> & { readonly error?: RunError };

/** What a live run hears: what the engine tells, and verdicts of test cases. */
export type DriveEvent =
  | Exclude<RunEvent, { type: 'finished' }>
  | { readonly type: 'finished'; readonly result: DriveResult }
  | { readonly type: 'tested'; readonly verdict: Verdict };

export interface Drive {
  /** Begins; events follow, perhaps before this returns. @throws AppError as the engine's `start` */
  start(hear: (event: DriveEvent) => void): void;
  /** @returns whether there was something to end */
  cancel(reason: string): boolean;
  /** @returns false when the run is over @throws AppError as the engine's `input` */
  input(text: string, end: boolean): boolean;
}

/** One program. */
export function singleDrive(engine: Engine, request: RunRequest): Drive {
  return {
    start: (hear) => engine.start(request, hear),
    cancel: (reason) => engine.cancel(request.id, reason),
    input: (text, end) => engine.input(request.id, text, { end }),
  };
}
