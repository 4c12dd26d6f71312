// What becomes of transactions when statements, answers or connections fail in the middle of what was sent together.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Kysely, sql } from 'kysely';
import type pg from 'pg';
import { NameReader } from '../../src/db/names.ts';
import { ahead, PipelineDialect, together } from '../../src/db/pipeline.ts';
import { openPool } from '../../src/db/pool.ts';
import type { Tables } from '../../src/db/tables.ts';
import { silentLog } from '../../src/observe/log.ts';
import { type DatabaseProxy, databaseProxy } from '../support/database-proxy.ts';
import { freshDatabase, type TestDatabase } from '../support/db.ts';
import { until } from '../support/until.ts';

/** Of the advisory lock that a statement waits for as long as the test likes. */
const LOCK = 7;
const INT4 = 23;
/** Codes of what a command answers with `unavailable`. */
const LOST = /^(57P01|08006|ECONNRESET|EPIPE)$/;

let database: TestDatabase;
let proxy: DatabaseProxy;
let pool: pg.Pool;
let db: Kysely<Tables>;

beforeAll(async () => {
  database = await freshDatabase({ empty: true });
  await database.query(`create table notes (n int primary key);
    create table slow (n int);
    create function wait() returns trigger language plpgsql as
      $$ begin perform pg_advisory_xact_lock(${LOCK}); return null; end $$;
    create constraint trigger t after insert on slow deferrable initially deferred for each row execute function wait()`);
  proxy = await databaseProxy(database.url);
});
afterAll(async () => {
  await proxy.close();
  await database.drop();
});

function open(size: number, url = database.url, options: object = {}): void {
  pool = openPool({ url: () => url, size, log: silentLog, pipeline: true });
  Object.assign(pool.options, options);
  db = new Kysely<Tables>({ dialect: new PipelineDialect(pool, new NameReader()) });
}
beforeEach(() => open(1));
afterEach(async () => {
  await pool.end();
  await database.query('truncate notes, slow');
});

const note = (n: number) => sql`insert into notes values (${n})`;
const waiting = sql`select pg_advisory_xact_lock(${LOCK})`;
const notes = async (): Promise<number[]> =>
  (await database.query<{ n: number }>('select n from notes order by n')).rows.map(({ n }) => n);
const transaction = (...queries: Parameters<typeof together>[1]) =>
  db.transaction().execute((trx) => together(trx, queries));
const one = async () => (await sql<{ one: number }>`select 1 as one`.execute(db)).rows;

async function whileLocked<T>(act: () => Promise<T>): Promise<T> {
  await database.query('select pg_advisory_lock($1)', [LOCK]);
  try {
    return await act();
  } finally {
    await database.query('select pg_advisory_unlock($1)', [LOCK]);
  }
}

/** The backend that waits for the lock. */
const waitingBackend = (): Promise<number> =>
  until(async () => {
    const { rows } = await database.query<{ pid: number }>(
      `select pid from pg_locks where locktype = 'advisory' and not granted and objid = $1`,
      [LOCK],
    );
    return rows[0]?.pid;
  }) as Promise<number>;

test('a connection that goes while its pool is being ended is no loss; one that goes before is told', async () => {
  const told: string[] = [];
  const log = { ...silentLog, warn: (_fields: object, message: string) => void told.push(message) };
  const own = openPool({ url: () => database.url, size: 1, log });
  await own.query('select 1');
  own.emit('error', new Error('terminating connection'), {} as pg.PoolClient);
  expect(told).toEqual(['a database connection was lost']);
  const ended = own.end();
  own.emit('error', new Error('terminating connection'), {} as pg.PoolClient);
  await ended;
  expect(told.length).toBe(1);
});

describe('a statement that fails', () => {
  test.each([
    ['when it is parsed', () => sql`selec 1`, '42601'],
    ['when its values are read', () => sql`select ${'x'}::int`, '22P02'],
    ['when it is run', () => sql`select 1 / 0`, '22012'],
  ])('%s takes those before and after it with it, and the connection goes on', async (_when, wrong, code) => {
    await expect(transaction(note(1), wrong(), note(2))).rejects.toMatchObject({ code });
    expect(await notes()).toEqual([]);
    expect(await transaction(note(3), sql`select 1 as one`)).toEqual([[], [{ one: 1 }]]);
    expect(pool.totalCount).toBe(1);
  });

  test('and one whose rows cannot be read fails its transaction', async () => {
    await one();
    const types = pool.options.types as pg.CustomTypesConfig;
    const unreadable = () => {
      throw new Error('unreadable');
    };
    await pool.end();
    open(1, database.url, {
      types: { getTypeParser: (oid: number) => (oid === INT4 ? unreadable : types.getTypeParser(oid)) },
    });
    await expect(transaction(note(1), sql`select 1 as one`, sql`select 'x' as x`)).rejects.toThrow('unreadable');
    expect(await notes()).toEqual([]);
    expect(await transaction(sql`select 'x' as x`)).toEqual([[{ x: 'x' }]]);
  });

  test('as a plan that no longer fits the table does, fails once', async () => {
    const all = sql<object>`select * from notes where n = ${1}`;
    await transaction(all);
    await database.query('alter table notes add column word text');
    await expect(transaction(note(1), all)).rejects.toMatchObject({ code: '0A000' });
    expect(await transaction(note(1), all)).toEqual([[], [{ n: 1, word: null }]]);
    await database.query('alter table notes drop column word');
  });

  test('is told from what only looks odd', async () => {
    const notice = sql`do $$ begin raise notice 'hey'; end $$`;
    const empty = sql`-- nothing`;
    const long = sql`select 2 as two ${sql.raw(`-- ${'x'.repeat(3_000)}`)}`;
    const same = sql`select ${3}::int as three`;
    const answers = await transaction(empty, notice, same, long, same, sql`delete from notes`);
    expect(answers).toEqual([[], [], [{ three: 3 }], [{ two: 2 }], [{ three: 3 }], []]);
  });
});

describe('what comes when the transaction is over', () => {
  test('is refused while the commit is on its way, and does not go with the next one', async () => {
    const outcomes = await whileLocked(async () => {
      const { promise: given, resolve } = Promise.withResolvers<{ late: () => Promise<unknown>[] }>();
      const committing = db.transaction().execute(async (trx) => {
        await sql`insert into slow values (1)`.execute(trx);
        resolve({ late: () => [note(1).execute(trx), ahead(trx, note(2))] });
      });
      const { late } = await given;
      await waitingBackend();
      const refused = await Promise.allSettled(late());
      return { committing, refused };
    });
    await outcomes.committing;
    expect(outcomes.refused.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await transaction(note(3));
    expect(await notes()).toEqual([3]);
  });

  test('because one of several at once has failed, is not kept', async () => {
    const all: Promise<unknown>[] = [];
    const failing = db.transaction().execute(async (trx) => {
      all.push(...[sql`select 1 / 0`, note(1), note(2), note(3)].map((query) => query.execute(trx)));
      await Promise.all(all);
    });
    await expect(failing).rejects.toMatchObject({ code: '22012' });
    const outcomes = await Promise.allSettled(all);
    expect(outcomes.map(({ status }) => status)).toEqual(all.map(() => 'rejected'));
    await transaction(note(4));
    expect(await notes()).toEqual([4]);
  });
});

describe('a connection that fails', () => {
  test.each([
    ['that PostgreSQL ends', (pid: number) => database.query('select pg_terminate_backend($1)', [pid])],
    ['that is cut', () => proxy.cut().then(() => proxy.mend())],
  ])('%s in the middle keeps nothing, says why, and is replaced', async (_how, end) => {
    await pool.end();
    open(2, proxy.url);
    const failing = await whileLocked(async () => {
      const outcome = transaction(note(1), waiting, note(2)).catch((error: unknown) => error);
      await end(await waitingBackend());
      return outcome;
    });
    expect(failing).toMatchObject({ code: expect.stringMatching(LOST) });
    expect(await one()).toEqual([{ one: 1 }]);
    expect(await notes()).toEqual([]);
    expect(pool.totalCount - pool.idleCount).toBe(0);
  });

  test('between two statements is told as a connection that is lost, and does not hide why the transaction ended', async () => {
    await pool.end();
    open(2, proxy.url);
    const lose = async (): Promise<void> => {
      await proxy.cut();
      await proxy.mend();
    };
    const going = db.transaction().execute(async (trx) => {
      await note(1).execute(trx);
      await lose();
      await note(2).execute(trx);
    });
    await expect(going).rejects.toMatchObject({ code: expect.stringMatching(LOST) });
    const refusing = db.transaction().execute(async (trx) => {
      await note(3).execute(trx);
      await lose();
      throw new Error('not allowed');
    });
    await expect(refusing).rejects.toThrow('not allowed');
    expect(await notes()).toEqual([]);
    expect(await one()).toEqual([{ one: 1 }]);
  });

  test('to answer in time is not given to the next who wants one', async () => {
    await pool.end();
    open(1, database.url, { query_timeout: 1_000 });
    await whileLocked(async () => {
      const late = { code: '08006', message: 'Query read timeout' };
      const alone = waiting.execute(db);
      const next = one();
      await expect(alone).rejects.toMatchObject(late);
      expect(await next).toEqual([{ one: 1 }]);
      const inside = transaction(note(1), waiting, note(2));
      const after = one();
      await expect(inside).rejects.toMatchObject(late);
      expect(await after).toEqual([{ one: 1 }]);
    });
    expect(await until(async () => (await notes()).length === 0)).toBe(true);
    expect(pool.totalCount).toBe(1);
  });

  test('under load loses and doubles nothing, and leaves no other behind', async () => {
    await pool.end();
    open(4);
    const kept: number[] = [];
    let next = 0;
    let isOn = true;
    const people = Array.from({ length: 16 }, async () => {
      while (isOn) {
        const n = ++next;
        const saved = db.transaction().execute(async (trx) => {
          await ahead(trx, sql`delete from notes where n = ${-n}`);
          const [[row]] = await together(trx, [sql<{ own: number }>`select ${n}::int as own`, note(n)]);
          await ahead(trx, note(-n));
          return row?.own;
        });
        const own = await saved.catch(() => n);
        expect(own).toBe(n);
        if (await saved.then(Boolean, () => false)) kept.push(n);
      }
    });
    const someBackend = `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database()
      and backend_type = 'client backend' and pid <> pg_backend_pid() order by random() limit 1`;
    for (let kills = 0; kills < 12; ) {
      const had = kept.length;
      kills += (await database.query(someBackend)).rowCount ?? 0;
      await until(() => kept.length > had);
    }
    isOn = false;
    await Promise.all(people);
    const found = await notes();
    expect(found).toEqual(expect.arrayContaining(kept));
    // Both notes of a transaction or none, also of those whose answer was lost.
    expect(found.toReversed().map((n) => -n)).toEqual(found.map((n) => n + 0));
    expect(pool.totalCount - pool.idleCount + pool.waitingCount).toBe(0);
  });
});
