// Upkeep: what is over goes, months are made and dropped, one node at a time, and everybody sees how it went.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type Database, openDatabase } from '../../src/db/open.ts';
import { KEEP_RECORDS_DAYS, retentionTasks } from '../../src/db/retention.ts';
import { Upkeep, type UpkeepTask } from '../../src/db/upkeep.ts';
import { silentLog } from '../../src/observe/log.ts';
import { call } from '../support/api.ts';
import { freshDatabase, type TestDatabase } from '../support/db.ts';
import { startServer } from '../support/server.ts';
import { until } from '../support/until.ts';

let database: TestDatabase;
let opened: Database;

beforeAll(async () => {
  database = await freshDatabase();
  opened = await openDatabase({ databaseUrl: database.url, dataDir: '', poolSize: 4, log: silentLog });
});
beforeEach(() => database.query('truncate maintenance_runs'));
afterAll(async () => {
  await opened.close();
  await database.drop();
});

const upkeepOf = (tasks: readonly UpkeepTask[], node = 'one', log = silentLog): Upkeep =>
  new Upkeep({ db: opened.system, tasks, node, log });
const counting = (name: string, everyMs = 1e9): UpkeepTask & { runs: number } => {
  const task = { name, everyMs, runs: 0, run: async () => ({ runs: ++task.runs }) };
  return task;
};

describe('a task', () => {
  test('runs when it is due and not before, also after a restart', async () => {
    const task = counting('a');
    expect(await upkeepOf([task]).runDue()).toEqual(['a']);
    expect(await upkeepOf([task]).runDue()).toEqual([]);
    await database.query("update maintenance_runs set started_at = started_at - interval '1000001 s'");
    expect(await upkeepOf([task], 'two').runDue()).toEqual(['a']);
    expect(await upkeepOf([task]).state()).toMatchObject([
      { task: 'a', node: 'two', running: false, failed: false, result: { runs: 2 } },
    ]);
  });

  test('runs on one node at a time', async () => {
    let open: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    const slow: UpkeepTask = { name: 'slow', everyMs: 0, run: async () => gate.then(() => ({})) };
    const first = upkeepOf([slow], 'one');
    const running = first.runDue();
    await until(async () => (await first.state())[0]?.running === true);
    expect(await upkeepOf([slow], 'two').runDue()).toEqual([]);
    await expect(upkeepOf([slow], 'two').run('slow')).rejects.toThrow('Another node');
    open();
    expect(await running).toEqual(['slow']);
    expect(await upkeepOf([slow], 'two').runDue()).toEqual(['slow']);
  });

  test('that fails is logged, seen, tried again soon, and keeps no other from running', async () => {
    const errors: object[] = [];
    const log = { ...silentLog, error: (fields: object) => void errors.push(fields) };
    const bad: UpkeepTask = { name: 'bad', everyMs: 1e9, run: () => Promise.reject(new Error('no luck')) };
    const good = counting('good');
    const upkeep = upkeepOf([bad, good], 'one', log);
    expect(await upkeep.runDue()).toEqual(['bad', 'good']);
    expect(errors).toMatchObject([{ task: 'bad', err: { message: 'no luck' } }]);
    expect(await upkeep.state()).toMatchObject([{ task: 'bad', failed: true, succeededAt: null }, { task: 'good' }]);
    expect(await upkeep.runDue()).toEqual([]);
    await database.query("update maintenance_runs set started_at = started_at - interval '11 minutes'");
    expect(await upkeep.runDue()).toEqual(['bad']);
  });

  test('can be run by name, due or not', async () => {
    const task = counting('a');
    await upkeepOf([task]).run('a');
    await upkeepOf([task]).run('a');
    expect(task.runs).toBe(2);
    await expect(upkeepOf([task]).run('b')).rejects.toThrow('no upkeep called b');
  });
});

describe('what is over', () => {
  const upkeep = () => upkeepOf(retentionTasks({ historyDays: 90 }));
  const rows = async (statement: string): Promise<any[]> => (await database.query(statement)).rows;

  beforeAll(async () => {
    await database.query("insert into users (kind, username, display_name) values ('guest', 'ada', 'Ada')");
  });
  afterEach(() =>
    database.query('truncate user_sessions, phone_verification_codes, notifications, coding_sessions cascade'),
  );

  test('sessions and codes go some time after their end, and only then', async () => {
    const session = `insert into user_sessions (user_id, token_hash, expires_at, refresh_expires_at, revoked_at)
      select id, sha256($1), now() + $2::interval, now() + $3::interval, now() + $4::interval from users`;
    await database.query(session, ['valid', '1 day', null, null]);
    await database.query(session, ['ended', '-6 days', null, null]);
    await database.query(session, ['long ended', '-8 days', null, null]);
    await database.query(session, ['refreshable', '-8 days', '1 day', null]);
    await database.query(session, ['revoked', '1 day', null, '-31 days']);
    await database.query(session, ['just revoked', '1 day', null, '-29 days']);
    const code = `insert into phone_verification_codes (phone_index, code_hash, expires_at) values ($1, '', now() + $2::interval)`;
    await database.query(code, ['fresh', '-23 hours']);
    await database.query(code, ['old', '-25 hours']);
    await upkeep().run('expiry');
    const left = await rows('select token_hash from user_sessions');
    const kept = await rows(
      "select sha256(t::bytea) as token_hash from unnest('{valid,ended,refreshable,just revoked}'::text[]) t",
    );
    const sorted = (all: any[]) => all.map(({ token_hash }) => token_hash.toString('hex')).sort();
    expect(sorted(left)).toEqual(sorted(kept));
    expect(await rows('select phone_index::text from phone_verification_codes')).toEqual([
      { phone_index: '\\x6672657368' },
    ]);
  });

  test('more rows than one statement takes go in several', async () => {
    await database.query(`insert into notifications (user_id, type, title, expires_at)
      select id, 't', 'n', now() - interval '1 s' from users, generate_series(1, 12000)`);
    await upkeep().run('expiry');
    expect(await rows('select count(*)::int as n from notifications')).toEqual([{ n: 0 }]);
    expect((await upkeep().state())[0]).toMatchObject({ task: 'expiry', result: { notifications: 12000 } });
  });

  test('single edits of documents go after their days, also where nobody edits any more', async () => {
    await database.query(`with room as (insert into coding_sessions (name, owner_id, room_code) select 'r', id, 'ABCDEF' from users returning id),
      file as (insert into files (session_id, path) select id, 'a.js' from room returning id)
      insert into document_history (file_id, from_seq, to_seq, updates, started_at, ended_at)
        select id, n, n, '', now(), now() - n * interval '1 day' from file, unnest(array[1, 89, 91]) n`);
    await upkeep().run('history');
    expect(await rows('select from_seq::int from document_history order by 1')).toEqual([
      { from_seq: 1 },
      { from_seq: 89 },
    ]);
  });
});

describe('months', () => {
  const upkeep = () => upkeepOf(retentionTasks({ historyDays: 90 }));
  const months = async (table: string): Promise<string[]> => {
    const { rows } = await database.query(
      `select right(inhrelid::regclass::text, 7) as month from pg_inherits where inhparent = $1::regclass order by 1`,
      [table],
    );
    return rows.map(({ month }) => month).filter((month) => month !== 'default');
  };

  test('are made ahead, and for what waits in the default partition', async () => {
    const [this_, next] = await months('activity_feed');
    await database.query(`drop table activity_feed_${next}`);
    await database.query("insert into activity_feed (type, created_at) values ('t', '2001-02-03')");
    await upkeep().run('partitions');
    expect(await months('activity_feed')).toEqual(['2001_02', this_, next, expect.any(String)]);
    expect((await upkeep().state())[0]).toMatchObject({ result: { made: 2 } });
  });

  test('are dropped by the days of their table; the default partition stays', async () => {
    for (const table of ['activity_feed', 'audit_logs', 'job_logs']) {
      await database.query("select ensure_month_partition($1::regclass, (now() - interval '3 months')::date)", [table]);
      await database.query("select ensure_month_partition($1::regclass, (now() - interval '20 months')::date)", [
        table,
      ]);
    }
    await upkeep().run('records');
    expect(await months('activity_feed')).toHaveLength(4);
    expect(await months('audit_logs')).toHaveLength(4);
    expect(await months('job_logs')).toHaveLength(3);
    expect((await upkeep().state())[0]).toMatchObject({ result: { audit_logs: 1, job_logs: 2 } });
  });

  test('every table that is cut by month has its days', async () => {
    const { rows } = await database.query("select relname as name from pg_class where relkind = 'p' order by 1");
    expect(rows.map(({ name }) => name)).toEqual(Object.keys(KEEP_RECORDS_DAYS).sort());
  });
});

const TASKS = ['audit', 'audit_all', 'expiry', 'history', 'keys', 'partitions', 'records', 'statistics'];

test('a server does it by itself and says in /health how it went', async () => {
  const server = await startServer();
  const tasks = async (): Promise<any[]> => (await call(server.url, 'GET /health')).data.upkeep;
  await until(async () => (await tasks()).filter(({ succeededAt }) => succeededAt !== null).length === TASKS.length);
  const { data } = await call(server.url, 'GET /health');
  expect(data).toMatchObject({ readiness: { ready: true }, database: { kind: 'external', role: { limited: true } } });
  expect(data.upkeep.map(({ task }: { task: string }) => task)).toEqual(TASKS);
  expect(data.upkeep.every(({ failed }: { failed: boolean }) => !failed)).toBe(true);
  await server.stop();
});
