// Group commit: one INSERT is under way at a time; what arrives meanwhile goes into the next one, so the log keeps up
// with any number of writers.
import { setTimeout as delay } from 'node:timers/promises';
import type { Straight } from '../db/straight.ts';
import type { Log } from '../observe/log.ts';
import { AppError } from '../protocol/errors.ts';
import type { Claim } from './client-owners.ts';
import { LIMITS } from './limits.ts';
import type { Append } from './update-log.ts';

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

const INSERT_ONE = {
  name: 'append',
  text: 'insert into document_updates (file_id, data, actor_id, source) values ($1, $2, $3, $4)',
};
const INSERT_MANY = {
  name: 'append_many',
  text: `insert into document_updates (file_id, data, actor_id, source)
    select * from unnest($1::uuid[], $2::bytea[], $3::uuid[], $4::text[])`,
};

/** Client ids go with their first edits. A user who is being erased keeps none. */
const INSERT_WITH_CLAIMS = {
  name: 'append_claims',
  text: `with claimed as (insert into document_clients (file_id, client_id, user_id, source)
    select c.file_id, c.client_id, u.id, c.source
      from unnest($5::uuid[], $6::bigint[], $7::uuid[], $8::text[]) as c (file_id, client_id, user_id, source)
      left join users u on u.id = c.user_id
    on conflict do nothing) ${INSERT_MANY.text}`,
};

export class GroupCommit {
  readonly #straight: Straight;
  readonly #logger: Log;
  #waiting: Waiting[] = [];
  /** By document: of what waits and is in no batch yet. */
  readonly #outcomes = new Map<string, Outcome>();
  /** Files of which edits were refused in this turn of the event loop. */
  readonly #refused = new Set<string>();
  #writing: Promise<void> | undefined;
  #backlogBytes = 0;
  #stopped = false;

  constructor(straight: Straight, logger: Log) {
    this.#straight = straight;
    this.#logger = logger;
  }

  /** Bytes accepted and not yet committed. */
  get backlogBytes(): number {
    return this.#backlogBytes;
  }

  /** As `UpdateLog.append`. */
  append(append: Append): Promise<void> {
    if (this.#refused.has(append.fileId)) return Promise.reject(refusal());
    if (this.#stopped) return Promise.reject(notSaved());
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

  /** As `UpdateLog.drain`. */
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
        if (this.#stopped) return this.#giveUp(batch);
        this.#logger.warn({ err: error, updates: batch.length }, 'edits could not be committed, trying again');
        await delay(backoff);
      }
    }
  }

  /** What waits behind may build on what is lost: should the database come back now, it must not get it. */
  #giveUp(batch: readonly Waiting[]): void {
    this.#settle([...batch, ...this.#waiting.splice(0)], ({ outcome }) => outcome.fail(notSaved()));
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
