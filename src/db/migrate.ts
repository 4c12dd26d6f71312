// Brings a database to the newest schema. Several servers may start at once: Kysely takes an advisory lock.
import fs from 'node:fs/promises';
import path from 'node:path';
import type { Kysely } from 'kysely';
import { FileMigrationProvider, Migrator } from 'kysely/migration';
import type { Log } from '../observe/log.ts';

const FOLDER = path.join(import.meta.dirname, '../../migrations');

/** The migrations of this project on a database, also to take them back in a test. */
export function migratorOf(db: Kysely<unknown>): Migrator {
  return new Migrator({ db, provider: new FileMigrationProvider({ fs, path, migrationFolder: FOLDER }) });
}

/** @throws the error of the migration that failed; all of this call are rolled back then */
export async function migrate(db: Kysely<unknown>, log: Log): Promise<void> {
  const { error, results } = await migratorOf(db).migrateToLatest();
  if (error) throw error;
  for (const { migrationName } of results ?? []) log.info({ migration: migrationName }, 'migrated');
}
