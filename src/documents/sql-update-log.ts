// The update log in PostgreSQL: group commit. One INSERT is under way at a time; what arrives meanwhile goes into the
// next one, so the log keeps up with any number of writers.
//
// Identity order is not commit order: a load is the state plus all remaining rows, and compaction deletes exactly the
// rows it read.
import { setTimeout as delay } from 'node:timers/promises';
import { type Kysely, sql } from 'kysely';
import type { Straight } from '../db/straight.ts';
import type { Tables } from '../db/tables.ts';
import type { Log } from '../observe/log.ts';
import { AppError } from '../protocol/errors.ts';
import type { Claim } from './client-owners.ts';
import { packHistory } from './history.ts';
import { LIMITS } from './limits.ts';
import type { Merger } from './merger.ts';
import type { Append, StoredDocument, UpdateLog } from './update-log.ts';
import { walkUpdate } from './update-walk.ts';

interface Waiting extends Append {
  readonly outcome: Outcome;
}

/** What becomes of the edits of one document that wait for the same commit: one promise for all. */
class Outcome {
  readonly #resolvers = Promise.withResolvers<void>();
  #waiting = 0;

  get saved(): Promise<void> {
    return this.#resolvers.promise;
  }

  /** One more waits. */
  add(): void {
    this.#waiting++;
  }

  /** One is saved; a batch that was too large for one commit is saved with its last edit. */
  settle(): void {
    if (--this.#waiting === 0) this.#resolvers.resolve();
  }

  fail(error: unknown): void {
    this.#resolvers.reject(error);
  }
}

/** The state (with the lineage), or an update with where it came from. */
interface Part {
  readonly lineage: string | null;
  readonly mark: bigint | null;
  readonly seq: bigint | null;
  readonly data: Buffer;
  readonly actor_id: string | null;
  readonly source: Append['source'];
  readonly created_at: Date;
  /** With the state: the Yjs client ids of the document, and their users. */
  readonly client_ids: readonly number[] | null;
  readonly user_ids: readonly (string | null)[] | null;
}

const INSERT_ONE = {
  name: 'append',
  text: 'insert into document_updates (file_id, data, actor_id, source) values ($1, $2, $3, $4)',
};
const INSERT_MANY = {
  name: 'append_many',
  text: `insert into document_updates (file_id, data, actor_id, source)
    select * from unnest($1::uuid[], $2::bytea[], $3::uuid[], $4::text[])`,
};

export interface SqlLogPorts {
  readonly db: Kysely<Tables>;
  /** The way of the appends. */
  readonly straight: Straight;
  readonly logger: Log;
  readonly merger: Merger;
}

/** Client ids go with their first edits. A user who is being erased keeps none. */
const INSERT_WITH_CLAIMS = {
  name: 'append_claims',
  text: `with claimed as (insert into document_clients (file_id, client_id, user_id, source)
    select c.file_id, c.client_id, u.id, c.source
      from unnest($5::uuid[], $6::bigint[], $7::uuid[], $8::text[]) as c (file_id, client_id, user_id, source)
      left join users u on u.id = c.user_id
    on conflict do nothing) ${INSERT_MANY.text}`,
};

export class SqlUpdateLog implements UpdateLog {
  readonly #db: Kysely<Tables>;
  readonly #straight: Straight;
  readonly #logger: Log;
  readonly #merger: Merger;
  #waiting: Waiting[] = [];
  /** By document: of what waits and is in no batch yet. */
  readonly #outcomes = new Map<string, Outcome>();
  /** Files of which edits were refused in this turn of the event loop. */
  readonly #refused = new Set<string>();
  #writing: Promise<void> | undefined;
  #backlogBytes = 0;
  #stopped = false;

  constructor({ db, straight, logger, merger }: SqlLogPorts) {
    this.#db = db;
    this.#straight = straight;
    this.#logger = logger;
    this.#merger = merger;
  }

  get backlogBytes(): number {
    return this.#backlogBytes;
  }

  async load(fileId: string): Promise<StoredDocument | undefined> {
    const [state, ...rows] = await this.#read(this.#db, fileId);
    if (!state || state.lineage === null) return undefined;
    const sound: Buffer[] = [];
    for (const row of rows) {
      const reason = damageOf(row.data);
      if (reason === undefined) sound.push(row.data);
      else await this.#quarantine(fileId, row, reason);
    }
    return {
      lineage: state.lineage,
      mark: state.mark === null ? undefined : Number(state.mark),
      parts: [state.data, ...sound],
      claims: claimsOf(state),
    };
  }

  append(append: Append): Promise<void> {
    if (this.#refused.has(append.fileId)) return Promise.reject(refusal());
    let outcome = this.#outcomes.get(append.fileId);
    if (!outcome) {
      outcome = new Outcome();
      this.#outcomes.set(append.fileId, outcome);
    }
    outcome.add();
    this.#waiting.push({ ...append, outcome });
    this.#backlogBytes += append.update.length;
    this.#writing ??= this.#write();
    return outcome.saved;
  }

  async compact(fileId: string, quick = false): Promise<void> {
    await this.#db.transaction().execute(async (trx) => {
      // Only compactions exclude each other; appends and loads go on.
      await sql`select pg_advisory_xact_lock(hashtextextended(${fileId}, 0))`.execute(trx);
      const [state, ...rows] = await this.#read(trx, fileId);
      if (!state || state.lineage === null || rows.length === 0) return;
      const seqs = rows.map(({ seq }) => String(seq));
      const merged = Buffer.from(await this.#merger.merge([state.data, ...rows.map(({ data }) => data)], quick));
      await sql`update document_states
        set state = ${merged}, merged_updates = merged_updates + ${seqs.length}, updated_at = now()
        where file_id = ${fileId}`.execute(trx);
      await this.#keepHistory(trx, fileId, rows);
      await sql`delete from document_updates where file_id = ${fileId} and seq = any(${seqs}::bigint[])`.execute(trx);
    });
  }

  /** A damaged row must not keep the rest of its document from being opened, and nobody may lose what is in it. */
  async #quarantine(fileId: string, { seq, data, actor_id }: Part, reason: string): Promise<void> {
    this.#logger.error({ fileId, seq: String(seq), reason }, 'a damaged edit was set aside (document_quarantine)');
    await this.#db.transaction().execute(async (trx) => {
      await sql`insert into document_quarantine (file_id, seq, data, actor_id, reason)
        values (${fileId}, ${seq}, ${data}, ${actor_id}, ${reason}) on conflict do nothing`.execute(trx);
      await sql`delete from document_updates where file_id = ${fileId} and seq = ${seq}`.execute(trx);
    });
  }

  async #keepHistory(trx: Kysely<Tables>, fileId: string, rows: readonly Part[]): Promise<void> {
    const [first, last] = [rows[0] as Part, rows.at(-1) as Part];
    const packed = await packHistory(
      rows.map(({ created_at, actor_id, source, data }) => ({
        at: created_at,
        actorId: actor_id,
        source,
        update: data,
      })),
    );
    await sql`insert into document_history (file_id, from_seq, to_seq, updates, started_at, ended_at)
      values (${fileId}, ${first.seq}, ${last.seq}, ${packed}, ${first.created_at}, ${last.created_at})`.execute(trx);
    await sql`delete from document_history
      where file_id = ${fileId} and ended_at < now() - make_interval(days => ${LIMITS.historyDays})`.execute(trx);
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
      select s.lineage, s.lineage_client as mark, null::bigint as seq, s.state as data, null::uuid as actor_id,
          'edit' as source, s.updated_at as created_at, c.client_ids, c.user_ids
        from document_states s join files f on f.id = s.file_id and f.deleted_at is null,
          lateral (select array_agg(client_id::float8) as client_ids, array_agg(user_id::text) as user_ids
            from document_clients where file_id = s.file_id) c
        where s.file_id = ${fileId}
      union all
      select null, null, u.seq, u.data, u.actor_id, u.source, u.created_at, null, null
        from document_updates u where u.file_id = ${fileId}
      order by seq nulls first`.execute(db);
    return rows;
  }

  async #write(): Promise<void> {
    // One turn of the event loop gathers what arrives together; the receivers get it first.
    await new Promise(setImmediate);
    while (this.#waiting.length > 0) await this.#commit(this.#nextBatch());
    this.#writing = undefined;
  }

  #nextBatch(): Waiting[] {
    this.#outcomes.clear();
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
        return this.#settle(batch, ({ outcome }) => outcome.settle());
      } catch (error) {
        if (refusesData(error)) return this.#commitEach(batch, error);
        if (this.#stopped) return this.#settle(batch, ({ outcome }) => outcome.fail(notSaved()));
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
    this.#refuse(batch);
  }

  /** Edits given since may build on those that are refused: they go the same way. */
  #refuse(batch: readonly Waiting[]): void {
    const fileId = batch[0]?.fileId as string;
    const since = this.#waiting.filter((entry) => entry.fileId === fileId);
    this.#waiting = this.#waiting.filter((entry) => entry.fileId !== fileId);
    // Promises tell of a rejection later in the same turn; until then the document is in use.
    this.#refused.add(fileId);
    setImmediate(() => this.#refused.delete(fileId));
    this.#settle([...batch, ...since], ({ outcome }) => outcome.fail(refusal()));
  }

  #settle(batch: readonly Waiting[], end: (entry: Waiting) => void): void {
    for (const entry of batch) {
      this.#backlogBytes -= entry.update.length;
      end(entry);
    }
  }

  #insert(batch: readonly Waiting[]): Promise<void> {
    const claims = batch.flatMap(({ fileId, source, claims: own = [] }) =>
      own.map(({ clientId, userId }) => ({ fileId, clientId, userId, source })),
    );
    const [only] = batch;
    if (batch.length === 1 && only && claims.length === 0) {
      const { fileId, update, actorId, source } = only;
      return this.#straight(INSERT_ONE, [fileId, bytesOf(update), actorId, source]);
    }
    const columns = [
      batch.map(({ fileId }) => fileId),
      batch.map(({ update }) => bytesOf(update)),
      batch.map(({ actorId }) => actorId),
      batch.map(({ source }) => source),
    ];
    return claims.length === 0
      ? this.#straight(INSERT_MANY, columns)
      : this.#straight(INSERT_WITH_CLAIMS, [...columns, ...columnsOf(claims)]);
  }
}

function bytesOf(update: Uint8Array): Buffer {
  return Buffer.isBuffer(update) ? update : Buffer.from(update.buffer, update.byteOffset, update.length);
}

type StoredClaim = Claim & Pick<Append, 'fileId' | 'source'>;

function columnsOf(claims: readonly StoredClaim[]): unknown[] {
  const column = <T>(read: (claim: StoredClaim) => T): T[] => claims.map(read);
  return [
    column(({ fileId }) => fileId),
    column(({ clientId }) => clientId),
    column(({ userId }) => userId),
    column(({ source }) => source),
  ];
}

/** The same user id is one string, however many client ids a user has had. */
function claimsOf({ client_ids, user_ids }: Part): Claim[] {
  const users = new Map((user_ids ?? []).map((user) => [user, user]));
  return (client_ids ?? []).map((clientId, i) => ({ clientId, userId: users.get(user_ids?.[i] ?? null) ?? null }));
}

/** Why the bytes are no update; undefined when they are one. */
function damageOf(update: Uint8Array): string | undefined {
  try {
    walkUpdate(update);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
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

function refusal(): AppError {
  return new AppError('not_found', 'The file is gone; the edit was not saved.');
}
