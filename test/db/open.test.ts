// A database of the operator's own, in use; one that cannot be used: external.test.ts.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import pg from 'pg';
import { type Database, openDatabase } from '../../src/db/open.ts';
import { silentLog } from '../../src/observe/log.ts';
import { freshDatabase, type TestDatabase } from '../support/db.ts';
import { until } from '../support/until.ts';

let emptyFolder: string;
const open = (databaseUrl: string, log = silentLog): Promise<Database> =>
  openDatabase({ databaseUrl, dataDir: emptyFolder, poolSize: 2, log });

beforeAll(() => {
  emptyFolder = fs.mkdtempSync(path.join(os.tmpdir(), 'coderoom-open-'));
});
afterAll(() => fs.rmSync(emptyFolder, { recursive: true }));

let database: TestDatabase;
beforeAll(async () => {
  database = await freshDatabase({ empty: true });
});
afterAll(() => database.drop());

test('migrated, and the data folder is left alone', async () => {
  const opened = await open(database.url);
  expect(opened.kind).toBe('external');
  await opened.ping();
  expect(await opened.kysely.selectFrom('users').select('id').execute()).toEqual([]);
  await opened.close();
  expect(fs.readdirSync(emptyFolder)).toEqual([]);
});

test('bigint comes as BigInt, date as text, timestamptz as Date', async () => {
  const opened = await open(database.url);
  const { rows } = await sql`select 9007199254740993 as big, array[1::bigint] as bigs, date '2030-01-31' as day,
      timestamptz '2030-01-31 00:00:00Z' as at`.execute(opened.kysely);
  expect(rows).toEqual([
    { big: 9007199254740993n, bigs: expect.anything(), day: '2030-01-31', at: new Date('2030-01-31') },
  ]);
  await opened.close();
});

test('connections that break while idle are logged, and others take their place', async () => {
  const warnings: string[] = [];
  const log = { ...silentLog, warn: (_fields: object, message: string) => void warnings.push(message) };
  const opened = await open(database.url, log);
  await opened.ping();
  // The server's own role may not end other connections.
  const admin = new pg.Client({ connectionString: database.url });
  await admin.connect();
  await admin.query(`select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid()`);
  await until(() => warnings.includes('a database connection was lost'));
  await opened.ping();
  await Promise.all([opened.close(), admin.end()]);
});
