// Keyset pages: every row once, in order, whatever the times are; and cursors that somebody made up.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import { type Page, pageOf } from '../../src/db/page.ts';
import { AppError } from '../../src/protocol/errors.ts';
import { freshDatabase, type TestDatabase } from '../support/db.ts';
import { seededRandom } from '../support/random.ts';

interface ThingsTable {
  id: string;
  created_at: Date | string;
  name: string;
}

let database: TestDatabase;
let pool: pg.Pool;
let db: Kysely<{ things: ThingsTable }>;

beforeAll(async () => {
  database = await freshDatabase({ empty: true });
  pool = new pg.Pool({ connectionString: database.url, max: 2 });
  db = new Kysely({ dialect: new PostgresDialect({ pool }) });
  await pool.query('create table things (id uuid primary key, created_at timestamptz not null, name text not null)');
});
beforeEach(() => pool.query('truncate things'));
afterAll(async () => {
  await db.destroy();
  await database.drop();
});

const idOf = (n: number): string => `00000000-0000-4000-8000-${n.toString(16).padStart(12, '0')}`;

async function put(...times: string[]): Promise<void> {
  const values = times.map((created_at, at) => ({ id: idOf(at), created_at, name: `n${at}` }));
  await db.insertInto('things').values(values).execute();
}

function page(limit: number, cursor?: string): Promise<Page<{ id: string }>> {
  const query = db.selectFrom('things').select(['things.id']);
  return pageOf({ limit, cursor }).fetch(query, { time: 'things.created_at', id: 'things.id' });
}

/** All ids, page by page; `between` runs after every page. */
async function walk(limit: number, between: () => Promise<unknown> = async () => undefined): Promise<string[]> {
  const ids: string[] = [];
  for (let cursor: string | undefined; ; ) {
    const { items, nextCursor } = await page(limit, cursor);
    expect(items.length).toBeLessThanOrEqual(limit);
    ids.push(...items.map(({ id }) => id));
    if (nextCursor === null) return ids;
    expect(items).toHaveLength(limit);
    await between();
    cursor = nextCursor;
  }
}

async function newestFirst(): Promise<string[]> {
  const { rows } = await pool.query('select id from things order by created_at desc, id desc');
  return rows.map(({ id }) => id);
}

describe('pages', () => {
  test('of nothing', async () => {
    expect(await page(10)).toEqual({ items: [], nextCursor: null });
  });

  test.each([1, 2, 3, 7, 24, 25, 26])('of %d, with times that are equal', async (limit) => {
    const seconds = seededRandom(limit);
    await put(...Array.from({ length: 25 }, () => `2026-03-01T00:00:0${seconds.below(3)}Z`));
    expect(await walk(limit)).toEqual(await newestFirst());
  });

  test('a full last page has no cursor', async () => {
    await put('2026-01-01', '2026-01-02');
    expect(await page(2)).toMatchObject({ nextCursor: null });
  });

  test('tell microseconds apart, which a Date would not', async () => {
    await put(...Array.from({ length: 9 }, (_, n) => `2026-03-01T00:00:00.00000${n}Z`));
    expect(await walk(2)).toEqual(await newestFirst());
  });

  test('go back before 1970', async () => {
    await put('1969-12-31T23:59:59.5Z', '1815-12-10', '1970-01-01', '2026-01-01');
    expect(await walk(1)).toEqual(await newestFirst());
  });

  test('neither repeat nor lose a row when newer ones arrive and some go', async () => {
    await put(...Array.from({ length: 12 }, () => '2026-03-01'));
    const before = await newestFirst();
    let added = 100;
    const ids = await walk(3, async () => {
      await db
        .insertInto('things')
        .values({ id: idOf(++added), created_at: '2026-04-01', name: 'new' })
        .execute();
      await pool.query('delete from things where id = $1', [before[0]]);
    });
    expect(ids).toEqual(before);
  });

  test('hold the columns that were asked for', async () => {
    await put('2026-01-01', '2026-01-02');
    const query = db.selectFrom('things').select(['things.name']);
    const { items } = await pageOf({ limit: 1 }).fetch(query, { time: 'things.created_at', id: 'things.id' });
    expect(items).toMatchObject([{ name: 'n1' }]);
  });
});

describe('cursors', () => {
  const of = (text: string): string => Buffer.from(text).toString('base64url');

  test.each([
    ['nothing', ''],
    ['a word', 'abc'],
    ['not base64', '\u0000\u{1f600} \n'],
    ['a number alone', of('1')],
    ['no number', of(`x.${idOf(1)}`)],
    ['a negative exponent', of(`1e-3.${idOf(1)}`)],
    ['a number of 18 digits', of(`123456789012345678.${idOf(1)}`)],
    ['a time that no timestamp holds', of(`99999999999999999999.${idOf(1)}`)],
    ['SQL', of(`1.${idOf(1)}' or true --`)],
    ['SQL in front', of(`1); drop table things --.${idOf(1)}`)],
    ['an id that is too short', of('1.00000000-0000-4000-8000-00000000000')],
    ['an id that is none', of('1.zzzzzzzz-0000-4000-8000-000000000000')],
    ['a line behind', of(`1.${idOf(1)}\n`)],
    ['a very long text', 'A'.repeat(1_000_000)],
  ])('%s: invalid_input', (_what, cursor) => {
    const refused = expect.objectContaining({ code: 'invalid_input', details: { path: 'cursor' } });
    expect(() => pageOf({ limit: 1, cursor })).toThrow(refused as never);
    expect(() => pageOf({ limit: 1, cursor })).toThrow(AppError);
  });

  test.each([
    ['the first moment', of(`0.${idOf(1)}`)],
    ['the largest number that is let in', of(`99999999999999999.${idOf(1)}`)],
    ['a row that is gone', of(`1767225600000000.${idOf(77)}`)],
  ])('%s: a page', async (_what, cursor) => {
    await put('2026-01-01');
    expect((await page(10, cursor)).items.length).toBeLessThanOrEqual(1);
  });
});
