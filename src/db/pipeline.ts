// Statements that go to PostgreSQL together. A transaction of ten statements that each wait for the one before is ten
// times there and back, and each costs both sides a wake-up. What nobody waits for (begin, who acts, facts) is therefore
// held until the next statement or the commit, and goes out with it; what does not depend on each other goes at once.
// The order on the connection is kept, and a statement that fails makes PostgreSQL refuse all after it, the commit too.
import {
  AbortedTransactionError,
  CompiledQuery,
  type DatabaseConnection,
  type Driver,
  PostgresDialect,
  type QueryExecutorProvider,
  type QueryResult,
  type Transaction,
  type TransactionSettings,
} from 'kysely';
import type pg from 'pg';
import { isRefusal } from './failure.ts';
import { type FlightResult, fly } from './flight.ts';
import type { NameReader } from './names.ts';
import type { Tables } from './tables.ts';

/** A query of Kysely's, or one in `sql`. */
interface Statement<Row = unknown> {
  compile(provider: QueryExecutorProvider): CompiledQuery<Row>;
}

type Results<Q extends readonly Statement[]> = {
  [I in keyof Q]: Q[I] extends Statement<infer Row> ? readonly Row[] : never;
};

/** The dialect for pools with `pipeline: true`. */
export class PipelineDialect extends PostgresDialect {
  readonly #pool: pg.Pool;
  readonly #names: NameReader;

  /** @param names opens those in rows that come in */
  constructor(pool: pg.Pool, names: NameReader) {
    super({ pool });
    this.#pool = pool;
    this.#names = names;
  }

  override createDriver(): Driver {
    return new PipelineDriver(this.#pool, this.#names);
  }
}

/**
 * Leaves a statement to go out with the next one of the transaction, or with its commit. Its failure is that one's.
 * @returns when it is in line, not when it has run
 */
export async function ahead(trx: Transaction<Tables>, query: Statement): Promise<void> {
  await hold(trx, query);
}

/**
 * As `ahead`, for a statement whose rows somebody wants after the commit.
 * @returns the rows, when they are asked for after the statement has run; none before
 */
export async function aheadFor<Row>(trx: Transaction<Tables>, query: Statement<Row>): Promise<() => readonly Row[]> {
  let found: readonly Row[] = [];
  await hold(trx, query, (rows) => {
    found = rows as readonly Row[];
  });
  return () => found;
}

async function hold(trx: Transaction<Tables>, query: Statement, take?: Held['take']): Promise<void> {
  await trx.getExecutor().provideConnection(async (connection) => {
    laneOf(connection).hold({ query: query.compile(trx), take });
  });
}

/**
 * Runs statements that do not need each other's answers, in their order.
 * @returns the rows of each
 * @throws the error of the first that fails
 */
export async function together<const Q extends readonly Statement[]>(
  trx: Transaction<Tables>,
  queries: Q,
): Promise<Results<Q>> {
  const compiled = queries.map((query) => query.compile(trx));
  const results = await trx.getExecutor().provideConnection((connection) => laneOf(connection).run(compiled));
  return results.map(({ rows }) => rows) as Results<Q>;
}

/** A statement that is held back, and who takes its rows. */
interface Held {
  readonly query: CompiledQuery;
  readonly take?: ((rows: readonly unknown[]) => void) | undefined;
}

function laneOf(connection: DatabaseConnection): Lane {
  if (connection instanceof Lane) return connection;
  throw new Error('This database sends one statement at a time.');
}

/**
 * A connection while somebody has it, and the statements that are held back. What comes when the end of the transaction
 * is on its way (of several statements at once one fails, and nobody waits for the others) is refused: it would run
 * behind the end, on its own and for good, or in the transaction of whoever has the connection next.
 */
class Lane implements DatabaseConnection {
  readonly #client: pg.PoolClient;
  readonly #names: NameReader;
  #held: Held[] = [];
  /** Whether a transaction has begun that PostgreSQL has not heard of. */
  #begins = false;
  /** Whether the end of a transaction is on its way, or the connection was given back. */
  #isClosed = false;
  /** Whether nobody may have the connection any more. */
  #isSuspect = false;

  constructor(client: pg.PoolClient, names: NameReader) {
    this.#client = client;
    this.#names = names;
  }

  begin(query: CompiledQuery): void {
    this.#begins = true;
    this.hold({ query });
  }

  hold(held: Held): void {
    this.#checkOpen();
    this.#held.push(held);
  }

  async commit(): Promise<void> {
    const isUntouched = this.#begins && this.#held.length === 1;
    const held = this.#takeHeld();
    if (isUntouched) return;
    const results = await this.#end(held, COMMIT);
    // What PostgreSQL makes of the commit of a transaction in which something has failed.
    if (results.at(-1)?.command === 'ROLLBACK') throw new AbortedTransactionError();
  }

  /** A connection on which this fails ends, and its transaction with it. */
  async rollback(): Promise<void> {
    const isUnheard = this.#begins;
    this.#takeHeld();
    if (isUnheard || this.#isSuspect) return;
    await this.#end([], ROLLBACK).catch(() => {
      this.#isSuspect = true;
    });
  }

  release(): void {
    this.#isClosed = true;
    this.#client.release(this.#isSuspect);
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    const [result] = await this.run([query]);
    return resultOf<R>(result as FlightResult);
  }

  /** Sends statements behind those that were held back. @throws the error of the first that fails */
  async run(queries: readonly CompiledQuery[]): Promise<FlightResult[]> {
    this.#checkOpen();
    return this.#send(this.#takeHeld(), queries);
  }

  #checkOpen(): void {
    if (this.#isClosed) throw new Error('The transaction is over.');
  }

  async #end(held: readonly Held[], query: CompiledQuery): Promise<FlightResult[]> {
    this.#isClosed = true;
    try {
      return await this.#send(held, [query]);
    } finally {
      this.#isClosed = false;
    }
  }

  #takeHeld(): Held[] {
    const held = this.#held;
    this.#held = [];
    this.#begins = false;
    return held;
  }

  async #send(held: readonly Held[], queries: readonly CompiledQuery[]): Promise<FlightResult[]> {
    const all = held.length === 0 ? queries : [...held.map(({ query }) => query), ...queries];
    const results = await fly(
      this.#client,
      all.map(({ sql, parameters }) => ({ text: sql, values: parameters })),
    ).catch((error: unknown) => {
      this.#isSuspect ||= !isRefusal(error);
      throw fromHere(error);
    });
    for (const { rows } of results) this.#names.open(rows);
    for (const [index, { take }] of held.entries()) take?.(results[index]?.rows ?? []);
    return results.slice(held.length);
  }

  streamQuery(): never {
    throw new Error('This database has no cursors.');
  }
}

/** The stack of what the driver says leads to the driver. */
function fromHere(error: unknown): unknown {
  if (error instanceof Error) Error.captureStackTrace(error, fromHere);
  return error;
}

const CHANGES = new Set(['INSERT', 'UPDATE', 'DELETE', 'MERGE']);

function resultOf<R>({ command, rowCount, rows: found }: FlightResult): QueryResult<R> {
  const rows = found as R[];
  return CHANGES.has(command ?? '') ? { rows, numAffectedRows: BigInt(rowCount ?? 0) } : { rows };
}

const BEGIN = CompiledQuery.raw('begin');
const COMMIT = CompiledQuery.raw('commit');
const ROLLBACK = CompiledQuery.raw('rollback');

class PipelineDriver implements Driver {
  readonly #pool: pg.Pool;
  readonly #names: NameReader;

  constructor(pool: pg.Pool, names: NameReader) {
    this.#pool = pool;
    this.#names = names;
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<Lane> {
    return new Lane(await this.#pool.connect(), this.#names);
  }

  async beginTransaction(connection: DatabaseConnection, settings: TransactionSettings): Promise<void> {
    const { isolationLevel, accessMode } = settings;
    const modes = [isolationLevel && `isolation level ${isolationLevel}`, accessMode].filter(Boolean);
    laneOf(connection).begin(modes.length === 0 ? BEGIN : CompiledQuery.raw(`begin ${modes.join(', ')}`));
  }

  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    await laneOf(connection).commit();
  }

  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    await laneOf(connection).rollback();
  }

  async releaseConnection(connection: DatabaseConnection): Promise<void> {
    laneOf(connection).release();
  }

  /** Kysely does not come here when it was never asked anything: the pool is ended by who has opened it. */
  async destroy(): Promise<void> {}
}
