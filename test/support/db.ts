// Databases for tests: each a copy of the migrated template.
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { until } from './until.ts';

/** Name of the database that global-setup migrates. */
export const TEMPLATE = 'coderoom_template';

export interface TestDatabase {
  readonly url: string;
  /** Asks it as its owner, for whom no row is hidden; over one connection, made when it is first needed. */
  query<Row extends pg.QueryResultRow = any>(
    statement: string,
    values?: readonly unknown[],
  ): Promise<pg.QueryResult<Row>>;
  /** Removes it, when the last connection to it has gone. */
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
  await asAdmin((admin) => admin.query(`create database ${name} template ${empty ? 'template0' : TEMPLATE}`));
  const url = testDatabaseUrl(name);
  let owner: Promise<pg.Client> | undefined;
  return {
    url,
    async query<Row extends pg.QueryResultRow>(statement: string, values: readonly unknown[] = []) {
      owner ??= connected(url);
      return (await owner).query<Row>(statement, [...values]);
    },
    async drop() {
      await (await owner)?.end();
      await asAdmin((admin) => dropDatabase(admin, name));
    },
  };
}

async function connected(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return client;
}

/**
 * A pool says that it has ended before its connections have: what is dropped under them ends them with an error that
 * nobody listens for. A test that keeps one for longer has forgotten it.
 */
async function dropDatabase(admin: pg.Client, name: string): Promise<void> {
  const users = 'select application_name from pg_stat_activity where datname = $1 and backend_type = $2';
  const nobody = async () => (await admin.query(users, [name, 'client backend'])).rowCount === 0;
  await until(nobody, { timeoutMs: 2_000, what: `the last connection to ${name} goes` }).finally(() =>
    admin.query(`drop database if exists ${name} with (force)`),
  );
}

async function asAdmin(act: (admin: pg.Client) => Promise<unknown>): Promise<void> {
  const client = await connected(testDatabaseUrl('postgres'));
  try {
    await act(client);
  } finally {
    await client.end();
  }
}
