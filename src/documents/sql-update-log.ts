// The update log in PostgreSQL: group commit. One INSERT is under way at a time; what arrives meanwhile goes into the
// next one, so the log keeps up with any number of writers.
//
// Identity order is not commit order: a load is the state plus all remaining rows, and compaction deletes exactly the
// rows it read.
import { setTimeout as delay } from 'node:timers/promises';
import { type Kysely, sql } from 'kysely';
import type { Tables } from '../db/tables.ts';
import type { Log } from '../observe/log.ts';
import { AppError } from '../protocol/errors.ts';
import { mergeAll } from './document-state.ts';
import { LIMITS } from './limits.ts';
import type { Append, StoredDocument, UpdateLog } from './update-log.ts';

interface Waiting extends Append {
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

interface Part {
  readonly lineage: string | null;
  readonly seq: bigint | null;
  readonly data: Buffer;
}

export class SqlUpdateLog implements UpdateLog {
  readonly #db: Kysely<Tables>;
  readonly #logger: Log;
  #waiting: Waiting[] = [];
  #writing: Promise<void> | undefined;
  #backlogBytes = 0;
  #stopped = false;

  constructor(db: Kysely<Tables>, logger: Log) {
    this.#db = db;
    this.#logger = logger;
  }

  get backlogBytes(): number {
    return this.#backlogBytes;
  }

  async load(fileId: string): Promise<StoredDocument | undefined> {
    const parts = await this.#read(this.#db, fileId);
    const lineage = parts[0]?.lineage;
    return lineage ? { lineage, parts: parts.map((part) => part.data) } : undefined;
  }

  append(append: Append): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ ...append, resolve, reject });
      this.#backlogBytes += append.update.length;
      this.#writing ??= this.#write();
    });
  }

  async compact(fileId: string): Promise<void> {
    await this.#db.transaction().execute(async (trx) => {
      // Only compactions exclude each other; appends and loads go on.
      await sql`select pg_advisory_xact_lock(hashtextextended(${fileId}, 0))`.execute(trx);
      const parts = await this.#read(trx, fileId);
      const seqs = parts.flatMap((part) => (part.seq === null ? [] : [part.seq]));
      if (seqs.length === 0 || parts[0]?.lineage == null) return;
      const state = Buffer.from(mergeAll(parts.map((part) => part.data)));
      await sql`update document_states set state = ${state}, merged_updates = merged_updates + ${seqs.length}, updated_at = now()
        where file_id = ${fileId}`.execute(trx);
      await sql`delete from document_updates where file_id = ${fileId} and seq = any(${seqs.map(String)}::bigint[])`.execute(
        trx,
      );
    });
  }

  async drain(withinMs: number): Promise<boolean> {
    const timeout = new AbortController();
    const late = delay(withinMs, false, { signal: timeout.signal }).catch(() => false);
    const done = (async () => {
      while (this.#writing) await this.#writing;
      return true;
    })();
    const saved = await Promise.race([done, late]);
    timeout.abort();
    if (!saved) this.#stopped = true;
    return saved;
  }

  /** State and updates in one statement, hence of one moment. */
  async #read(db: Kysely<Tables>, fileId: string): Promise<Part[]> {
    const { rows } = await sql<Part>`
      select s.lineage, null::bigint as seq, s.state as data
        from document_states s join files f on f.id = s.file_id and f.deleted_at is null where s.file_id = ${fileId}
      union all
      select null, u.seq, u.data from document_updates u where u.file_id = ${fileId}
      order by seq nulls first`.execute(db);
    return rows;
  }

  async #write(): Promise<void> {
    // One turn of the event loop gathers what arrives together.
    await Promise.resolve();
    while (this.#waiting.length > 0) await this.#commit(this.#nextBatch());
    this.#writing = undefined;
  }

  #nextBatch(): Waiting[] {
    let bytes = 0;
    let count = 0;
    for (const { update } of this.#waiting) {
      if (count > 0 && (count >= LIMITS.commitRows || bytes + update.length > LIMITS.commitBytes)) break;
      bytes += update.length;
      count++;
    }
    return this.#waiting.splice(0, count);
  }

  async #commit(batch: readonly Waiting[]): Promise<void> {
    for (let backoff: number = LIMITS.firstBackoffMs; ; backoff = Math.min(backoff * 2, LIMITS.lastBackoffMs)) {
      try {
        await this.#insert(batch);
        return this.#settle(batch, (entry) => entry.resolve());
      } catch (error) {
        if (refusesData(error)) return this.#commitEach(batch, error);
        if (this.#stopped) return this.#settle(batch, (entry) => entry.reject(notSaved()));
        this.#logger.warn({ err: error, updates: batch.length }, 'edits could not be committed, trying again');
        await delay(backoff);
      }
    }
  }

  /** One document must not keep the edits of others from being saved. */
  async #commitEach(batch: readonly Waiting[], error: unknown): Promise<void> {
    const files = new Map<string, Waiting[]>();
    for (const entry of batch) files.set(entry.fileId, [...(files.get(entry.fileId) ?? []), entry]);
    if (files.size > 1) {
      for (const entries of files.values()) await this.#commit(entries);
      return;
    }
    this.#logger.error({ err: error, fileId: batch[0]?.fileId }, 'edits were refused by the database');
    this.#settle(batch, (entry) =>
      entry.reject(new AppError('not_found', 'The file is gone; the edit was not saved.')),
    );
  }

  #settle(batch: readonly Waiting[], end: (entry: Waiting) => void): void {
    for (const entry of batch) {
      this.#backlogBytes -= entry.update.length;
      end(entry);
    }
  }

  async #insert(batch: readonly Waiting[]): Promise<void> {
    const files = batch.map((entry) => entry.fileId);
    const updates = batch.map((entry) => Buffer.from(entry.update));
    const actors = batch.map((entry) => entry.actorId);
    const sources = batch.map((entry) => entry.source);
    await sql`insert into document_updates (file_id, data, actor_id, source)
      select * from unnest(${files}::uuid[], ${updates}::bytea[], ${actors}::uuid[], ${sources}::text[])`.execute(
      this.#db,
    );
  }
}

/** Whether PostgreSQL says that this very data cannot be stored (classes 22 data exception, 23 integrity). */
function refusesData(error: unknown): boolean {
  const state = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
  return /^2[23]/.test(state) && state.length === 5;
}

function notSaved(): AppError {
  return new AppError('not_saved', 'The server stopped before the edit could be saved.');
}
