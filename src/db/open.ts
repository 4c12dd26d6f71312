// Opens the database: the operator's own (DATABASE_URL) or the embedded one, migrated, as Kysely over a pool.
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Kysely, PostgresDialect, sql } from 'kysely';
import pg from 'pg';
import { type Log, silentLog } from '../observe/log.ts';
import { type Listen, listenOn } from './announcements.ts';
import { lockFolder } from './folder-lock.ts';
import { keepServer } from './kept-server.ts';
import { migrate } from './migrate.ts';
import { NameReader } from './names.ts';
import { PipelineDialect } from './pipeline.ts';
import { openPool, reasonOf } from './pool.ts';
import { prepareRoles, ROLES, type RoleName, type RoleState } from './role.ts';
import { type LookUp, type Straight, straightTo } from './straight.ts';
import type { Tables } from './tables.ts';

export interface DatabaseOptions {
  /** Left out: the embedded PostgreSQL. */
  readonly databaseUrl?: string | undefined;
  /** Folder of the embedded one. */
  readonly dataDir: string;
  /** Connections for commands and documents; half as many more are opened when the server's own work needs them. */
  readonly poolSize?: number;
  readonly log: Log;
}

export interface Database {
  /** For commands: rows of users are there only for the one that the transaction acts as (`actAs`). */
  readonly kysely: Kysely<Tables>;
  /** For the server's own work: signing in, jobs, upkeep. It sees everybody's rows: never for what a client asks. */
  readonly system: Kysely<Tables>;
  /** As `kysely`, for the one statement that is run for every keystroke. */
  readonly straight: Straight;
  /** As `system`, for what every command waits for. */
  readonly lookUp: LookUp;
  /** Opens the names in rows; give it the keys. */
  readonly names: NameReader;
  /** Follows what the database announces. Stop it before the database is closed. */
  readonly listen: Listen;
  readonly role: RoleState;
  readonly kind: 'embedded' | 'external';
  /** @throws when the database does not answer in time */
  ping(): Promise<void>;
  close(): Promise<void>;
}

/** Name of the database in the embedded server. */
export const DATABASE = 'coderoom';
const DEFAULT_POOL_SIZE = 10;
const LEAST_POOL_SIZE = 2;
/** Connections that are kept for announcements and for look-ups. */
const KEPT = 2;
/** Connections for commands, besides the one for edits, that are there from the start; as many stay in each pool. */
const READY = 2;
/** `server_version_num` of the oldest PostgreSQL that has what the schema uses (nulls not distinct). */
const OLDEST_VERSION = 150_000;
/** Milliseconds for the answer to a ping. */
const PING_TIMEOUT_MS = 2_000;

/**
 * Opens and migrates the database.
 * @throws Error with a sentence for the operator; it never holds a password
 */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  return options.databaseUrl === undefined ? openEmbedded(options) : openExternal(options, options.databaseUrl);
}

async function openExternal(options: DatabaseOptions, url: string): Promise<Database> {
  await checkReachable(url);
  return openMigrated(options, { kind: 'external', url: () => url, close: async () => undefined });
}

/** @throws Error that says where and why, without the password */
export async function checkReachable(url: string): Promise<void> {
  const { host, pathname } = new URL(url);
  const where = `The database at ${decodeURIComponent(host) || 'the local socket'}${pathname}`;
  const pool = openPool({ url: () => url, size: 1, log: silentLog });
  try {
    const { rows } = await pool.query<{ version: number }>(
      `select current_setting('server_version_num')::int as version`,
    );
    const version = rows[0]?.version ?? 0;
    if (version < OLDEST_VERSION) throw new Error(`it is PostgreSQL ${Math.trunc(version / 10_000)}, 15 is the oldest`);
  } catch (error) {
    throw new Error(`${where} cannot be used: ${reasonOf(error)}.`);
  } finally {
    await pool.end();
  }
}

async function openEmbedded(options: DatabaseOptions): Promise<Database> {
  const unlock = await lockFolder(options.dataDir);
  try {
    const server = await keepServer(path.join(options.dataDir, 'postgres'), options.log);
    try {
      await createDatabase(server.url('postgres'));
      const close = async (): Promise<void> => {
        await server.stop();
        unlock();
      };
      return await openMigrated(options, { kind: 'embedded', url: () => server.url(DATABASE), close });
    } catch (error) {
      await server.stop();
      throw error;
    }
  } catch (error) {
    unlock();
    throw error;
  }
}

/** The database of the embedded server, made when it is not there. @param url of the database `postgres` */
export async function createDatabase(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [DATABASE]);
    if (rowCount === 0) await client.query(`create database ${DATABASE}`);
  } finally {
    await client.end();
  }
}

interface Source {
  readonly kind: Database['kind'];
  readonly url: () => string;
  readonly close: () => Promise<void>;
}

async function openMigrated(options: DatabaseOptions, { kind, url, close }: Source): Promise<Database> {
  const { poolSize = DEFAULT_POOL_SIZE, log } = options;
  const role = await prepare({ url, log });
  const open = (name: RoleName, size: number): pg.Pool =>
    openPool({ url, size, kept: READY + 1, log, pipeline: true, role: role.limited ? name : undefined });
  const commands = open(ROLES.commands, poolSize);
  const straight = straightTo(commands);
  const names = new NameReader();
  const kysely = new Kysely<Tables>({ dialect: new PipelineDialect(commands, names) });
  const systemPool = open(ROLES.system, Math.max(LEAST_POOL_SIZE, Math.ceil(poolSize / 2)) + KEPT);
  const system = new Kysely<Tables>({ dialect: new PipelineDialect(systemPool, names) });
  const asked = straightTo(systemPool);
  await Promise.all([straight.open(), asked.open()]);
  await openSome(commands, Math.min(READY, poolSize - 1));
  return {
    kysely,
    system,
    straight: straight.run,
    async lookUp<Row>(...asking: Parameters<LookUp>): Promise<Row[]> {
      const rows = await asked.lookUp<Row>(...asking);
      names.open(rows);
      return rows;
    },
    names,
    listen: listenOn(systemPool, log),
    role,
    kind,
    ping: () => ping(kysely),
    async close() {
      straight.close();
      asked.close();
      await Promise.all([kysely.destroy(), system.destroy()]);
      await Promise.all([commands.end(), systemPool.end()]);
      await close();
    },
  };
}

/** Connects before somebody waits for it: those who come first after a start would wait for each. */
async function openSome(pool: pg.Pool, count: number): Promise<void> {
  const clients = await Promise.all(Array.from({ length: count }, () => pool.connect()));
  for (const client of clients) client.release();
}

/** As the owner of the tables: migrates, and looks as whom the server can work. */
async function prepare({ url, log }: { url: () => string; log: Log }): Promise<RoleState> {
  const dialect = new PostgresDialect({ pool: openPool({ url, size: 1, log, patient: true }) });
  const owner = new Kysely<unknown>({ dialect });
  try {
    await migrate(owner, log);
    const role = await prepareRoles(owner);
    if (!role.limited) log.warn(role, 'the server works as the owner of its tables: row-level security does not hold');
    return role;
  } finally {
    await owner.destroy();
  }
}

async function ping(kysely: Kysely<Tables>): Promise<void> {
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
}
