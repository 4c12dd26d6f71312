// Connections to PostgreSQL: their limits, and how values come back (bigint as BigInt, date as text).
import pg from 'pg';
import type { Log } from '../observe/log.ts';
import { lost } from './failure.ts';
import type { RoleName } from './role.ts';

/** Milliseconds to get a connection; longer than a busy pool needs, shorter than a client's patience. */
const CONNECT_TIMEOUT_MS = 5_000;
/** Milliseconds for one statement; the longest is the merge of a large document. */
const STATEMENT_TIMEOUT_MS = 30_000;
/** Milliseconds more for the answer, when the server itself is what hangs. */
const ANSWER_TIMEOUT_MS = STATEMENT_TIMEOUT_MS + 5_000;

const INT8 = 20;
const DATE = 1082;

const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') => {
    if (oid === INT8) return BigInt;
    if (oid === DATE) return (text: string) => text;
    return pg.types.getTypeParser(oid, format as 'text');
  }) as typeof pg.types.getTypeParser,
};

export interface PoolTarget {
  /** Asked for every new connection: an embedded server that was started again is elsewhere. */
  readonly url: () => string;
  readonly size: number;
  /** Connections that stay when nobody uses them; others end after ten seconds. */
  readonly kept?: number;
  readonly log: Log;
  /** Without a limit for statements: a migration may build an index for minutes, or wait for another node's. */
  readonly patient?: boolean;
  /** Statements need not wait for the one before (`pipeline.ts`). */
  readonly pipeline?: boolean;
  /** As whom the connections work; as the login itself when left out. */
  readonly role?: RoleName | undefined;
}

/** Opens a pool. A connection that breaks while nobody uses it is logged and replaced by the next one. */
export function openPool({ url, size, kept = 0, log, patient = false, pipeline = false, role }: PoolTarget): pg.Pool {
  const pool = new pg.Pool({
    max: size,
    min: kept,
    types,
    pipeline,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    ...(patient ? {} : { statement_timeout: STATEMENT_TIMEOUT_MS, query_timeout: ANSWER_TIMEOUT_MS }),
    ...(patient ? {} : { idle_in_transaction_session_timeout: STATEMENT_TIMEOUT_MS }),
    keepAlive: true,
    application_name: 'coderoom',
  });
  Object.defineProperty(pool.options, 'connectionString', { get: () => withRole(url(), role), enumerable: true });
  pool.on('error', (error) => {
    // One that is on its way out anyway, and hears first that the embedded server stops, is no loss.
    if (!pool.ending) log.warn({ reason: reasonOf(error) }, 'a database connection was lost');
  });
  // The pool listens only to connections that nobody has checked out: without a listener of its own, one that breaks
  // between two statements of its user would end the process. That user's next statement fails, too.
  pool.on('connect', (client) => void client.on('error', (error) => void lost(error)));
  const connect = pool.connect.bind(pool) as (...args: unknown[]) => Promise<pg.PoolClient> | undefined;
  // `pool.query` comes with a callback and has its own way for errors.
  pool.connect = ((...args: unknown[]) =>
    connect(...args)?.catch((error: unknown) => {
      throw lost(error);
    })) as typeof pool.connect;
  return pool;
}

/** A connection begins as the role, and RESET goes back to it. Options that the operator gave stay. */
function withRole(url: string, role: RoleName | undefined): string {
  if (role === undefined) return url;
  const [address = '', query = ''] = url.split('?');
  const parameters = new URLSearchParams(query);
  parameters.set('options', [parameters.get('options') ?? '', `-c role=${role}`].join(' ').trim());
  // As percent signs: a plus is a blank in forms only.
  return `${address}?${String(parameters).replaceAll('+', '%20')}`;
}

/** The reason in the words of the system; an error of several attempts has an empty message. */
export function reasonOf(error: unknown): string {
  // By shape, not by class: an error of another realm, such as a test's, is an error too.
  const { errors, message, code } = Object(error) as { errors?: unknown[]; message?: string; code?: string };
  return errors?.length ? reasonOf(errors[0]) : message || code || String(error);
}
