// How statements reach PostgreSQL: held back and sent together, gathered, and on the connection that edits have.
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { sql } from 'kysely';
import { insertion } from '../../src/db/fixed-statement.ts';
import { gather } from '../../src/db/gather.ts';
import { type Database, openDatabase } from '../../src/db/open.ts';
import { ahead, aheadFor, together } from '../../src/db/pipeline.ts';
import { silentLog } from '../../src/observe/log.ts';
import { type DatabaseProxy, databaseProxy } from '../support/database-proxy.ts';
import { freshDatabase, type TestDatabase } from '../support/db.ts';
import { until } from '../support/until.ts';

let database: TestDatabase;
let proxy: DatabaseProxy;
let opened: Database;

beforeAll(async () => {
  database = await freshDatabase();
  await database.query('create table notes (n int primary key); grant all on notes to public');
  proxy = await databaseProxy(database.url);
  opened = await openDatabase({ databaseUrl: proxy.url, dataDir: '/nowhere', poolSize: 2, log: silentLog });
});
afterAll(async () => {
  await opened.close();
  await proxy.close();
  await database.drop();
});

const transaction = () => opened.kysely.transaction();
const note = (n: number) => sql`insert into notes values (${n})`;
const notes = async (): Promise<number[]> =>
  (await sql<{ n: number }>`select n from notes order by n`.execute(opened.kysely)).rows.map(({ n }) => n);

describe('in a transaction', () => {
  test('what nobody waits for goes with the next statement, in its order, and with the commit', async () => {
    await transaction().execute(async (trx) => {
      await ahead(trx, note(1));
      await ahead(trx, note(2));
      const { rows } = await sql<{ n: number }>`select n from notes order by n`.execute(trx);
      expect(rows).toEqual([{ n: 1 }, { n: 2 }]);
      await ahead(trx, note(3));
    });
    expect(await notes()).toEqual([1, 2, 3]);
  });

  test('several at once answer each with its own rows', async () => {
    const answers = await transaction().execute((trx) =>
      together(trx, [sql<{ a: number }>`select 1 as a`, sql<{ b: string }>`select 'x' as b`]),
    );
    expect(answers).toEqual([[{ a: 1 }], [{ b: 'x' }]]);
  });

  test('the rows of one that went with the commit are there after it', async () => {
    const made = await transaction().execute(async (trx) => {
      const rows = await aheadFor(trx, sql<{ n: number }>`insert into notes values (4) returning n`);
      await ahead(trx, sql`delete from notes where n = 4`);
      expect(rows()).toEqual([]);
      return rows;
    });
    expect(made()).toEqual([{ n: 4 }]);
    const failing = transaction().execute((trx) => aheadFor(trx, note(1)));
    await expect(failing).rejects.toMatchObject({ code: '23505' });
  });

  test('rows are inserted by a text that is made once, what they lack is null', async () => {
    const events = insertion('security_events', ['type', 'severity', 'data', 'ip_address'], ['type', 'ip_address']);
    const event = (type: string) => ({ type, severity: 'low' as const, data: '{}' });
    const two = events<object>([event('a'), { ...event('b'), ip_address: '::1' }]);
    expect(two.compile().sql).toBe(
      'insert into "security_events" ("type", "severity", "data", "ip_address") values ($1, $2, $3, $4), ($5, $6, $7, $8) returning "type", "ip_address"',
    );
    const [rows] = await opened.system.transaction().execute((trx) => together(trx, [two]));
    expect(rows).toEqual([
      { type: 'a', ip_address: null },
      { type: 'b', ip_address: '::1' },
    ]);
  });

  test('the failure of one that was held is that of the next, or of the commit, and nothing is kept', async () => {
    const failing = transaction().execute(async (trx) => {
      await ahead(trx, note(10));
      await ahead(trx, note(1));
      await sql`select 1`.execute(trx);
    });
    await expect(failing).rejects.toMatchObject({ code: '23505' });
    const atCommit = transaction().execute(async (trx) => {
      await ahead(trx, note(11));
      await ahead(trx, note(1));
    });
    await expect(atCommit).rejects.toMatchObject({ code: '23505' });
    expect(await notes()).toEqual([1, 2, 3]);
  });

  test('of several that fail the first is told', async () => {
    const failing = transaction().execute((trx) => together(trx, [note(1), sql`select nothing from nowhere`]));
    await expect(failing).rejects.toMatchObject({ code: '23505' });
  });

  test('a value that cannot be written fails before anything is sent, and nothing is kept', async () => {
    const endless: { self?: object } = {};
    endless.self = endless;
    const failing = transaction().execute(async (trx) => {
      await ahead(trx, note(13));
      await ahead(trx, sql`select ${endless}::jsonb`);
    });
    await expect(failing).rejects.toThrow(/circular/);
    expect(await notes()).toEqual([1, 2, 3]);
  });

  test('what was not reached because of a failure is prepared when it is wanted again', async () => {
    const twice = sql<{ two: number }>`select ${2}::int as two`;
    const failing = transaction().execute((trx) => together(trx, [note(1), twice]));
    await expect(failing).rejects.toMatchObject({ code: '23505' });
    const all = await Promise.all([1, 2].map(() => transaction().execute((trx) => together(trx, [twice, twice]))));
    expect(all).toEqual([1, 2].map(() => [[{ two: 2 }], [{ two: 2 }]]));
  });

  test('a plan that no longer fits the table fails once', async () => {
    const all = sql<object>`select * from notes where n = ${1}`;
    expect((await all.execute(opened.kysely)).rows).toEqual([{ n: 1 }]);
    await database.query('alter table notes add column word text');
    const answers = await Promise.allSettled([1, 2, 3, 4].map(() => all.execute(opened.kysely)));
    expect(answers.map(({ status }) => status)).toContain('rejected');
    expect((await all.execute(opened.kysely)).rows).toEqual([{ n: 1, word: null }]);
    await database.query('alter table notes drop column word');
  });

  test('changed rows are counted', async () => {
    const none = await sql`update notes set n = 0 where n = ${-1}`.execute(opened.kysely);
    expect(none.numAffectedRows).toBe(0n);
    expect((await note(14).execute(opened.kysely)).numAffectedRows).toBe(1n);
    await sql`delete from notes where n = 14`.execute(opened.kysely);
  });

  test('what has failed inside cannot be committed', async () => {
    const swallowing = transaction().execute(async (trx) => {
      await sql`select 1 / 0`.execute(trx).catch(() => undefined);
    });
    await expect(swallowing).rejects.toThrow('rolled back instead of committed');
  });

  test('one that is given up before anything was sent leaves the connection clean', async () => {
    const given = transaction().execute(async (trx) => {
      await ahead(trx, note(12));
      throw new Error('given up');
    });
    await expect(given).rejects.toThrow('given up');
    // As many as there are connections, at the same time.
    await Promise.all(
      [20, 21, 22, 23].map((n) => transaction().execute(async (trx) => void (await note(n).execute(trx)))),
    );
    expect(await notes()).toEqual([1, 2, 3, 20, 21, 22, 23]);
  });
});

describe('gathered', () => {
  test('what comes together is one statement; what comes meanwhile the next', async () => {
    const batches: number[][] = [];
    const { promise, resolve } = Promise.withResolvers<void>();
    const double = gather(async (keys: readonly number[]) => {
      batches.push([...keys]);
      await promise;
      return keys.map((key) => 2 * key);
    });
    const first = [double(1), double(2)];
    await until(() => batches.length === 1);
    const later = [double(3), double(4)];
    resolve();
    expect(await Promise.all([...first, ...later])).toEqual([2, 4, 6, 8]);
    expect(batches).toEqual([
      [1, 2],
      [3, 4],
    ]);
  });

  describe('by the clock', () => {
    beforeAll(() => void jest.useFakeTimers());
    afterAll(() => void jest.useRealTimers());

    test('a crowd that comes one by one shares statements all the same, and one alone waits for nothing', async () => {
      const batches: number[] = [];
      const same = gather(async (keys: readonly number[]) => {
        batches.push(keys.length);
        await new Promise((resolve) => setTimeout(resolve, 1));
        return keys;
      });
      const crowd = [];
      for (let key = 0; key < 100; key++) {
        crowd.push(same(key));
        await jest.advanceTimersByTimeAsync(1);
      }
      await jest.advanceTimersByTimeAsync(100);
      expect(await Promise.all(crowd)).toEqual(crowd.map((_, key) => key));
      expect(batches.length).toBeLessThan(25);

      const began = batches.length;
      const alone = same(7);
      await jest.advanceTimersByTimeAsync(1);
      expect(batches.slice(began)).toEqual([1]);
      await jest.advanceTimersByTimeAsync(1);
      expect(await alone).toBe(7);
    });
  });

  test('one that fails is alone in it', async () => {
    const half = gather(async (keys: readonly number[]) => {
      if (keys.some((key) => key % 2 === 1)) throw new Error('odd');
      return keys.map((key) => key / 2);
    });
    const outcomes = await Promise.allSettled([half(2), half(3), half(4)]);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  });
});

describe('on the connection for look-ups', () => {
  const own = { name: 'own', text: 'select pg_backend_pid() as pid where $1' };
  const pidOf = async (): Promise<number | undefined> => (await opened.lookUp<{ pid: number }>(own, [true]))[0]?.pid;

  test('what comes at once is answered each with its own rows, a refusal is its own', async () => {
    const wrong = { name: 'wrong', text: 'select 1 / $1::int as x' };
    const [one, two, none] = await Promise.allSettled([
      pidOf(),
      opened.lookUp(wrong, [0]),
      opened.lookUp(own, [false]),
    ]);
    expect(two).toMatchObject({ status: 'rejected', reason: { code: '22012' } });
    expect(none).toEqual({ status: 'fulfilled', value: [] });
    expect(await pidOf()).toBe((one as { value?: number }).value);
  });

  test('one that is lost is replaced by another', async () => {
    const before = await pidOf();
    await database.query('select pg_terminate_backend($1)', [before]);
    const after = await until(() => pidOf().catch(() => undefined), { what: 'a new connection' });
    expect(after).not.toBe(before);
  });
});

describe('on the connection for edits', () => {
  const append = { name: 'note', text: 'insert into notes values ($1)' };

  test('a refusal is told, and the connection goes on with its plan', async () => {
    await opened.straight(append, [30]);
    await expect(opened.straight(append, [30])).rejects.toMatchObject({ code: '23505' });
    await opened.straight(append, [31]);
    expect(await notes()).toEqual(expect.arrayContaining([30, 31]));
  });

  test('one that is lost is replaced by another', async () => {
    await proxy.cut();
    await expect(opened.straight(append, [40])).rejects.toThrow();
    await proxy.mend();
    const isBack = async () => {
      try {
        await opened.straight(append, [41]);
        return true;
      } catch {
        return false;
      }
    };
    await until(isBack, { what: 'a new connection' });
    expect(await notes()).toContain(41);
    expect(await notes()).not.toContain(40);
  });
});
