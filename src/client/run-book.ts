// The runs of a room with their output, put together from calls, lists and events in whatever order they come.
//
// Invariant: a run never goes back from a later status to an earlier one. A run that is `whole` has all its output and
// its outcome, and stays as it is.
import type { Execution, OutputPiece, RunDetail, RunOutcome, RunView, Verdict } from './api.ts';
import type { CoderoomError } from './errors.ts';

/** Runs; the latest ones of a long session are all that is looked at, earlier ones are on the server. */
const RUNS_KEPT = 200;

/** A run that has ended stays as it is. */
const ORDER = { queued: 0, running: 1, completed: 2, failed: 2, timeout: 2, cancelled: 2 } as const;

interface Entry {
  view: RunView;
  readonly pieces: OutputPiece[];
  readonly verdicts: Verdict[];
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

  /**
   * Takes what is known of a run; older news is ignored.
   * @param outcome with the news of its end
   */
  take(execution: Execution, outcome: RunOutcome | null = null): void {
    const known = this.#entries.get(execution.id);
    if (known && ORDER[known.view.status] > ORDER[execution.status]) return;
    if (known?.view.whole) return;
    const entry = known ?? this.#enter(execution);
    const of = outcome ?? entry.view.outcome;
    const hasAll = isGapless(entry.pieces, execution.outputPieces) && hasVerdicts(entry.verdicts, execution);
    const whole = isOver(execution) && of !== null && hasAll;
    this.#show(entry, { ...execution, outcome: of, whole });
  }

  /** Takes everything that the server knows of a run: its output so far, or the whole of it. */
  takeDetail({ execution, pieces, verdicts, outcome }: RunDetail): void {
    const known = this.#entries.get(execution.id);
    if (known?.view.whole) return;
    const over = isOver(execution);
    const entry = known ?? this.#enter(execution);
    // What is stored counts its pieces anew; of a run under way more may have come meanwhile.
    if (over) entry.pieces.length = 0;
    for (const piece of pieces) insert(entry.pieces, piece);
    if (verdicts.length >= entry.verdicts.length) entry.verdicts.splice(0, entry.verdicts.length, ...verdicts);
    if (over) this.#show(entry, { ...execution, outcome, whole: true });
    else this.take(execution, outcome);
  }

  /** Takes the latest runs as the server lists them, and puts all in the order they were made in. */
  takeAll(executions: readonly Execution[]): void {
    for (const execution of executions) this.take(execution);
    const inOrder = [...this.views].sort(([, a], [, b]) => (a.createdAt < b.createdAt ? -1 : 1));
    this.views.clear();
    for (const [id, view] of inOrder) this.views.set(id, view);
  }

  output(executionId: string, { seq, stream, text }: OutputPiece): void {
    const piece = { seq, stream, text };
    const entry = this.#entries.get(executionId);
    if (!entry) {
      const early = this.#early.get(executionId);
      if (early) early.push(piece);
      else this.#early.set(executionId, [piece]);
    } else if (!entry.view.whole) {
      insert(entry.pieces, piece);
      this.#show(entry, entry.view);
    }
  }

  /** A program waits for input, or goes on. */
  waiting(executionId: string, waitsForInput: boolean): void {
    const entry = this.#entries.get(executionId);
    if (entry && !isOver(entry.view)) this.#show(entry, { ...entry.view, waitsForInput });
  }

  tested(executionId: string, verdict: Verdict, tests: NonNullable<Execution['tests']>): void {
    const entry = this.#entries.get(executionId);
    if (!entry || entry.view.whole) return;
    // Cases come in their order; one that was missed is asked for with the end.
    if (entry.verdicts.length === tests.done - 1) entry.verdicts.push(verdict);
    this.#show(entry, { ...entry.view, tests });
  }

  /** The database has the end of a run, later than its end was told. */
  saved(executionId: string): void {
    const entry = this.#entries.get(executionId);
    if (entry) this.#show(entry, { ...entry.view, saved: true });
  }

  /** The connection was lost: what comes next may not belong to what was heard until now. */
  interrupt(): void {
    this.#early.clear();
  }

  /** Whether something of a run that people look at is missing here: output that came before or meanwhile, its end. */
  lacks(executionId: string): boolean {
    const view = this.views.get(executionId);
    if (!view) return true;
    if (isOver(view)) return !view.whole;
    return (
      !isGapless(view.pieces, Math.max(view.outputPieces, view.pieces.length)) || !hasVerdicts(view.verdicts, view)
    );
  }

  /** Resolves when the run is over and all of it is here. */
  finished(executionId: string): Promise<RunView> {
    const view = this.views.get(executionId);
    if (view?.whole) return Promise.resolve(view);
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

  /** Runs that have not ended, as far as is known here. */
  underWay(): string[] {
    return [...this.views.values()].filter((view) => !isOver(view)).map(({ id }) => id);
  }

  /** Tells those who wait for the end of a run, or of any, that they won’t hear of it. */
  giveUp(error: CoderoomError, executionId?: string): void {
    for (const id of executionId === undefined ? this.awaited() : [executionId]) {
      const waiters = this.#waiters.get(id) ?? [];
      this.#waiters.delete(id);
      for (const { reject } of waiters) reject(error);
    }
  }

  #enter(execution: Execution): Entry {
    const pieces: OutputPiece[] = [];
    const verdicts: Verdict[] = [];
    const entry = { view: { ...execution, pieces, verdicts, outcome: null, whole: false }, pieces, verdicts };
    this.#entries.set(execution.id, entry);
    for (const piece of this.#early.get(execution.id) ?? []) insert(pieces, piece);
    this.#early.delete(execution.id);
    return entry;
  }

  #show(entry: Entry, view: Omit<RunView, 'pieces' | 'verdicts'>): void {
    const { id } = view;
    entry.view = { ...view, pieces: entry.pieces, verdicts: entry.verdicts };
    this.views.set(id, entry.view);
    if (view.whole) {
      const waiters = this.#waiters.get(id) ?? [];
      this.#waiters.delete(id);
      for (const { resolve } of waiters) resolve(entry.view);
    }
    this.#trim();
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

function isGapless(pieces: readonly OutputPiece[], count: number): boolean {
  return pieces.length >= count && (pieces.at(-1)?.seq ?? -1) === pieces.length - 1;
}

function hasVerdicts(verdicts: readonly Verdict[], { tests }: Execution): boolean {
  return verdicts.length >= (tests?.done ?? 0);
}

/** Puts a piece in its place by `seq`; nearly always that is the end. */
function insert(pieces: OutputPiece[], piece: OutputPiece): void {
  let at = pieces.length;
  while (at > 0 && pieces[at - 1]!.seq > piece.seq) at--;
  if (at > 0 && pieces[at - 1]!.seq === piece.seq) return;
  pieces.splice(at, 0, piece);
}
