// Opens the database: the operator's own (DATABASE_URL) or the embedded one, migrated, as Kysely over a pool.
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Kysely, PostgresDialect, sql } from 'kysely';
import pg from 'pg';
import type { Log } from '../observe/log.ts';
import { type EmbeddedPostgres, startEmbedded } from './embedded.ts';
import { lockFolder } from './folder-lock.ts';
import { migrate } from './migrate.ts';
import type { Tables } from './tables.ts';

export interface DatabaseOptions {
  readonly databaseUrl: string | undefined;
  readonly dataDir: string;
  readonly poolSize: number;
  readonly log: Log;
}

export interface Database {
  readonly kysely: Kysely<Tables>;
  readonly kind: 'embedded' | 'external';
  /** @throws when the database does not answer in time */
  ping(): Promise<void>;
  close(): Promise<void>;
}

const DATABASE = 'coderoom';
/** Milliseconds to get a connection; longer than a busy pool needs, shorter than a client's patience. */
const CONNECT_TIMEOUT_MS = 5_000;
/** Milliseconds for one statement; the longest is the merge of a large document. */
const STATEMENT_TIMEOUT_MS = 30_000;
/** Milliseconds for the answer to a ping. */
const PING_TIMEOUT_MS = 2_000;
/** Milliseconds until an embedded server that ended is started again. */
const RESTART_DELAY_MS = 200;

const INT8 = 20;
const DATE = 1082;

const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') => {
    if (oid === INT8) return BigInt;
    if (oid === DATE) return (text: string) => text;
    return pg.types.getTypeParser(oid, format as 'text');
  }) as typeof pg.types.getTypeParser,
};

/**
 * Opens and migrates the database.
 * @throws Error with a sentence for the operator; it never holds a password
 */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  return options.databaseUrl === undefined ? openEmbedded(options) : openExternal(options, options.databaseUrl);
}

async function openExternal(options: DatabaseOptions, url: string): Promise<Database> {
  const pool = poolOf({ connectionString: url, max: options.poolSize }, options.log);
  await pool.query('select 1').catch(async (error: unknown) => {
    await pool.end();
    throw new Error(`The database at ${new URL(url).host} cannot be reached: ${reasonOf(error)}.`);
  });
  return migrated({ pool, kind: 'external', close: async () => undefined }, options.log);
}

async function openEmbedded(options: DatabaseOptions): Promise<Database> {
  const unlock = lockFolder(options.dataDir);
  try {
    const server = await KeptServer.start(path.join(options.dataDir, 'postgres'), options.log);
    try {
      await createDatabase(server.url('postgres'));
      // The socket of a restarted server is elsewhere: every new connection asks where.
      const pool = poolOf({ host: '', database: DATABASE, user: 'postgres', max: options.poolSize }, options.log);
      server.onUrl((url) => Object.assign(pool.options, { host: socketOf(url) }));
      const close = async (): Promise<void> => {
        await server.stop();
        unlock();
      };
      return await migrated({ pool, kind: 'embedded', close }, options.log);
    } catch (error) {
      await server.stop();
      throw error;
    }
  } catch (error) {
    unlock();
    throw error;
  }
}

const socketOf = (url: string): string => decodeURIComponent(new URL(url).host);

/** An embedded server that is started again when it ends by itself. */
class KeptServer {
  readonly #folder: string;
  readonly #log: Log;
  #server: EmbeddedPostgres | undefined;
  #tell: (url: string) => void = () => undefined;
  #stopped = false;

  private constructor(folder: string, log: Log) {
    this.#folder = folder;
    this.#log = log;
  }

  static async start(folder: string, log: Log): Promise<KeptServer> {
    const kept = new KeptServer(folder, log);
    await kept.#start();
    return kept;
  }

  url(database: string): string {
    return (this.#server as EmbeddedPostgres).url(database);
  }

  onUrl(tell: (url: string) => void): void {
    this.#tell = tell;
    tell(this.url(DATABASE));
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#server?.stop();
  }

  async #start(): Promise<void> {
    const onExit = (reason: string): void => {
      this.#log.error({ reason }, 'the embedded PostgreSQL ended, starting it again');
      void this.#restart();
    };
    this.#server = await startEmbedded({ folder: this.#folder, durable: true, onExit });
    this.#tell(this.url(DATABASE));
  }

  async #restart(): Promise<void> {
    while (!this.#stopped) {
      await delay(RESTART_DELAY_MS);
      try {
        await this.#start();
        if (this.#stopped) await this.#server?.stop();
        return;
      } catch (error) {
        this.#log.error({ err: error }, 'the embedded PostgreSQL could not be started again');
      }
    }
  }
}

async function createDatabase(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [DATABASE]);
    if (rowCount === 0) await client.query(`create database ${DATABASE}`);
  } finally {
    await client.end();
  }
}

function poolOf(config: pg.PoolConfig, log: Log): pg.Pool {
  const pool = new pg.Pool({
    ...config,
    types,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    query_timeout: STATEMENT_TIMEOUT_MS,
    idle_in_transaction_session_timeout: STATEMENT_TIMEOUT_MS,
    keepAlive: true,
    application_name: 'coderoom',
  });
  // A connection that breaks is replaced by the next one. The pool listens only while nobody has it checked out; without
  // a listener of its own, one that breaks between two statements of its user would end the process.
  const lost = (error: Error): void => log.warn({ reason: reasonOf(error) }, 'a database connection was lost');
  pool.on('error', lost);
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}

interface Opened {
  readonly pool: pg.Pool;
  readonly kind: Database['kind'];
  readonly close: () => Promise<void>;
}

async function migrated({ pool, kind, close }: Opened, log: Log): Promise<Database> {
  const kysely = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
  try {
    await migrate(kysely, log);
  } catch (error) {
    await kysely.destroy();
    throw error;
  }
  return {
    kysely,
    kind,
    async ping() {
      const timeout = new AbortController();
      const late = delay(PING_TIMEOUT_MS, undefined, { signal: timeout.signal }).then(() => {
        throw new Error('the database did not answer in time');
      });
      late.catch(() => undefined);
      try {
        await Promise.race([sql`select 1`.execute(kysely), late]);
      } finally {
        timeout.abort();
      }
    },
    async close() {
      await kysely.destroy();
      await close();
    },
  };
}

/** The reason in the words of the system; an error of several attempts has an empty message. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0]);
  return error instanceof Error ? error.message || String((error as NodeJS.ErrnoException).code) : String(error);
}
