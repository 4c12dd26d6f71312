// The update log in PostgreSQL.
//
// Identity order is not commit order: a load is the state plus all remaining rows, and compaction takes exactly the rows
// that it deletes.
import { type Kysely, sql } from 'kysely';
import type { Straight } from '../db/straight.ts';
import type { Tables } from '../db/tables.ts';
import type { Log } from '../observe/log.ts';
import type { Claim } from './client-owners.ts';
import { GroupCommit } from './group-commit.ts';
import { ENTRY_SQL, packHistory, updatesOf } from './history.ts';
import { LIMITS } from './limits.ts';
import type { Merger } from './merger.ts';
import type { Append, StoredDocument, UpdateLog } from './update-log.ts';
import { type UpdateShape, walkUpdate } from './update-walk.ts';

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

export interface SqlLogPorts {
  readonly db: Kysely<Tables>;
  /** The way of the appends. */
  readonly straight: Straight;
  readonly logger: Log;
  readonly merger: Merger;
}

export class SqlUpdateLog implements UpdateLog {
  readonly #db: Kysely<Tables>;
  readonly #commit: GroupCommit;
  readonly #logger: Log;
  readonly #merger: Merger;

  constructor({ db, straight, logger, merger }: SqlLogPorts) {
    this.#db = db;
    this.#commit = new GroupCommit(straight, logger);
    this.#logger = logger;
    this.#merger = merger;
  }

  get backlogBytes(): number {
    return this.#commit.backlogBytes;
  }

  append(append: Append): Promise<void> {
    return this.#commit.append(append);
  }

  drain(withinMs: number): Promise<boolean> {
    return this.#commit.drain(withinMs);
  }

  async load(fileId: string): Promise<StoredDocument | undefined> {
    const [state, ...rows] = await this.#read(this.#db, fileId);
    if (!state || state.lineage === null) return undefined;
    const shapes = new Map<Uint8Array, UpdateShape>();
    for (const row of rows) {
      const shape = shapeOf(row.data);
      if (typeof shape === 'string') await this.#quarantine(fileId, row, shape);
      else shapes.set(row.data, shape);
    }
    return {
      lineage: state.lineage,
      mark: state.mark === null ? undefined : Number(state.mark),
      parts: [state.data, ...shapes.keys()],
      shapes,
      claims: claimsOf(state),
    };
  }

  async compact(fileId: string, quick = false): Promise<void> {
    await this.#db.transaction().execute(async (trx) => {
      // Only compactions exclude each other; appends and loads go on.
      await sql`select pg_advisory_xact_lock(hashtextextended(${fileId}, 0))`.execute(trx);
      const state = await stateOf(trx, fileId);
      const tail = state && (await takeOut(trx, fileId));
      if (!state || !tail?.entries) return;
      const merged = Buffer.from(await this.#merger.merge([state, ...updatesOf(tail.entries)], quick));
      await sql`update document_states
        set state = ${merged}, merged_updates = merged_updates + ${tail.count}, updated_at = now()
        where file_id = ${fileId}`.execute(trx);
      await keepHistory(trx, fileId, { ...tail, entries: tail.entries });
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
}

/** The updates of a document that compaction takes out. */
interface Stretch {
  readonly count: number;
  /** As history has them; null when there are none. */
  readonly entries: Buffer | null;
  readonly first: string;
  readonly last: string;
  readonly began: Date;
  readonly ended: Date;
}

async function stateOf(db: Kysely<Tables>, fileId: string): Promise<Buffer | undefined> {
  const { rows } = await sql<{ state: Buffer }>`
    select s.state from document_states s join files f on f.id = s.file_id and f.deleted_at is null
    where s.file_id = ${fileId}`.execute(db);
  return rows[0]?.state;
}

async function takeOut(trx: Kysely<Tables>, fileId: string): Promise<Stretch> {
  const { rows } = await sql<Stretch>`
    with gone as (
      delete from document_updates where file_id = ${fileId} returning seq, data, actor_id, source, created_at)
    select count(*)::int as count, string_agg(${sql.raw(ENTRY_SQL)}, ''::bytea order by seq) as entries,
      min(seq)::text as first, max(seq)::text as last, min(created_at) as began, max(created_at) as ended
    from gone`.execute(trx);
  return rows[0] as Stretch;
}

async function keepHistory(
  trx: Kysely<Tables>,
  fileId: string,
  { entries, first, last, began, ended }: Stretch & { readonly entries: Buffer },
): Promise<void> {
  await sql`insert into document_history (file_id, from_seq, to_seq, updates, started_at, ended_at)
    values (${fileId}, ${first}, ${last}, ${await packHistory(entries)}, ${began}, ${ended})`.execute(trx);
  await sql`delete from document_history
    where file_id = ${fileId} and ended_at < now() - make_interval(days => ${LIMITS.historyDays})`.execute(trx);
}

/** The same user id is one string, however many client ids a user has had. */
function claimsOf({ client_ids, user_ids }: Part): Claim[] {
  const users = new Map((user_ids ?? []).map((user) => [user, user]));
  return (client_ids ?? []).map((clientId, i) => ({ clientId, userId: users.get(user_ids?.[i] ?? null) ?? null }));
}

/** What an update is made of, or why the bytes are none. */
function shapeOf(update: Uint8Array): UpdateShape | string {
  try {
    return walkUpdate(update);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
