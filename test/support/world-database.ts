// The database of the world: what is committed, and operations that wait, fail or die with their server as the world
// says.

import type { Claim } from '../../src/documents/client-owners.ts';
import type { LineageMark } from '../../src/documents/lineage-mark.ts';
import type { Append } from '../../src/documents/update-log.ts';
import { mergeAll } from '../../src/documents/update-merge.ts';

interface Row {
  readonly id: number;
  readonly update: Uint8Array;
}

interface StoredFile {
  readonly lineage: string;
  mark: number | undefined;
  state: Uint8Array;
  rows: Row[];
  /** Counts every change of what is committed. */
  revision: number;
  readonly versions: string[];
  readonly claims: Claim[];
}

interface Operation {
  readonly life: { readonly dead: boolean };
  readonly run: () => void;
  readonly fail: (error: Error) => void;
}

export class WorldDatabase {
  readonly #files = new Map<string, StoredFile>();
  /** Reads, compactions and versions that have been asked for and not answered. */
  #held: Operation[] = [];
  /** Files of which the next commit is refused. */
  readonly refused = new Set<string>();
  /** Files that were deleted and not made anew: nothing of theirs is read or written. */
  readonly gone = new Set<string>();
  /** How many of the next attempts to commit fail. */
  #failing = 0;
  #flowing = true;
  #ids = 0;

  /** Whether the next attempt to commit fails. */
  get failing(): boolean {
    return this.#failing > 0;
  }

  get flowing(): boolean {
    return this.#flowing;
  }

  /** Seeds a file, or seeds it anew with another lineage. */
  create(fileId: string, state: Uint8Array, mark?: LineageMark): void {
    const revision = (this.#files.get(fileId)?.revision ?? 0) + 1;
    const lineage = `${fileId} ${this.#ids++}`;
    this.#files.set(fileId, { lineage, mark: undefined, state, rows: [], revision, versions: [], claims: [] });
    this.gone.delete(fileId);
    if (mark) this.mark(fileId, mark);
  }

  /** The file came to a path where another one was. */
  mark(fileId: string, { clientId, update }: LineageMark): void {
    this.file(fileId).mark = clientId;
    this.store({ fileId, update, actorId: null, source: 'edit' });
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

  flow(life: { readonly commit: () => void }): void {
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

  /** The next attempts to commit fail, as when the connection is lost or PostgreSQL starts again. */
  failCommits(count: number): void {
    this.#failing = count;
  }

  /** Whether this attempt to commit fails. */
  failsCommit(): boolean {
    return this.#failing > 0 && this.#failing-- > 0;
  }

  /** The files of these of which nothing can be stored. Not only asked: one that was refused once is not again. */
  refusing(appends: readonly Append[], { ask = false } = {}): Set<string> {
    const files = appends.map(({ fileId }) => fileId);
    const refusing = new Set(files.filter((fileId) => this.gone.has(fileId) || this.refused.has(fileId)));
    if (!ask) for (const fileId of refusing) this.refused.delete(fileId);
    return refusing;
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
      if (this.file(fileId) !== file || this.gone.has(fileId)) return;
      file.state = state;
      file.rows = file.rows.filter(({ id }) => !read.has(id));
      file.revision++;
    };
  }
}
