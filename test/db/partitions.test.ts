// Month partitions: rows that wait in the default one move when their month gets its own, and old months go.
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import pg from 'pg';
import { freshDatabase, type TestDatabase } from '../support/db.ts';

/** Tables that are cut by month, with the column that says when. */
const TABLES = [
  ['activity_feed', 'created_at', "type) values ('t'"],
  ['audit_logs', 'created_at', "action) values ('a'"],
  ['security_events', 'created_at', "type, severity) values ('t', 'low'"],
  [
    'error_logs',
    'created_at',
    "error_id, fingerprint, severity, component, message) values ('e', 'f', 'error', 'c', 'm'",
  ],
  ['performance_metrics', 'recorded_at', "metric_type, value) values ('m', 1"],
] as const;

let database: TestDatabase;
let pool: pg.Pool;

beforeEach(async () => {
  database = await freshDatabase();
  pool = new pg.Pool({ connectionString: database.url, max: 3 });
});
afterEach(async () => {
  await pool.end();
  await database.drop();
});

/** Rows by the partition that they are in. */
async function rowsIn(table: string): Promise<Record<string, number>> {
  const { rows } = await pool.query(
    `select tableoid::regclass::text as name, count(*)::int as n from ${table} group by 1`,
  );
  return Object.fromEntries(rows.map(({ name, n }) => [name, n]));
}

async function partitionsOf(table: string): Promise<string[]> {
  const { rows } = await pool.query(
    'select inhrelid::regclass::text as name from pg_inherits where inhparent = $1::regclass',
    [table],
  );
  return rows.map(({ name }) => name).sort();
}

const put = (time: string) =>
  pool.query("insert into activity_feed (type, created_at) values ('t', $1) returning id", [time]);

test.each(TABLES)('%s: this month and the next two have one, and a row lands in it', async (table, _time, columns) => {
  await pool.query(`insert into ${table} (${columns})`);
  const { rows } = await pool.query(
    `select to_char(now() + n * interval '1 month', 'YYYY_MM') as month from generate_series(0, 2) n order by n`,
  );
  expect(await rowsIn(table)).toEqual({ [`${table}_${rows[0].month}`]: 1 });
  expect(await partitionsOf(table)).toEqual([...rows.map(({ month }) => `${table}_${month}`), `${table}_default`]);
});

test.each(TABLES)('%s: rows of the default partition move into the one that is made', async (table, time, columns) => {
  const [names, values] = columns.split(') values (') as [string, string];
  const insert = `insert into ${table} (${time}, ${names}) values ($1, ${values})`;
  for (const at of [
    '2001-02-01T00:00:00Z',
    '2001-02-28T23:59:59.999999Z',
    '2001-01-31T23:59:59Z',
    '2001-03-01T00:00:00Z',
  ]) {
    await pool.query(insert, [at]);
  }
  expect(await rowsIn(table)).toEqual({ [`${table}_default`]: 4 });
  const { rows } = await pool.query("select ensure_month_partition($1::regclass, '2001-02-14') as name", [table]);
  expect(rows[0].name).toBe(`${table}_2001_02`);
  expect(await rowsIn(table)).toEqual({ [`${table}_2001_02`]: 2, [`${table}_default`]: 2 });
});

test('a moved row is what it was', async () => {
  await pool.query(
    "insert into activity_feed (type, created_at, data) values ('t', '2001-02-03T04:05:06Z', '{\"a\": [1]}')",
  );
  const before = await pool.query('select * from activity_feed');
  await pool.query("select ensure_month_partition('activity_feed', '2001-02-01')");
  expect((await pool.query('select * from activity_feed')).rows).toEqual(before.rows);
});

test('months are those of UTC, whatever the zone of the session is', async () => {
  const client = await pool.connect();
  try {
    await client.query("set time zone 'Pacific/Kiritimati'");
    await client.query("select ensure_month_partition('activity_feed', '2001-02-14')");
  } finally {
    client.release(true);
  }
  await put('2001-01-31T12:00:00Z');
  await put('2001-02-01T00:00:00Z');
  await put('2001-02-28T23:00:00Z');
  expect(await rowsIn('activity_feed')).toEqual({ activity_feed_2001_02: 2, activity_feed_default: 1 });
});

test('asking again, also by several at once, changes nothing', async () => {
  await put('2001-02-03');
  const ask = () => pool.query("select ensure_month_partition('activity_feed', '2001-02-01')");
  await Promise.all([ask(), ask(), ask()]);
  await ask();
  expect(await rowsIn('activity_feed')).toEqual({ activity_feed_2001_02: 1 });
  expect((await partitionsOf('activity_feed')).filter((name) => name.includes('2001'))).toEqual([
    'activity_feed_2001_02',
  ]);
});

test('a partition has the indexes and the foreign keys of its table', async () => {
  await pool.query("select ensure_month_partition('activity_feed', '2001-02-01')");
  const defined = (name: string) =>
    pool.query(
      `select (select count(*)::int from pg_index where indrelid = $1::regclass) as indexes,
        (select count(*)::int from pg_constraint where conrelid = $1::regclass and contype = 'f') as keys`,
      [name],
    );
  expect((await defined('activity_feed_2001_02')).rows).toEqual((await defined('activity_feed_default')).rows);
});

test('a month with rows whose room is deleted loses them', async () => {
  const { rows } = await pool.query(
    `with owner as (insert into users (kind, username, display_name) values ('guest', 'ada', 'Ada') returning id)
     insert into coding_sessions (name, owner_id, room_code) select 'r', id, 'ABCDEF' from owner returning id`,
  );
  await pool.query("insert into activity_feed (type, session_id, created_at) values ('t', $1, '2001-02-03')", [
    rows[0].id,
  ]);
  await pool.query("select ensure_month_partition('activity_feed', '2001-02-01')");
  await pool.query('delete from coding_sessions');
  expect(await rowsIn('activity_feed')).toEqual({});
});

test('drop_old_partitions drops whole months that ended before, and only those', async () => {
  const { rows } = await pool.query(
    `select ensure_month_partition('activity_feed', (now() - n * interval '1 month')::date) as name from generate_series(1, 5) n`,
  );
  const past = rows.map(({ name }) => name as string);
  await put('2001-02-03');
  const kept = await partitionsOf('activity_feed');
  const dropped = await pool.query("select drop_old_partitions('activity_feed', interval '2 months 15 days') as n");
  const left = await partitionsOf('activity_feed');
  const gone = kept.filter((name) => !left.includes(name));
  expect(gone).toHaveLength(dropped.rows[0].n);
  // Month n ended n - 1 months ago and some days: the fourth and fifth are surely older, the first two surely not.
  expect(gone).toEqual(expect.arrayContaining([past[3], past[4]]));
  expect(left).toEqual(expect.arrayContaining([past[0], past[1], 'activity_feed_default']));
  expect(await rowsIn('activity_feed')).toEqual({ activity_feed_default: 1 });
});
