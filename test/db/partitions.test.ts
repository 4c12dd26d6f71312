// Month partitions of the records: made ahead, made late, made twice at once, and dropped when they are old.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import { freshDatabase, type TestDatabase } from '../support/db.ts';

let database: TestDatabase;
let pool: pg.Pool;

beforeAll(async () => {
  database = await freshDatabase();
  pool = new pg.Pool({ connectionString: database.url, max: 4 });
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

const write = (action: string, at: string) =>
  pool.query('insert into audit_logs (action, created_at) values ($1, $2)', [action, at]);

async function partitionOf(action: string): Promise<string> {
  const { rows } = await pool.query('select tableoid::regclass::text as name from audit_logs where action = $1', [
    action,
  ]);
  return rows[0]?.name as string;
}

const ensure = (day: string) => pool.query(`select ensure_month_partition('audit_logs', $1::date) as name`, [day]);

test('this month and the next have one from the start', async () => {
  await pool.query(`insert into audit_logs (action) values ('now')`);
  await pool.query(`insert into audit_logs (action, created_at)
    values ('soon', date_trunc('month', now()) + interval '1 month 1 day')`);
  expect(await partitionOf('now')).toMatch(/^audit_logs_\d{4}_\d{2}$/);
  expect(await partitionOf('soon')).toMatch(/^audit_logs_\d{4}_\d{2}$/);
});

test('what came before its month had one waits in the default partition, and moves', async () => {
  await write('first', '2031-05-01 00:00:00+00');
  await write('last', '2031-05-31 23:59:59.999999+00');
  await write('after', '2031-06-01 00:00:00+00');
  expect(await partitionOf('first')).toBe('audit_logs_default');
  await ensure('2031-05-17');
  expect(await partitionOf('first')).toBe('audit_logs_2031_05');
  expect(await partitionOf('last')).toBe('audit_logs_2031_05');
  expect(await partitionOf('after')).toBe('audit_logs_default');
});

test('several servers may ask for the same one at once, while rows come in', async () => {
  const asked = [1, 2, 3].map(() => ensure('2032-01-01'));
  const written = [1, 2, 3].map((day) => write('busy', `2032-01-0${day}`));
  const [names] = await Promise.all([Promise.all(asked), Promise.all(written)]);
  expect(names.map(({ rows }) => rows[0]?.name)).toEqual(Array(3).fill('audit_logs_2032_01'));
  const { rows } = await pool.query(`select count(*)::int as n from audit_logs_2032_01 where action = 'busy'`);
  expect(rows).toEqual([{ n: 3 }]);
});

test('a partition has the keys and indexes of its table', async () => {
  await ensure('2033-01-01');
  const { rows } =
    await pool.query(`select count(*)::int as n from pg_index where indrelid = 'audit_logs_2033_01'::regclass
    and exists (select from pg_inherits where inhrelid = indexrelid)`);
  const parents = await pool.query(`select count(*)::int as n from pg_index where indrelid = 'audit_logs'::regclass`);
  expect(rows).toEqual(parents.rows);
  const keys = await pool.query(
    `select pg_get_constraintdef(oid) as key from pg_constraint where conrelid = 'audit_logs_2033_01'::regclass and contype = 'f'`,
  );
  expect(keys.rows).toEqual([{ key: 'FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE SET NULL' }]);
});

test('old ones are dropped, younger ones and the default one stay', async () => {
  await ensure('2020-01-01');
  await ensure('2020-02-01');
  await write('old', '2020-01-15');
  await write('stray', '2019-12-15');
  const { rows } = await pool.query(`select drop_old_partitions('audit_logs', interval '90 days') as dropped`);
  expect(rows).toEqual([{ dropped: 2 }]);
  expect(await partitionOf('old')).toBeUndefined();
  expect(await partitionOf('stray')).toBe('audit_logs_default');
  expect(await partitionOf('now')).toBeDefined();
});
