// Databases for tests: each a copy of the migrated template.
import { randomBytes } from 'node:crypto';
import pg from 'pg';

/** Name of the database that global-setup migrates. */
const TEMPLATE = 'coderoom_template';

export interface TestDatabase {
  readonly url: string;
  drop(): Promise<void>;
}

/** The URL of a database of the test server. */
export function testDatabaseUrl(name: string): string {
  const url = process.env['TEST_DATABASE_URL'];
  if (!url) throw new Error('TEST_DATABASE_URL is not set: run the tests through Jest.');
  return url.replace('DATABASE', name);
}

/** A fresh, migrated database; `empty` gives one without tables. */
export async function freshDatabase({ empty = false } = {}): Promise<TestDatabase> {
  const name = `test_${randomBytes(6).toString('hex')}`;
  await asAdmin(`create database ${name} template ${empty ? 'template0' : TEMPLATE}`);
  return { url: testDatabaseUrl(name), drop: () => asAdmin(`drop database if exists ${name} with (force)`) };
}

async function asAdmin(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: testDatabaseUrl('postgres') });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
