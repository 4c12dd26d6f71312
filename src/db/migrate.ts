// Brings a database to the newest schema. Several servers may start at once: Kysely takes an advisory lock.
import fs from 'node:fs/promises';
import path from 'node:path';
import type { Kysely } from 'kysely';
import { FileMigrationProvider, Migrator } from 'kysely/migration';
import type { Log } from '../observe/log.ts';

const FOLDER = path.join(import.meta.dirname, '../../migrations');

export function migratorOf(db: Kysely<never> | Kysely<any>): Migrator {
  return new Migrator({ db, provider: new FileMigrationProvider({ fs, path, migrationFolder: FOLDER }) });
}

/** @throws the error of the migration that failed; the database is as it was before that one */
export async function migrate(db: Kysely<any>, log: Log): Promise<void> {
  const { error, results } = await migratorOf(db).migrateToLatest();
  for (const { migrationName, status } of results ?? []) {
    if (status === 'Success') log.info({ migration: migrationName }, 'migrated');
  }
  if (error) throw error;
}
