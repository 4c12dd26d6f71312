// What an operator does with the schema by hand: bring it up to date, take the last step back, see how far it is.
import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import { silentLog } from '../observe/log.ts';
import { migrate, migratorOf } from './migrate.ts';
import { openPool } from './pool.ts';
import { checkUnused } from './restore.ts';
import { prepareRoles, type RoleState } from './role.ts';

export interface MigrationState {
  readonly name: string;
  /** When it was applied; undefined: it was not. */
  readonly appliedAt: Date | undefined;
}

/** Applies what is missing. @returns names of what was applied */
export async function migrateDatabase(url: string): Promise<{ applied: string[]; role: RoleState }> {
  return withDatabase(url, async (db) => {
    const before = await pending(db);
    await migrate(db, silentLog);
    return { applied: before, role: await prepareRoles(db) };
  });
}

/**
 * Takes the newest step back, with the data that only it had a place for.
 * @returns its name; undefined when there was none
 * @throws Error while a server works on the database
 */
export async function rollBackDatabase(url: string): Promise<string | undefined> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await checkUnused(client).finally(() => client.end());
  return withDatabase(url, async (db) => {
    const { error, results } = await migratorOf(db).migrateDown();
    if (error) throw error;
    return results?.[0]?.migrationName;
  });
}

/** All steps, and which are applied. Changes nothing. */
export async function databaseStatus(url: string): Promise<MigrationState[]> {
  return withDatabase(url, async (db) => {
    const all = await migratorOf(db).getMigrations();
    return all.map(({ name, executedAt }) => ({ name, appliedAt: executedAt }));
  });
}

async function pending(db: Kysely<unknown>): Promise<string[]> {
  const all = await migratorOf(db).getMigrations();
  return all.filter(({ executedAt }) => executedAt === undefined).map(({ name }) => name);
}

/** One connection for an operator's command, as the owner of the tables. */
export async function withDatabase<T>(url: string, work: (db: Kysely<unknown>) => Promise<T>): Promise<T> {
  const pool = openPool({ url: () => url, size: 1, log: silentLog, patient: true });
  const db = new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) });
  try {
    return await work(db);
  } finally {
    await db.destroy();
  }
}
