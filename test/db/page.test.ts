// Keyset pages: every row once, whatever is written meanwhile; and cursors that are not ours.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { type Kysely, sql } from 'kysely';
import { openDatabase } from '../../src/db/open.ts';
import { pageOf } from '../../src/db/page.ts';
import type { Tables } from '../../src/db/tables.ts';
import { silentLog } from '../../src/observe/log.ts';
import { freshDatabase, type TestDatabase } from '../support/db.ts';

let database: TestDatabase;
let kysely: Kysely<Tables>;
let close: () => Promise<void>;

beforeAll(async () => {
  database = await freshDatabase();
  const opened = await openDatabase({ databaseUrl: database.url, dataDir: '', poolSize: 2, log: silentLog });
  ({ kysely } = opened);
  close = () => opened.close();
});
beforeEach(async () => {
  await kysely.deleteFrom('audit_logs').execute();
});
afterAll(async () => {
  await close();
  await database.drop();
});

const write = (action: string, at: string, id = randomUUID()) =>
  kysely.insertInto('audit_logs').values({ id, action, created_at: at }).execute();

const logs = () => kysely.selectFrom('audit_logs as log').select(['log.action', 'log.id']);
const KEY = { time: 'log.created_at', id: 'log.id' };

async function read(limit: number, between: () => Promise<unknown> = async () => undefined): Promise<string[][]> {
  const pages: string[][] = [];
  for (let cursor: string | null | undefined; cursor !== null; await between()) {
    const page = await pageOf({ limit, cursor }).fetch(logs(), KEY);
    pages.push(page.items.map(({ action }) => action));
    cursor = page.nextCursor;
  }
  return pages;
}

test('the newest first, the last page without a cursor', async () => {
  for (const day of [1, 2, 3, 4, 5]) await write(`day ${day}`, `2030-01-0${day}`);
  expect(await read(2)).toEqual([['day 5', 'day 4'], ['day 3', 'day 2'], ['day 1']]);
  expect(await read(5)).toEqual([['day 5', 'day 4', 'day 3', 'day 2', 'day 1']]);
});

test('an empty list is one empty page', async () => {
  expect(await read(10)).toEqual([[]]);
});

test('rows of the same microsecond, and of neighbouring ones, come once each', async () => {
  const times = ['2030-01-01 00:00:00.000001', '2030-01-01 00:00:00.000002', '2030-01-01 00:00:00.000002'];
  const names = Array.from({ length: 12 }, (_, at) => `row ${at}`);
  for (const [at, name] of names.entries()) await write(name, `${times[at % 3]}+00`);
  for (const limit of [1, 2, 5, 11, 12]) expect((await read(limit)).flat().sort()).toEqual([...names].sort());
});

test('what is written or deleted in between moves nothing else', async () => {
  for (const day of [1, 2, 3, 4, 5, 6]) await write(`day ${day}`, `2030-01-0${day}`);
  const pages = await read(2, async () => {
    await write('newer', '2030-02-01');
    await kysely.deleteFrom('audit_logs').where('action', 'in', ['day 5']).execute();
  });
  expect(pages).toEqual([
    ['day 6', 'day 5'],
    ['day 4', 'day 3'],
    ['day 2', 'day 1'],
  ]);
});

test('an index gives the page, nothing is sorted', async () => {
  const roomId = randomUUID();
  const { nextCursor } = { nextCursor: Buffer.from(`1893456000000000.${randomUUID()}`).toString('base64url') };
  const plan = await kysely.transaction().execute(async (trx) => {
    await sql`set local enable_seqscan = off`.execute(trx);
    const lines: string[] = [];
    const explaining = trx.selectFrom('code_executions as run').select('run.id').where('run.session_id', '=', roomId);
    // `fetch` runs the query itself: this one is asked for its plan in its place.
    const explained = new Proxy(explaining, explainInstead(lines));
    await pageOf({ limit: 10, cursor: nextCursor }).fetch(explained, { time: 'run.created_at', id: 'run.id' });
    return lines.join('\n');
  });
  expect(plan).toContain('code_executions_session_idx');
  expect(plan).not.toContain('Sort');
});

function explainInstead(lines: string[]): ProxyHandler<any> {
  return {
    get(query, name) {
      if (name === 'execute') {
        return async () => {
          for (const row of await query.explain('text')) lines.push(row['QUERY PLAN']);
          return [];
        };
      }
      const member = query[name];
      if (typeof member !== 'function') return member;
      return (...args: unknown[]) => {
        const next = member.apply(query, args);
        return next?.constructor === query.constructor ? new Proxy(next, explainInstead(lines)) : next;
      };
    },
  };
}

const encode = (text: string): string => Buffer.from(text).toString('base64url');
const ID = '01890000-0000-7000-8000-000000000000';

test.each([
  ['nothing', ''],
  ['not base64', '%%%%'],
  ['another text', encode('hello')],
  ['SQL', encode(`1') or 1=1 --.${ID}`)],
  ['an id that is none', encode('1.01890000')],
  ['a negative time', encode(`-1.${ID}`)],
  ['a time out of range', encode(`999999999999999999.${ID}`)],
  ['a line behind it', encode(`1.${ID}\n`)],
  ['more behind it', encode(`1.${ID}.1`)],
  ['a null character', encode(`1\0.${ID}`)],
  ['a long one', 'A'.repeat(512)],
])('a cursor that is not ours is refused: %s', (_what, cursor) => {
  expect(() => pageOf({ limit: 1, cursor })).toThrow(
    expect.objectContaining({ code: 'invalid_input', details: { path: 'cursor' } }),
  );
});

test('one that could be ours, but for the time, gives a page and no error', async () => {
  await write('here', '2030-01-01');
  for (const time of ['0', '99999999999999999']) {
    const page = await pageOf({ limit: 1, cursor: encode(`${time}.${ID}`) }).fetch(logs(), KEY);
    expect(page.items).toHaveLength(time === '0' ? 0 : 1);
  }
});
