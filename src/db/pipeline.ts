// Statements that go to PostgreSQL together. A transaction of ten statements that each wait for the one before is ten
// times there and back, and each costs both sides a wake-up. What nobody waits for (begin, who acts, facts) is therefore
// held until the next statement or the commit, and goes out with it; what does not depend on each other goes at once.
// The order on the connection is kept, and a statement that fails makes PostgreSQL refuse all after it, the commit too.
import {
  CompiledQuery,
  type DatabaseConnection,
  type Driver,
  PostgresDialect,
  type PostgresDialectConfig,
  PostgresDriver,
  type QueryExecutorProvider,
  type QueryResult,
  type Transaction,
  type TransactionSettings,
} from 'kysely';
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
  readonly #config: PostgresDialectConfig;
  readonly #names: NameReader;

  /** @param names opens those in rows that come in */
  constructor(config: PostgresDialectConfig, names: NameReader) {
    super(config);
    this.#config = config;
    this.#names = names;
  }

  override createDriver(): Driver {
    return new PipelineDriver(this.#config, this.#names);
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
    laneOf(connection).held.push({ query: query.compile(trx), take });
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

/** One connection: its statements that are held back, and its own way of sending one. */
interface Lane {
  held: Held[];
  run(queries: readonly CompiledQuery[]): Promise<QueryResult<unknown>[]>;
}

const lanes = new WeakMap<DatabaseConnection, Lane>();

function laneOf(connection: DatabaseConnection): Lane {
  return lanes.get(connection) ?? openLane(connection);
}

type OwnConnection = Parameters<PostgresDriver['rollbackTransaction']>[0];

class PipelineDriver extends PostgresDriver {
  readonly #names: NameReader;

  constructor(config: PostgresDialectConfig, names: NameReader) {
    super(config);
    this.#names = names;
  }

  override async acquireConnection(
    options?: Parameters<PostgresDriver['acquireConnection']>[0],
  ): Promise<DatabaseConnection> {
    const connection = await super.acquireConnection(options);
    if (!lanes.has(connection)) openLane(connection, this.#names);
    return connection;
  }

  override async beginTransaction(connection: DatabaseConnection, settings: TransactionSettings): Promise<void> {
    if (settings.isolationLevel || settings.accessMode) return super.beginTransaction(connection, settings);
    laneOf(connection).held.push({ query: BEGIN });
  }

  override async commitTransaction(connection: DatabaseConnection): Promise<void> {
    const lane = laneOf(connection);
    // Nothing was asked in between.
    if (lane.held.length === 1 && !isBegun(lane)) lane.held = [];
    else await super.commitTransaction(connection);
  }

  override async rollbackTransaction(connection: OwnConnection): Promise<void> {
    const lane = laneOf(connection);
    const begun = isBegun(lane);
    lane.held = [];
    if (begun) await super.rollbackTransaction(connection);
  }
}

const BEGIN = CompiledQuery.raw('begin');

/** Whether the transaction has reached PostgreSQL. */
function isBegun({ held }: Lane): boolean {
  return held[0]?.query !== BEGIN;
}

/** @param names left out for connections of another dialect */
function openLane(connection: DatabaseConnection, names?: NameReader): Lane {
  const execute = connection.executeQuery.bind(connection);
  const send = async <R>(query: CompiledQuery): Promise<QueryResult<R>> => {
    const result = await execute<R>(query);
    names?.open(result.rows);
    return result;
  };
  const lane: Lane = {
    held: [],
    async run(queries) {
      const { held } = lane;
      lane.held = [];
      const all = [...held.map(({ query }) => query), ...queries];
      // All are waited for: the connection goes back to the pool with nothing under way.
      const settled = await Promise.allSettled(all.map((query) => send(query)));
      // Of several that fail the first is the cause.
      const results = settled.map((outcome) => {
        if (outcome.status === 'rejected') throw outcome.reason;
        return outcome.value;
      });
      for (const [index, { take }] of held.entries()) take?.(results[index]?.rows ?? []);
      return results.slice(-queries.length);
    },
  };
  lanes.set(connection, lane);
  connection.executeQuery = async <R>(query: CompiledQuery): Promise<QueryResult<R>> => {
    if (lane.held.length === 0) return send<R>(query);
    const [result] = await lane.run([query]);
    return result as QueryResult<R>;
  };
  return lane;
}
