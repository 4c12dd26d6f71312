// The log of the world as one life of the server sees it: appends wait for commits, which fail and are tried again, are
// lost unheard or refused for good. It keeps the promises of the `UpdateLog` port and no others.
import { LIMITS } from '../../src/documents/limits.ts';
import type { Append, StoredDocument, UpdateLog } from '../../src/documents/update-log.ts';
import type { NewVersion, VersionStore } from '../../src/documents/versions.ts';
import { AppError } from '../../src/protocol/errors.ts';
import type { ManualClock } from './manual-clock.ts';
import type { WorldDatabase } from './world-database.ts';

/** What becomes of the edits of one document that wait for the same commit: one promise for all, as GroupCommit does. */
class Outcome {
  readonly resolvers = Promise.withResolvers<void>();
  waiting = 0;

  settle(): void {
    if (--this.waiting === 0) this.resolvers.resolve();
  }
}

interface Waiting extends Append {
  readonly outcome: Outcome;
}

/** What the world is told about the log. */
export interface LogWitness {
  /** @param others loads of the same document that are under way */
  loading(fileId: string, others: number): void;
  appending(append: Append): void;
  /** Edits of a file that waited will never be stored. */
  refused(fileId: string): void;
}

export interface LogPorts {
  readonly database: WorldDatabase;
  readonly witness: LogWitness;
  readonly clock: ManualClock;
}

/** What a dead one still waits for never comes. */
export class LogLife implements UpdateLog, VersionStore {
  /** Files that were refused in this turn of the event loop; who gave their edits has not heard of it yet. */
  readonly #refusedNow = new Set<string>();
  readonly #database: WorldDatabase;
  readonly #witness: LogWitness;
  readonly #clock: ManualClock;
  /** Loads under way, by what they read: one that reads what was replaced meanwhile does not count. */
  readonly #loading = new Map<string, number>();
  #waiting: Waiting[] = [];
  /** By document: of what came since the last attempt to commit. */
  readonly #outcomes = new Map<string, Outcome>();
  /** Milliseconds until a commit that failed is tried again; 0 when none has failed. */
  #backoff = 0;
  /** When the first edit of a file began to wait, or the last one ceased to. */
  readonly #since = new Map<string, number>();
  dead = false;

  constructor({ database, witness, clock }: LogPorts) {
    this.#database = database;
    this.#witness = witness;
    this.#clock = clock;
  }

  get backlogBytes(): number {
    return this.#waiting.reduce((sum, { update }) => sum + update.length, 0);
  }

  /** Whether a commit failed and has not been repeated yet. */
  get backingOff(): boolean {
    return this.#backoff > 0;
  }

  /** Milliseconds for which nothing has changed about edits of this file that wait, or that none do. */
  unchangedFor(fileId: string): number {
    return this.#clock.now() - (this.#since.get(fileId) ?? 0);
  }

  waitingFor(fileId: string): Uint8Array[] {
    return this.#waiting.filter((append) => append.fileId === fileId).map(({ update }) => update);
  }

  load(fileId: string): Promise<StoredDocument | undefined> {
    const { lineage, mark, claims } = this.#database.file(fileId);
    const gone = this.#database.gone.has(fileId);
    const read = `${lineage} ${mark} ${gone}`;
    const others = this.#loading.get(read) ?? 0;
    this.#witness.loading(fileId, others);
    this.#loading.set(read, others + 1);
    const stored = { lineage, mark, parts: this.#database.parts(fileId), claims: [...claims] };
    const loaded = this.#operation(() => (gone ? undefined : stored));
    return loaded.finally(() => this.#loading.set(read, (this.#loading.get(read) ?? 1) - 1));
  }

  append(append: Append): Promise<void> {
    const { fileId } = append;
    this.#witness.appending(append);
    if (this.#refusedNow.has(fileId)) return Promise.reject(refusal());
    const outcome = this.#outcomes.get(fileId) ?? new Outcome();
    this.#outcomes.set(fileId, outcome);
    if (this.waitingFor(fileId).length === 0) this.#since.set(fileId, this.#clock.now());
    outcome.waiting++;
    this.#waiting.push({ ...append, outcome });
    if (this.#database.flowing) queueMicrotask(() => this.#database.flowing && this.commit());
    return outcome.resolvers.promise;
  }

  /** Tries to commit the oldest of what waits; while a commit that failed waits for its turn, nothing is tried. */
  commit(count = this.#waiting.length): void {
    if (this.dead || this.backingOff || this.#waiting.length === 0) return;
    // What comes from now on is of another commit.
    this.#outcomes.clear();
    if (this.#database.failsCommit()) return this.#retryLater(LIMITS.firstBackoffMs);
    for (const fileId of this.#database.refusing(this.#waiting)) this.reject(fileId);
    for (const append of this.#waiting.splice(0, count)) {
      this.#database.store(append);
      this.#since.set(append.fileId, this.#clock.now());
      append.outcome.settle();
    }
  }

  /** PostgreSQL commits, and the answer is lost: the same rows will be written once more. */
  commitUnheard(count: number): void {
    const refusing = this.#database.refusing(this.#waiting, { ask: true });
    for (const append of this.#waiting.slice(0, count)) {
      if (!refusing.has(append.fileId)) this.#database.store(append);
    }
  }

  /** What was given before the refusal was known goes the same way. */
  reject(fileId: string, error: AppError = refusal()): void {
    const gone = this.#waiting.filter((append) => append.fileId === fileId);
    this.#waiting = this.#waiting.filter((append) => append.fileId !== fileId);
    this.#outcomes.delete(fileId);
    this.#since.set(fileId, this.#clock.now());
    if (gone.length > 0) this.#witness.refused(fileId);
    for (const { outcome } of gone) outcome.resolvers.reject(error);
    this.#refusedNow.add(fileId);
    setImmediate(() => this.#refusedNow.delete(fileId));
  }

  compact(fileId: string): Promise<void> {
    return this.#operation(this.#database.beginCompaction(fileId));
  }

  write({ fileId, content }: NewVersion): Promise<boolean> {
    const { versions } = this.#database.file(fileId);
    return this.#operation(() => {
      if (this.#database.gone.has(fileId) || versions.at(-1) === content) return false;
      versions.push(content);
      return true;
    });
  }

  /** A commit that keeps failing is given up in the end. */
  async drain(): Promise<boolean> {
    if (this.#database.flowing) this.commit();
    if (this.backingOff) {
      const files = new Set(this.#waiting.map(({ fileId }) => fileId));
      for (const fileId of files) this.reject(fileId, new AppError('not_saved', 'The server stopped.'));
    }
    return this.#waiting.length === 0 && !this.backingOff;
  }

  #retryLater(backoff: number): void {
    this.#backoff = backoff;
    this.#clock.after(backoff, () => {
      if (this.dead) return;
      if (this.#waiting.length > 0 && this.#database.failsCommit()) {
        return this.#retryLater(Math.min(2 * backoff, LIMITS.lastBackoffMs));
      }
      this.#backoff = 0;
      if (this.#database.flowing) this.commit();
    });
  }

  #operation<T>(act: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#database.hold({ life: this, run: () => resolve(act()), fail: reject });
    });
  }
}

function refusal(): AppError {
  return new AppError('not_found', 'The file is gone; the edit was not saved.');
}
