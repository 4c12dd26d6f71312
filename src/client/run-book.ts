// The runs of a room with their output, put together from calls, lists and events in whatever order they come.
//
// Invariant: a run never goes back from a later status to an earlier one, and its pieces have no gap that is known of
// when the whole output is known.
import type { Execution, OutputPiece, RunView } from './api.ts';
import type { CoderoomError } from './errors.ts';

/** Runs; the latest ones of a long session are all that is looked at, earlier ones are on the server. */
const RUNS_KEPT = 200;

/** A run that has ended stays as it is. */
const ORDER = { queued: 0, running: 1, completed: 2, failed: 2, timeout: 2, cancelled: 2 } as const;

interface Entry {
  view: RunView;
  readonly pieces: OutputPiece[];
  /** Output came while nobody listened, so that only the stored output is whole. */
  interrupted: boolean;
}

interface Waiter {
  readonly resolve: (view: RunView) => void;
  readonly reject: (error: CoderoomError) => void;
}

export class RunBook {
  readonly views = new Map<string, RunView>();
  readonly #entries = new Map<string, Entry>();
  /** Pieces that came before anything else was known of their run. */
  readonly #early = new Map<string, OutputPiece[]>();
  readonly #waiters = new Map<string, Waiter[]>();

  /** Takes what is known of a run; older news is ignored. */
  take(execution: Execution): void {
    const known = this.#entries.get(execution.id);
    if (known && ORDER[known.view.status] > ORDER[execution.status]) return;
    if (known && isOver(known.view)) return;
    const entry: Entry = known ?? { view: { ...execution, pieces: [] }, pieces: [], interrupted: false };
    this.#entries.set(execution.id, entry);
    for (const piece of this.#early.get(execution.id) ?? []) insert(entry.pieces, piece);
    this.#early.delete(execution.id);
    if (isOver(execution)) this.#complete(entry, execution);
    this.#show(entry, execution);
    this.#trim();
  }

  /** Takes the latest runs as the server lists them, and puts all in the order they were made in. */
  takeAll(executions: readonly Execution[]): void {
    for (const execution of executions) this.take(execution);
    const inOrder = [...this.views].sort(([, a], [, b]) => (a.createdAt < b.createdAt ? -1 : 1));
    this.views.clear();
    for (const [id, view] of inOrder) this.views.set(id, view);
  }

  output(executionId: string, piece: OutputPiece): void {
    const entry = this.#entries.get(executionId);
    if (!entry) {
      const early = this.#early.get(executionId);
      if (early) early.push(piece);
      else this.#early.set(executionId, [piece]);
    } else if (!isOver(entry.view)) {
      insert(entry.pieces, piece);
      this.#show(entry, entry.view);
    }
  }

  /** The connection was lost: what the runs under way print until it is back is missed. */
  interrupt(): void {
    this.#early.clear();
    for (const entry of this.#entries.values()) if (!isOver(entry.view)) entry.interrupted = true;
  }

  /** Resolves when the run is over. */
  finished(executionId: string): Promise<RunView> {
    const view = this.views.get(executionId);
    if (view && isOver(view)) return Promise.resolve(view);
    return new Promise((resolve, reject) => {
      const waiters = this.#waiters.get(executionId);
      if (waiters) waiters.push({ resolve, reject });
      else this.#waiters.set(executionId, [{ resolve, reject }]);
    });
  }

  /** Runs whose end somebody waits for. */
  awaited(): string[] {
    return [...this.#waiters.keys()];
  }

  /** Tells those who wait for the end of a run, or of any, that they won’t hear of it. */
  giveUp(error: CoderoomError, executionId?: string): void {
    for (const id of executionId === undefined ? this.awaited() : [executionId]) {
      const waiters = this.#waiters.get(id) ?? [];
      this.#waiters.delete(id);
      for (const { reject } of waiters) reject(error);
    }
  }

  #show(entry: Entry, execution: Execution): void {
    const { id } = execution;
    entry.view = { ...execution, pieces: entry.pieces };
    this.views.set(id, entry.view);
    if (!isOver(execution)) return;
    const waiters = this.#waiters.get(id) ?? [];
    this.#waiters.delete(id);
    for (const { resolve } of waiters) resolve(entry.view);
  }

  #complete(entry: Entry, { output }: Execution): void {
    if (output === null || output === '') return;
    const gapless = entry.pieces.length > 0 && entry.pieces.every(({ seq }, index) => seq === index);
    if (gapless && !entry.interrupted) return;
    entry.pieces.splice(0, entry.pieces.length, { seq: 0, stream: 'stdout', text: output });
  }

  #trim(): void {
    for (const [id, view] of this.views) {
      if (this.views.size <= RUNS_KEPT) return;
      if (!isOver(view)) continue;
      this.views.delete(id);
      this.#entries.delete(id);
    }
  }
}

function isOver({ status }: Execution): boolean {
  return ORDER[status] === 2;
}

/** Puts a piece in its place by `seq`; nearly always that is the end. */
function insert(pieces: OutputPiece[], { seq, stream, text }: OutputPiece): void {
  let at = pieces.length;
  while (at > 0 && pieces[at - 1]!.seq > seq) at--;
  if (at > 0 && pieces[at - 1]!.seq === seq) return;
  pieces.splice(at, 0, { seq, stream, text });
}
