// What the child tells the server at the end of a run.
import type { DoneFrame, RunError } from './ipc.ts';
import { MAX_FRAME_FROM_CHILD } from './limits.ts';
import type { ResultTable } from './tables.ts';

/** How a program ended inside the isolate. */
export interface RunEnd {
  readonly error?: RunError;
  readonly value?: string;
  readonly heapBytes?: number;
}

/** What else is known of the run. */
export interface RunFacts {
  readonly output: { readonly bytes: number; readonly truncated: boolean };
  readonly cpuMs: number;
  /** Nothing in the process may have been harmed. */
  readonly unharmed: boolean;
  readonly tables: readonly ResultTable[];
}

/** Packs the end of a run. The process is offered for another one only after an ordinary end. */
export function doneFrame(run: number, { error, value = '', heapBytes = 0 }: RunEnd, facts: RunFacts): DoneFrame {
  const ordinary = error === undefined || error.kind === 'exception' || error.kind === 'syntax';
  return {
    type: 'done',
    run,
    ...(error === undefined ? {} : { error }),
    ...(value === '' ? {} : { value: fitting(value) }),
    ...(facts.tables.length === 0 ? {} : { tables: facts.tables }),
    cpuMs: Math.round(facts.cpuMs),
    heapBytes,
    outputBytes: facts.output.bytes,
    truncated: facts.output.truncated,
    reusable: ordinary && facts.unharmed,
  };
}

/** Escaped characters take up to six bytes in a frame: a value that is full of them is cut further. */
function fitting(value: string): string {
  const fits = Buffer.byteLength(JSON.stringify(value)) < MAX_FRAME_FROM_CHILD / 2;
  return fits ? value : fitting(value.slice(0, value.length / 2));
}
