// Brings a database to the newest schema. Several servers may start at once: Kysely takes an advisory lock.
import fs from 'node:fs/promises';
import path from 'node:path';
import { type Kysely, sql } from 'kysely';
import { FileMigrationProvider, Migrator } from 'kysely/migration';
import type { Log } from '../observe/log.ts';
import { adviceFor } from './role.ts';

/** PostgreSQL's code. */
const INSUFFICIENT_PRIVILEGE = '42501';
const FOLDER = path.join(import.meta.dirname, '../../migrations');

const provider = new FileMigrationProvider({ fs, path, migrationFolder: FOLDER });

/** The migrations of this project on a database, also to take them back in a test. */
export function migratorOf(db: Kysely<unknown>): Migrator {
  return new Migrator({ db, provider });
}

/**
 * Brings the schema up to date, and grants what is new in it to the roles of the server.
 * @throws the error of the migration that failed; all of this call are rolled back then
 */
export async function migrate(db: Kysely<unknown>, log: Log): Promise<void> {
  const migrator = migratorOf(db);
  // A login that owns nothing may look, and needs no more when everything is done.
  const known = await migrator.getMigrations().catch(async (error: unknown) => {
    throw await explained(db, error);
  });
  if (known.every(({ executedAt }) => executedAt !== undefined)) return;
  const { error, results = [] } = await migrator.migrateToLatest();
  if (error) throw await explained(db, error);
  for (const { migrationName } of results) log.info({ migration: migrationName }, 'migrated');
  if (results.length > 0) await sql`select grant_server_roles()`.execute(db);
}

/** Names of the migrations of this version, in order. */
export async function migrationNames(): Promise<string[]> {
  return Object.keys(await provider.getMigrations()).sort();
}

/** The name of the last one. */
export async function latestMigration(): Promise<string | undefined> {
  return (await migrationNames()).at(-1);
}

/** Up or down to a migration. @throws the error of the one that failed */
export async function migrateTo(db: Kysely<unknown>, name: string): Promise<void> {
  const { error } = await migratorOf(db).migrateTo(name);
  if (error) throw await explained(db, error);
}

/** The error, in a sentence where it is the operator's business. */
async function explained(db: Kysely<unknown>, error: unknown): Promise<unknown> {
  if ((Object(error) as { code?: string }).code !== INSUFFICIENT_PRIVILEGE) return error;
  const { rows } = await sql<{ login: string }>`select current_user as login`.execute(db);
  const login = rows[0]?.login ?? '';
  return new Error(
    `The database login "${login}" may not change the schema. Run "npm run db:migrate" with the login that owns the ` +
      `database in DATABASE_URL; for this one to work on it: ${adviceFor(login)}`,
  );
}
