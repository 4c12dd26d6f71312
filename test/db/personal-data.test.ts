// The list of what points to a person, held against the schema: a new table or column cannot be forgotten, neither in an
// export nor in an erasure.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Database, openDatabase } from '../../src/db/open.ts';
import { eraseRows, exportRows, PERSONAL_COLUMNS } from '../../src/db/personal-data.ts';
import { actAs } from '../../src/db/role.ts';
import { silentLog } from '../../src/observe/log.ts';
import { freshDatabase, type TestDatabase } from '../support/db.ts';

let fresh: TestDatabase;
let database: Database;

beforeAll(async () => {
  fresh = await freshDatabase();
  database = await openDatabase({ databaseUrl: fresh.url, dataDir: '', poolSize: 2, log: silentLog });
  // What is filled below is not a world, only rows: checks and keys would want one.
  const { rows } = await fresh.query(`select conrelid::regclass as table, conname as name from pg_constraint
    where contype = 'c' and connamespace = 'public'::regnamespace and coninhcount = 0`);
  for (const { table, name } of rows) await fresh.query(`alter table ${table} drop constraint "${name}"`);
});
afterAll(async () => {
  await database.close();
  await fresh.drop();
});

/** Columns that point to `users`, by a key or by their name, of tables and not of their partitions. */
const POINTERS = `
  select c.relname as table, a.attname as column, a.attnotnull as required
  from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
  where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
    and a.atttypid = 'uuid'::regtype and (
      a.attname in ('user_id', 'actor_id', 'sender_id', 'owner_id', 'author_id', 'bot_owner_id') or a.attname like '%_by'
      or exists (select from pg_constraint k where k.conrelid = c.oid and k.contype = 'f'
        and k.confrelid = 'users'::regclass and a.attnum = any (k.conkey)))
  order by 1, 2`;

const nameOf = ({ table, column }: { table: string; column: string }): string => `${table}.${column}`;

async function pointers(): Promise<{ table: string; column: string }[]> {
  return (await fresh.query(POINTERS)).rows;
}

test('every column that points to a person is in the list, and nothing else', async () => {
  const listed = PERSONAL_COLUMNS.filter(({ column }) => column !== 'id').map(nameOf);
  expect(listed.sort()).toEqual((await pointers()).map(nameOf));
});

/** A row in every table with a personal column, for each of them, with keys that lead nowhere. */
async function fill(userId: string): Promise<void> {
  await fresh.query('set session_replication_role = replica');
  for (const { table, column } of PERSONAL_COLUMNS) {
    if (table === 'users') continue;
    const { rows } = await fresh.query(
      `select attname as name, format_type(atttypid, null) as type from pg_attribute
       where attrelid = $1::regclass and attnum > 0 and attnotnull and not atthasdef and attidentity = ''`,
      [table],
    );
    const values = new Map<string, unknown>(rows.map(({ name, type }) => [name, sampleOf(type)]));
    // Rules for everybody, in no room: there is one of these.
    if (table === 'permissions') values.set('session_id', crypto.randomUUID());
    values.set(column, userId);
    // A room has one rule that is for everybody.
    if (table === 'permissions') values.set('session_id', crypto.randomUUID());
    const names = [...values.keys()];
    await fresh.query(
      `insert into ${table} (${names.join(', ')}) values (${names.map((_, at) => `$${at + 1}`).join(', ')})`,
      [...values.values()],
    );
  }
  await fresh.query('set session_replication_role = origin');
}

function sampleOf(type: string): unknown {
  switch (type) {
    case 'uuid':
      return crypto.randomUUID();
    case 'bytea':
      return Buffer.from(crypto.getRandomValues(new Uint8Array(32)));
    case 'jsonb':
      return '{}';
    case 'timestamp with time zone':
      return new Date();
    case 'inet':
      return '203.0.113.9';
    case 'text[]':
      return [];
    case 'text':
    case 'character varying':
      return `t${Math.random().toString(36).slice(2, 10)}`;
    case 'boolean':
      return true;
    default:
      return 1;
  }
}

async function person(name: string): Promise<string> {
  const { rows } = await fresh.query(
    `insert into users (kind, username, display_name) values ('guest', $1, $1) returning id`,
    [name],
  );
  await fill(rows[0].id);
  return rows[0].id;
}

async function exported(userId: string): Promise<{ text: string; rows: Record<string, Record<string, unknown>[]> }> {
  let text = '';
  await exportRows(database.system, [userId], async (json) => {
    text += json;
  });
  return { text, rows: JSON.parse(text) };
}

test('an export has every row of a person, none of another, and no secret', async () => {
  const [ada, bob] = [await person('ada'), await person('bob')];
  const { text, rows } = await exported(ada);
  const tables = [...new Set(PERSONAL_COLUMNS.map(({ table }) => table))];
  expect(Object.keys(rows).sort()).toEqual(tables.sort());
  for (const { table, column } of PERSONAL_COLUMNS) {
    const { rowCount } = await fresh.query(`select from ${table} where ${column} = $1`, [ada]);
    const found = rows[table]!.filter((row) => row[column] === ada);
    expect({ table, column, found: found.length }).toEqual({ table, column, found: rowCount });
    if (nameOf({ table, column }) !== 'users.bot_owner_id') expect(found.length).toBeGreaterThan(0);
  }
  expect(text).not.toContain(bob);
  const fields = new Set(Object.values(rows).flatMap((all) => all.flatMap((row) => Object.keys(row))));
  expect([...fields].filter((field) => /password|_hash|_encrypted|_index|_salt/.test(field))).toEqual([]);
  expect(fields.size).toBeGreaterThan(100);
});

test('an erasure leaves what others need and takes the rest, of that person only', async () => {
  const [ada, bob] = [await person('eve'), await person('zoe')];
  await database.kysely.transaction().execute(async (trx) => {
    await actAs(trx, ada);
    await eraseRows(trx, [ada]);
  });
  for (const { table, column, erase } of PERSONAL_COLUMNS.filter(({ table }) => table !== 'users')) {
    const count = async (userId: string) =>
      (await fresh.query(`select from ${table} where ${column} = $1`, [userId])).rowCount;
    expect({ table, column, left: (await count(ada)) !== 0 }).toEqual({ table, column, left: erase !== 'delete' });
    expect(await count(bob)).toBeGreaterThan(0);
  }
  for (const table of ['activity_feed', 'security_events']) {
    const { rows } = await fresh.query(`select ip_address from ${table} where user_id = $1`, [ada]);
    expect(rows.map(({ ip_address }) => ip_address)).toEqual([null]);
  }
});
