// Refusals are counted before they are written: the database sees few rows, whatever somebody tries, and none is lost
// while it is away.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Kysely } from 'kysely';
import { type Database, openDatabase } from '../../src/db/open.ts';
import type { Tables } from '../../src/db/tables.ts';
import { SecurityLog } from '../../src/kernel/security-log.ts';
import { silentLog } from '../../src/observe/log.ts';
import { freshDatabase, type TestDatabase } from '../support/db.ts';

let fresh: TestDatabase;
let database: Database;
let now = Date.parse('2026-05-04T10:00:30Z');

beforeAll(async () => {
  fresh = await freshDatabase();
  const url = fresh.url;
  database = await openDatabase({ databaseUrl: url, dataDir: '', poolSize: 2, log: silentLog });
});
afterAll(async () => {
  await database.close();
  await fresh.drop();
});

const caller = (index: number) => ({
  user: { id: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`, displayName: 'U', kind: 'guest' as const },
  session: undefined,
  address: '203.0.113.9',
  userAgent: undefined,
  requestId: 'r',
  connection: undefined,
});

const refusal = (index: number) =>
  ({ command: 'file.delete', code: 'forbidden', caller: caller(index), roomId: undefined }) as const;

async function counts(): Promise<{ rows: number; total: number }> {
  const rows = await database.system.selectFrom('security_events').select('data').execute();
  const total = rows.reduce((sum, { data }) => sum + (data as { count: number }).count, 0);
  return { rows: rows.length, total };
}

test('refusals of a person in a minute are one row, over several writes; other answers are none', async () => {
  const log = new SecurityLog(database.system, silentLog, () => now);
  for (let i = 0; i < 500; i++) log.refused(refusal(1));
  log.refused({ ...refusal(1), code: 'invalid_input' });
  await log.flush();
  for (let i = 0; i < 500; i++) log.refused(refusal(1));
  await log.close();
  expect(await counts()).toEqual({ rows: 1, total: 1000 });
  now += 60_000;
  const later = new SecurityLog(database.system, silentLog, () => now);
  later.refused(refusal(1));
  await later.close();
  expect(await counts()).toEqual({ rows: 2, total: 1001 });
});

test('a flood of invented people leaves a bounded number of rows, and all are counted', async () => {
  const log = new SecurityLog(database.system, silentLog, () => now);
  const before = await counts();
  for (let i = 0; i < 5_000; i++) log.refused(refusal(1_000 + i));
  await log.close();
  const after = await counts();
  expect(after.rows - before.rows).toBe(1_001);
  expect(after.total - before.total).toBe(5_000);
});

test('what cannot be written is written later', async () => {
  let away = true;
  const insertInto: Kysely<Tables>['insertInto'] = (table) => {
    if (away) throw Object.assign(new Error('gone'), { code: 'ECONNREFUSED' });
    return database.system.insertInto(table);
  };
  const flaky = { insertInto } as Kysely<Tables>;
  const log = new SecurityLog(flaky, silentLog, () => now);
  const before = await counts();
  log.refused(refusal(9));
  await log.flush();
  log.refused(refusal(9));
  expect(await counts()).toEqual(before);
  away = false;
  await log.close();
  expect(await counts()).toEqual({ rows: before.rows + 1, total: before.total + 2 });
});
