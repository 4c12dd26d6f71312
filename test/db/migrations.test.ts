// The migrations: there and back, several servers at once, and what must hold of the schema they make.
import fs from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Kysely, PostgresDialect } from 'kysely';
import { NO_MIGRATIONS } from 'kysely/migration';
import pg from 'pg';
import { migrate, migratorOf } from '../../src/db/migrate.ts';
import { silentLog } from '../../src/observe/log.ts';
import { freshDatabase, type TestDatabase } from '../support/db.ts';
import { generateTypes } from '../support/generate-types.ts';
import { catalogue, foreignKeysWithoutIndex } from './catalogue.ts';
import { spawnDatabase } from './database-process.ts';

let database: TestDatabase;
let pool: pg.Pool;
let kysely: Kysely<unknown>;

beforeEach(async () => {
  database = await freshDatabase({ empty: true });
  pool = new pg.Pool({ connectionString: database.url, max: 2 });
  kysely = new Kysely({ dialect: new PostgresDialect({ pool }) });
});
afterEach(async () => {
  await kysely.destroy();
  // Kysely ends the pool only when it has used it.
  if (!pool.ended) await pool.end();
  await database.drop();
});

test('all the way up, down to nothing, and up to the same', async () => {
  const empty = await catalogue(pool);
  await migrate(kysely, silentLog);
  const first = await catalogue(pool);
  expect(first.length).toBeGreaterThan(300);
  const { error } = await migratorOf(kysely).migrateTo(NO_MIGRATIONS);
  expect(error).toBeUndefined();
  expect(await catalogue(pool)).toEqual(empty);
  await migrate(kysely, silentLog);
  expect(await catalogue(pool)).toEqual(first);
});

test('every single step down and up again gives the same', async () => {
  await migrate(kysely, silentLog);
  const names = (await migratorOf(kysely).getMigrations()).map(({ name }) => name);
  const first = await catalogue(pool);
  for (let down = 1; down <= names.length; down++) {
    for (let step = 0; step < down; step++) expect((await migratorOf(kysely).migrateDown()).error).toBeUndefined();
    await migrate(kysely, silentLog);
    expect(await catalogue(pool)).toEqual(first);
  }
});

test('a second run does nothing', async () => {
  await migrate(kysely, silentLog);
  const { results, error } = await migratorOf(kysely).migrateToLatest();
  expect({ results, error }).toEqual({ results: [], error: undefined });
});

test('three servers that migrate an empty database at once all succeed', async () => {
  const started = await Promise.all([1, 2, 3].map(() => spawnDatabase({ databaseUrl: database.url })));
  try {
    const counts = await Promise.all(started.map((child) => child.query('select count(*)::int as n from users')));
    expect(counts).toEqual([[{ n: 0 }], [{ n: 0 }], [{ n: 0 }]]);
    const { rows } = await pool.query('select name from kysely_migration order by name');
    expect(rows.map(({ name }) => `${name}.ts`)).toEqual(migrationFiles());
  } finally {
    await Promise.all(started.map((child) => child.close()));
  }
});

function migrationFiles(): string[] {
  return fs.readdirSync(path.join(import.meta.dirname, '../../migrations')).sort();
}

describe('the schema', () => {
  beforeEach(() => migrate(kysely, silentLog));

  test('every foreign key has an index that begins with its columns', async () => {
    expect(await foreignKeysWithoutIndex(pool)).toEqual([]);
  });

  test('the check for that finds a key without one', async () => {
    await pool.query('create table bare (id uuid, user_id uuid references users(id))');
    await pool.query('create index bare_second on bare (id, user_id)');
    await pool.query("create index bare_some on bare (user_id) where id = '00000000-0000-0000-0000-000000000000'");
    expect(await foreignKeysWithoutIndex(pool)).toEqual(['bare (user_id)']);
  });

  test('the row types of src/db/tables.ts are those of the schema', async () => {
    const committed = fs.readFileSync(path.join(import.meta.dirname, '../../src/db/tables.ts'), 'utf8');
    const client = await pool.connect();
    try {
      expect(await generateTypes(client)).toBe(committed);
    } finally {
      client.release();
    }
  });

  test('ids are given out in the order of time', async () => {
    const { rows } = await pool.query('select new_id() as id, pg_sleep(0.002) from generate_series(1, 20)');
    const ids = rows.map(({ id }) => id as string);
    expect(ids).toEqual([...ids].sort());
    expect(ids[0]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab]/);
  });
});
