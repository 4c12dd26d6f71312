// SQL runs: what they give as tables and as text, where errors are, and that nothing is left of them.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Execution, RunRequest } from '../../src/execution/execution.ts';
import { TABLE_LIMITS } from '../../src/execution/tables.ts';
import { PRACTICE_TABLES } from '../../src/protocol/practice-data.ts';
import { until } from '../support/until.ts';
import { begin, openTestExecution, run } from './support.ts';

let execution: Execution;

beforeAll(() => {
  execution = openTestExecution();
});
afterAll(() => execution.close());

const query = (code: string, more: Partial<RunRequest> = {}) =>
  run(execution, { language: 'sql', entry: 'main.sql', files: { 'main.sql': code }, ...more });

describe('results', () => {
  test('[EX60] every run has the practice data, and nothing of the run before', async () => {
    const counts =
      'select (select count(*) from users), (select count(*) from products), (select count(*) from orders)';
    expect(
      (await query(`delete from orders; drop table orders; create table mine (a); ${counts.slice(0, 0)}`)).result
        .status,
    ).toBe('completed');
    const { result } = await query(`${counts};\nselect count(*) from mine`);
    expect(result.tables?.[0]?.rows).toEqual([[40, 24, 200]]);
    expect(result.error).toMatchObject({ message: 'no such table: mine; there are orders, products, users', line: 2 });
  });

  test('[EX60] the tables are those that the contract names', async () => {
    const { result } = await query(
      "select m.name as tbl, group_concat(c.name order by c.cid) as columns from sqlite_schema m, pragma_table_info(m.name) c where m.type = 'table' group by 1",
    );
    const found = result.tables?.[0]?.rows.map(([name, columns]) => [name, String(columns).split(',')]) ?? [];
    expect(Object.fromEntries(found)).toEqual(PRACTICE_TABLES);
  });

  test('[EX60] the practice data is the same each time and keeps its own rules', async () => {
    const { result } = await query(`
      select (select count(*) from users where city is null) > 0, (select count(*) from orders where shipped_at is null) > 0;
      select count(*) from users where id not in (select user_id from orders);
      select count(*) from orders where shipped_at < ordered_at or (shipped_at is null) <> (status in ('new', 'paid', 'cancelled'));
      select sum(quantity * price) from orders join products on products.id = product_id;
      pragma foreign_key_check;
      insert into orders values (1000, 999, 1, 1, 'new', '2025-01-01', null)`);
    const [nulls, idle, wrong, total, broken] = result.tables ?? [];
    expect([nulls?.rows, wrong?.rows, broken?.rows]).toEqual([[[1, 1]], [[0]], []]);
    expect(idle?.rows[0]?.[0]).toBeGreaterThan(2);
    expect(total?.rows).toEqual([[12295.45]]);
    expect(result.error?.message).toBe('FOREIGN KEY constraint failed');
  });

  test('[EX61] several statements: a table for each that has columns, with its line; the same as text', async () => {
    const { result, stdout, all } = await query(
      `-- the first\nselect id, name from users where id < 3;\nupdate products set stock = 1 where id < 4;\n\n/* none */ select name\nfrom products where 0;`,
    );
    expect(result.tables).toEqual([
      {
        columns: ['id', 'name'],
        rows: [
          [1, 'Ada Lovelace'],
          [2, 'Grace Hopper'],
        ],
        truncated: false,
        rowCount: 2,
        line: 2,
      },
      { columns: ['name'], rows: [], truncated: false, rowCount: 0, line: 5 },
    ]);
    expect(stdout).toBe(
      ' id | name\n----+--------------\n  1 | Ada Lovelace\n  2 | Grace Hopper\n(2 rows)\n\n name\n------\n(0 rows)\n',
    );
    expect(all).toContain('3 rows updated\n');
  });

  test('[EX61] values: large integers, reals, blobs, NULL, text with line breaks', async () => {
    const { result, stdout } = await query(
      `select 9007199254740991, 9007199254740993, -9223372036854775808, 0.1 + 0.2, 2.0, 9e999, x'00ff', zeroblob(100), null, 'a\nb', 'ü😀'`,
    );
    expect(result.tables?.[0]?.rows).toEqual([
      [
        9007199254740991,
        '9007199254740993',
        '-9223372036854775808',
        0.3,
        2,
        'Inf',
        "x'00ff'",
        `x'${'00'.repeat(32)}…' (100 bytes)`,
        null,
        'a\nb',
        'ü😀',
      ],
    ]);
    expect(stdout).toMatch(/\| +0\.3 \| 2\.0 \| +Inf \|/);
    expect(stdout).toMatch(/\| NULL \| a\\nb +\| ü😀\n/);
  });

  test('[EX65] arguments and variables are parameters', async () => {
    const code = 'select name from users where id = ?2; select ?1, :WHO, $WHO, @WHO, ?, :NOBODY';
    const { result } = await query(code, { args: ['x', '2'], env: { WHO: 'me' } });
    expect(result.tables?.map(({ rows }) => rows[0])).toEqual([['Grace Hopper'], ['x', 'me', 'me', 'me', null, null]]);
  });
});

describe('limits', () => {
  const numbers = (count: number): string =>
    `with recursive c(x) as (select 1 union all select x + 1 from c limit ${count}) select`;

  test('[EX62] rows above the limit are counted', async () => {
    const { result, stdout } = await query(`${numbers(5000)} x from c`);
    const [table] = result.tables ?? [];
    expect(table).toMatchObject({ truncated: true, rowCount: 5000 });
    expect([table?.rows.length, table?.rows.at(-1)]).toEqual([TABLE_LIMITS.rows, [TABLE_LIMITS.rows]]);
    expect(stdout).toMatch(/\n 1000\n\(5000 rows, the first 1000 of them shown\)\n$/);
  });

  test('[EX62] long cells, many columns, many tables, many bytes', async () => {
    const columns = Array.from({ length: 150 }, (_, index) => `${index} as c${index}`);
    const wide = await query(`select printf('%.*c', 5000, 'x'), printf('%.*c', 20, 'y'); select ${columns}`);
    const [cells, names] = wide.result.tables ?? [];
    expect(cells).toMatchObject({ truncated: true, rowCount: 1, rows: [[`${'x'.repeat(999)}…`, 'y'.repeat(20)]] });
    expect(names).toMatchObject({ truncated: true, rowCount: 1 });
    expect(names?.columns.length).toBe(TABLE_LIMITS.columns);
    const many = await query('select 1;'.repeat(60));
    expect(many.result.tables?.length).toBe(TABLE_LIMITS.tables);
    expect(many.all).toContain('[only the first 50 results are shown as tables]');
    const large = await query(`${numbers(900)} printf('%.*c', 400, char(0xe9)) from c; select 'after'`);
    expect(Buffer.byteLength(JSON.stringify(large.result.tables))).toBeLessThanOrEqual(TABLE_LIMITS.bytes);
    expect(large.result).toMatchObject({ status: 'completed', tables: [{ truncated: true, rowCount: 900 }, {}] });
    expect(large.stdout).toMatch(/\(900 rows, the first \d+ of them shown\)/);
  });

  test('[EX66] a query without end is stopped; what there was is shown', async () => {
    const code = `select 'before';\n${numbers(-1)} x from c`;
    const { result, stdout } = await query(code, { limits: { cpuMs: 600 } });
    expect(result).toMatchObject({ status: 'timeout', tables: [{ rows: [['before']] }, { truncated: true }] });
    expect(result.tables?.[1]?.rows.length).toBe(TABLE_LIMITS.rows);
    expect(stdout).toContain('\n 1000\n');
  });

  test.each([
    ['one large value', 'select length(randomblob(900000000))'],
    ['rows in memory', `create table t as ${numbers(-1)} randomblob(100000) from c`],
    [
      'a growing text',
      "with recursive c(x) as (select 'xxxxxxxx' union all select x || x from c) select max(length(x)) from c",
    ],
    ['a file in its memory', `attach '/tmp/x.db' as z; create table z.t as ${numbers(-1)} randomblob(100000) from c`],
  ])('[EX66] memory: %s', async (_, code) => {
    const { result } = await query(code, { limits: { wallMs: 10_000, cpuMs: 10_000 } });
    expect(result).toMatchObject({ status: 'failed', error: { kind: 'memory' } });
    expect(result.memoryBytes).toBeLessThan(300 * 1024 * 1024);
    expect((await query('select 1')).result.status).toBe('completed');
  });

  test('[EX18] a statement that runs is cancelled', async () => {
    const started = begin(execution, {
      language: 'sql',
      entry: 'a.sql',
      files: { 'a.sql': `select 'first'; ${numbers(-1)} count(*) from c` },
    });
    await until(() => started.events.some((event) => event.type === 'output'));
    execution.cancel(started.id, 'enough');
    expect(await started.told).toMatchObject({
      result: { status: 'cancelled', error: { message: 'enough' } },
      stdout: expect.stringContaining('first'),
    });
  });
});

describe('errors', () => {
  test.each([
    [
      'select 1;\nselect *\nfrom userz;',
      { kind: 'exception', line: 3, column: 6, message: /^no such table: userz; there are orders, products, users$/ },
    ],
    ["select 'nme', nme from users", { kind: 'exception', line: 1, column: 15, message: /^no such column: nme$/ }],
    ['select u.nme from users u', { kind: 'exception', line: 1, column: 10, message: /no such column: u\.nme/ }],
    [
      'select id from users join orders',
      { kind: 'exception', line: 1, column: 8, message: /ambiguous column name: id/ },
    ],
    [
      '\n select from_x as "from",\n   1 as from users from',
      { kind: 'syntax', line: 3, column: 9, message: /^near "from": syntax error$/ },
    ],
    ['select 1;\nselct 2', { kind: 'syntax', line: 2, column: 1, message: /^near "selct": syntax error$/ }],
    ["select 'open", { kind: 'syntax', line: 1, column: 8, message: /^unrecognized token: "'open"$/ }],
    ['select nofun(1)', { kind: 'exception', line: 1, column: 8, message: /^no such function: nofun$/ }],
    ['select substr() from users', { kind: 'exception', line: 1, column: 8, message: /wrong number of arguments/ }],
    [
      '-- a\n\n  insert into users values (1, 2)',
      { kind: 'exception', line: 3, column: 3, message: /has 6 columns but 2 values/ },
    ],
    [
      "insert into products values (1, 'x', 'y', 1, 1)",
      { kind: 'exception', line: 1, column: 1, message: /UNIQUE constraint failed/ },
    ],
    ['select 1; select', { kind: 'syntax', line: 1, column: 11, message: /incomplete input/ }],
    ['select 1;\n\0', { kind: 'syntax', line: 2, column: 1, message: /code 0/ }],
    ['.quit', { kind: 'syntax', line: 1, column: 1, message: /^\.quit is not available here, only \.read/ }],
    ["select load_extension('x')", { kind: 'exception', line: 1, column: 8, message: /no such function/ }],
  ])('[EX63] %j', async (code, { message, ...place }) => {
    const { result } = await query(code);
    expect(result).toMatchObject({ status: 'failed', error: { file: 'main.sql', ...place } });
    expect(result.error?.message).toMatch(message);
  });
});

describe('commands of the shell', () => {
  test('[EX64] .read runs files from beside the reader and from the root; its errors name the other file', async () => {
    const files = {
      'a/main.sql':
        "create table t (x);\n.read part.sql\n  select '.read no.sql\n.read no.sql';\n.read 'b/more.sql'\nselect x from t",
      'a/part.sql': 'insert into t values (1);\n-- none;\n',
      'b/more.sql': 'insert into t values (2);\n.read broken.sql',
      'b/broken.sql': '\nselect 5;\nselect y from t;',
    };
    const { result } = await run(execution, { language: 'sql', entry: 'a/main.sql', files });
    expect(result.tables?.map(({ rows, line }) => [rows, line])).toEqual([
      [[['.read no.sql\n.read no.sql']], 3],
      [[[5]], undefined],
    ]);
    expect(result.error).toMatchObject({ file: 'b/broken.sql', line: 3, column: 8, message: 'no such column: y' });
  });

  test('[EX64] a file that reads itself ends, one that is not there says so', async () => {
    expect((await query('.read main.sql')).result.error).toMatchObject({
      message: expect.stringContaining('too deeply'),
    });
    expect((await query('select 1;\n.read ../etc/passwd')).result.error).toMatchObject({
      line: 2,
      message: "cannot read '../etc/passwd': this room has no such file",
    });
  });

  test('[EX64] .tables and .schema', async () => {
    const { result } = await query('create view v as select 1;\n.tables\n.schema Users');
    expect(result.tables?.map(({ rows, line }) => [rows.length, line])).toEqual([
      [4, 2],
      [1, 3],
    ]);
    expect(result.tables?.[1]?.rows[0]?.[0]).toMatch(/^CREATE TABLE users \(/);
  });
});
