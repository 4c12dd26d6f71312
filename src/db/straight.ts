// The shortest way to PostgreSQL for statements that are run for every keystroke or command: a connection that is kept,
// and neither the pool nor the query builder in between. Both cost more than the statement: five promises, a timer and a copy of
// everything, some 200 µs of CPU where hundreds of short waits a second leave the code cold.
import pg from 'pg';
import { isRefusal, lost } from './failure.ts';

/** Runs a statement with a plan that its connection keeps. @throws as the pool's queries do */
export type Straight = (statement: { name: string; text: string }, values: readonly unknown[]) => Promise<void>;

/** As `Straight`, for a question. */
export type LookUp = <Row>(statement: { name: string; text: string }, values: readonly unknown[]) => Promise<Row[]>;

export interface StraightWay {
  readonly run: Straight;
  readonly lookUp: LookUp;
  /** Connects before the first statement. */
  readonly open: () => Promise<void>;
  readonly close: () => void;
}

/** @param pool from which one connection is taken with the first statement, and a new one after a failure */
export function straightTo(pool: pg.Pool): StraightWay {
  let kept: Promise<pg.PoolClient> | undefined;
  let client: pg.PoolClient | undefined;

  const letGo = (broken: pg.PoolClient): void => {
    if (client !== broken) return;
    kept = undefined;
    client = undefined;
    broken.release(true);
  };
  const connect = async (): Promise<pg.PoolClient> => {
    kept ??= pool.connect().catch((error: unknown) => {
      kept = undefined;
      throw error;
    });
    const on = await kept;
    if (client !== on) on.once('error', () => letGo(on)); // it broke while nobody asked anything
    client = on;
    return on;
  };
  const lookUp = async <Row>(statement: { name: string; text: string }, values: readonly unknown[]): Promise<Row[]> => {
    const on = client ?? (await connect());
    try {
      return await ask<Row>(on, statement, values);
    } catch (error) {
      if (isRefusal(error)) throw error;
      letGo(on);
      throw lost(error);
    }
  };
  return {
    lookUp,
    run: async (statement, values) => void (await lookUp(statement, values)),
    open: async () => void (await connect()),
    close() {
      if (client) letGo(client);
    },
  };
}

/** As `client.query` with a name, without copying what it is given. */
function ask<Row>(
  client: pg.PoolClient,
  { name, text }: { name: string; text: string },
  values: readonly unknown[],
): Promise<Row[]> {
  return new Promise((resolve, reject) => {
    const query = new pg.Query(text, [...values]);
    const named = query as unknown as { name: string; callback: (error: unknown, result: { rows: Row[] }) => void };
    named.name = name;
    named.callback = (error, result) => (error ? reject(error) : resolve(result.rows));
    client.query(query);
  });
}
