// The database of the world: what is committed, and operations that wait, fail or die with their server as the world
// says. It keeps the promises of the `UpdateLog` port and no others.

import type { Claim } from '../../src/documents/client-owners.ts';
import type { Append, StoredDocument, UpdateLog } from '../../src/documents/update-log.ts';
import { mergeAll } from '../../src/documents/update-merge.ts';
import type { NewVersion, VersionStore } from '../../src/documents/versions.ts';

interface Row {
  readonly id: number;
  readonly update: Uint8Array;
}

interface StoredFile {
  lineage: string;
  state: Uint8Array;
  rows: Row[];
  /** Counts every change of what is committed. */
  revision: number;
  readonly versions: string[];
  readonly claims: Claim[];
}

interface Operation {
  readonly life: LogLife;
  readonly run: () => void;
  readonly fail: (error: Error) => void;
}

export class WorldDatabase {
  readonly #files = new Map<string, StoredFile>();
  /** Reads, compactions and versions that have been asked for and not answered. */
  #held: Operation[] = [];
  /** Files of which the next commit is refused. */
  readonly refused = new Set<string>();
  #flowing = true;
  #ids = 0;

  get flowing(): boolean {
    return this.#flowing;
  }

  /** Seeds a file, or seeds it anew with another lineage. */
  create(fileId: string, state: Uint8Array): void {
    const old = this.#files.get(fileId);
    const lineage = `${fileId} ${this.#ids++}`;
    this.#files.set(fileId, { lineage, state, rows: [], revision: (old?.revision ?? 0) + 1, versions: [], claims: [] });
  }

  file(fileId: string): StoredFile {
    return this.#files.get(fileId) as StoredFile;
  }

  parts(fileId: string): Uint8Array[] {
    const { state, rows } = this.file(fileId);
    return [state, ...rows.map(({ update }) => update)];
  }

  stall(): void {
    this.#flowing = false;
  }

  flow(life: LogLife): void {
    this.#flowing = true;
    this.answer(this.#held.length);
    life.commit();
  }

  /** Answers the oldest operations that are held. */
  answer(count: number): void {
    for (const { life, run } of this.#held.splice(0, count)) if (!life.dead) run();
  }

  /** The connection breaks: the oldest operations that are held fail. */
  fail(count: number): void {
    for (const { life, fail } of this.#held.splice(0, count)) if (!life.dead) fail(new Error('the connection broke'));
  }

  hold(operation: Operation): void {
    if (this.#flowing) queueMicrotask(() => !operation.life.dead && operation.run());
    else this.#held.push(operation);
  }

  store({ fileId, update, claims = [] }: Append): void {
    const file = this.file(fileId);
    file.claims.push(...claims);
    file.rows.push({ id: this.#ids++, update });
    file.revision++;
  }

  /** One statement reads state and rows; what it merged replaces exactly them, whatever was appended meanwhile. */
  beginCompaction(fileId: string): () => void {
    const file = this.file(fileId);
    const read = new Set(file.rows.map(({ id }) => id));
    const state = mergeAll(this.parts(fileId));
    return () => {
      // Seeded anew meanwhile: the row lock of the state would have shown it.
      if (this.file(fileId) !== file) return;
      file.state = state;
      file.rows = file.rows.filter(({ id }) => !read.has(id));
      file.revision++;
    };
  }
}

interface Waiting extends Append {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** What the world is told about the log. */
export interface LogWitness {
  /** @param others loads of the same document that are under way */
  loading(fileId: string, others: number): void;
  appending(append: Append): void;
}

/** The log as one life of the server sees it; what a dead one still waits for never comes. */
export class LogLife implements UpdateLog, VersionStore {
  /** Files that were refused in this turn of the event loop; who gave their edits has not heard of it yet. */
  readonly #refusedNow = new Set<string>();
  readonly #database: WorldDatabase;
  readonly #witness: LogWitness;
  /** Loads under way, by lineage: one that reads what was replaced meanwhile does not count. */
  readonly #loading = new Map<string, number>();
  #waiting: Waiting[] = [];
  dead = false;

  constructor(database: WorldDatabase, witness: LogWitness) {
    this.#database = database;
    this.#witness = witness;
  }

  get backlogBytes(): number {
    return this.#waiting.reduce((sum, { update }) => sum + update.length, 0);
  }

  waitingFor(fileId: string): Uint8Array[] {
    return this.#waiting.filter((append) => append.fileId === fileId).map(({ update }) => update);
  }

  load(fileId: string): Promise<StoredDocument | undefined> {
    const { lineage } = this.#database.file(fileId);
    const others = this.#loading.get(lineage) ?? 0;
    this.#witness.loading(fileId, others);
    this.#loading.set(lineage, others + 1);
    const parts = this.#database.parts(fileId);
    const claims = [...this.#database.file(fileId).claims];
    const loaded = this.#operation(() => ({ lineage, parts, claims }));
    return loaded.finally(() => this.#loading.set(lineage, (this.#loading.get(lineage) ?? 1) - 1));
  }

  append(append: Append): Promise<void> {
    this.#witness.appending(append);
    if (this.#refusedNow.has(append.fileId)) return Promise.reject(new Error('refused'));
    return new Promise((resolve, reject) => {
      this.#waiting.push({ ...append, resolve, reject });
      if (this.#database.flowing) queueMicrotask(() => this.#database.flowing && this.commit());
    });
  }

  /** Commits the oldest of what waits. */
  commit(count = this.#waiting.length): void {
    if (this.dead) return;
    for (const append of this.#waiting.splice(0, count)) {
      if (this.#database.refused.has(append.fileId)) append.reject(new Error('refused'));
      else {
        this.#database.store(append);
        append.resolve();
      }
    }
    // What was given before the refusal was known goes the same way.
    for (const fileId of this.#database.refused) this.reject(fileId);
    this.#database.refused.clear();
  }

  /** PostgreSQL commits, and the answer is lost: the same rows will be written once more. */
  commitUnheard(count: number): void {
    for (const append of this.#waiting.slice(0, count)) {
      if (!this.#database.refused.has(append.fileId)) this.#database.store(append);
    }
  }

  reject(fileId: string): void {
    const gone = this.#waiting.filter((append) => append.fileId === fileId);
    this.#waiting = this.#waiting.filter((append) => append.fileId !== fileId);
    for (const { reject } of gone) reject(new Error('refused'));
    this.#refusedNow.add(fileId);
    setImmediate(() => this.#refusedNow.delete(fileId));
  }

  compact(fileId: string): Promise<void> {
    return this.#operation(this.#database.beginCompaction(fileId));
  }

  write({ fileId, content }: NewVersion): Promise<boolean> {
    const file = this.#database.file(fileId);
    return this.#operation(() => {
      const { versions } = file;
      if (versions.at(-1) === content) return false;
      versions.push(content);
      return true;
    });
  }

  async drain(): Promise<boolean> {
    if (this.#database.flowing) this.commit();
    return this.#waiting.length === 0;
  }

  #operation<T>(act: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#database.hold({ life: this, run: () => resolve(act()), fail: reject });
    });
  }
}
