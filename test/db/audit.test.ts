// The audit log: what a command did with old and new values and no secrets; sealed, so that what is changed is found.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { SEAL_ROWS, sealAudit } from '../../src/db/audit-chain.ts';
import { verifyAudit } from '../../src/db/audit-verify.ts';
import { type Database, openDatabase } from '../../src/db/open.ts';
import { KEEP_RECORDS_DAYS, retentionTasks } from '../../src/db/retention.ts';
import { statisticsTask } from '../../src/db/statistics.ts';
import { countedFacts, type FACT_RULES, writeFacts } from '../../src/kernel/facts.ts';
import { silentLog } from '../../src/observe/log.ts';
import { freshDatabase, type TestDatabase } from '../support/db.ts';
import { databaseCommand } from './command.ts';

let database: TestDatabase;
let opened: Database;
let owner: pg.Pool;

beforeEach(async () => {
  database = await freshDatabase();
  opened = await openDatabase({ databaseUrl: database.url, dataDir: '', poolSize: 2, log: silentLog });
  owner = new pg.Pool({ connectionString: database.url, max: 2 });
});
afterEach(async () => {
  await opened.close();
  await owner.end();
  await database.drop();
});

const seal = (minutes?: number) => sealAudit(opened.system, { minutes, log: silentLog });
const verify = (expected?: string) => verifyAudit(database.url, expected);
const put = (count: number, ago = '0 s') =>
  owner.query(
    `insert into audit_logs (action, new_values, ip_address, created_at)
     select 'a' || n, jsonb_build_object('n', n, 'x', 1.50), '::1', now() - $2::interval + n * interval '1 us' from generate_series(1, $1) n`,
    [count, ago],
  );

describe('the chain', () => {
  test('grows by what is new, in batches, and everything is as it was', async () => {
    await put(SEAL_ROWS + 10);
    expect(await seal(60)).toBe(SEAL_ROWS + 10);
    expect(await seal(60)).toBe(0);
    await put(3);
    expect(await verify()).toMatchObject({ links: SEAL_ROWS + 10, problems: [], unsealed: 3 });
    expect(await seal(60)).toBe(3);
    expect(await verify()).toMatchObject({ links: SEAL_ROWS + 13, problems: [], unsealed: 0 });
  });

  test('takes in what was committed late, soon or with the daily look', async () => {
    await put(2);
    await seal(60);
    await put(1, '30 minutes');
    await put(1, '2 hours');
    expect(await seal(60)).toBe(1);
    expect(await seal()).toBe(1);
    expect(await verify()).toMatchObject({ links: 4, problems: [], unsealed: 0 });
  });

  test('has each row once when two nodes seal at the same time', async () => {
    await put(200);
    const both = await Promise.allSettled([seal(60), seal(60)]);
    expect(both.some(({ status }) => status === 'fulfilled')).toBe(true);
    await seal(60);
    expect(await verify()).toMatchObject({ links: 200, problems: [], unsealed: 0 });
  });

  const CHANGES: [string, string, RegExp[]][] = [
    [
      'a value',
      "update audit_logs set new_values = '{\"n\": 0}' where action = 'a5'",
      [/^Row .* \(link 5\) was altered\.$/],
    ],
    [
      'the actor',
      "update audit_logs set user_id = new_id() where action = 'a5'",
      [/^Row .* \(link 5\) was altered\.$/],
    ],
    [
      'the address',
      "update audit_logs set ip_address = '::2' where action = 'a1'",
      [/^Row .* \(link 1\) was altered\.$/],
    ],
    ['a row that is gone', "delete from audit_logs where action = 'a10'", [/^Row .* \(link 10\) was removed\.$/]],
    [
      'the time',
      "update audit_logs set created_at = created_at + interval '1 us' where action = 'a10'",
      [/^Row .* \(link 10\) was removed\.$/],
    ],
    [
      'a row with its link',
      "with gone as (delete from audit_logs where action = 'a5' returning id) delete from audit_chain where row_id in (select id from gone)",
      [/^Links 5 to 5 are missing\.$/],
    ],
    [
      'a row with its hash',
      `update audit_logs set action = 'b' where action = 'a5';
       update audit_chain set row_hash = sha256('b') where position = 5`,
      [/^Link 5 does not fit the one before it\.$/, /^Row .* \(link 5\) was altered\.$/],
    ],
  ];

  test.each(CHANGES)('finds: %s', async (_what, change, found) => {
    await put(10);
    await seal(60);
    await owner.query(change);
    const { problems } = await verify();
    expect(problems).toHaveLength(found.length);
    for (const problem of found) expect(problems).toContainEqual(expect.stringMatching(problem));
  });

  test('that was cut off or written anew is found by an earlier head', async () => {
    await put(10);
    await seal(60);
    const { head } = await verify();
    await put(2);
    await seal(60);
    expect((await verify(head)).problems).toEqual([]);
    await owner.query("delete from audit_chain; delete from audit_logs where action = 'a7'");
    await seal();
    expect((await verify()).problems).toEqual([]);
    expect((await verify(head)).problems).toEqual([`The chain does not hold ${head}: it was cut off or written anew.`]);
  });

  test('goes on when retention takes its beginning', async () => {
    await owner.query("select ensure_month_partition('audit_logs', (now() - interval '20 months')::date)");
    await put(5, '20 months');
    await put(5);
    await seal();
    const records = retentionTasks({ historyDays: 90 }).find(({ name }) => name === 'records');
    expect(await records?.run(opened.system)).toMatchObject({ audit_logs: 1, audit_links: 5 });
    expect(await verify()).toMatchObject({ links: 5, problems: [] });
    await put(1);
    await seal(60);
    expect(await verify()).toMatchObject({ links: 6, problems: [] });
    expect(KEEP_RECORDS_DAYS.audit_logs).toBeGreaterThanOrEqual(365);
  });

  test.each([
    'update audit_chain set hash = row_hash',
    'delete from audit_chain',
    'delete from audit_anchors',
    "select trim_audit_chain('1 day')",
  ])('is not for the server to change: %s', async (statement) => {
    for (const role of ['app_rw', 'app_system']) {
      const client = await owner.connect();
      await client.query(`set role ${role}`);
      await expect(client.query(statement)).rejects.toMatchObject({ code: '42501' });
      client.release(true);
    }
  });

  test('is verified by a command, with its head to keep', async () => {
    await put(3);
    await seal(60);
    const good = await databaseCommand({ DATABASE_URL: database.url }, 'verify');
    expect(good).toMatchObject({ code: 0, complained: '' });
    expect(good.said).toMatch(
      /^3 links followed, 0 rows wait for theirs. The head is 3:[0-9a-f]{64}\nThe audit log is what it was\.$/m,
    );
    await owner.query("delete from audit_logs where action = 'a2'");
    const bad = await databaseCommand({ DATABASE_URL: database.url }, 'verify', /3:\w{64}/.exec(good.said)?.[0] ?? '');
    expect(bad).toMatchObject({ code: 1, complained: 'The audit log is not what it was.\n' });
    expect(bad.said).toMatch(/was removed\.$/m);
  });
});

describe('facts', () => {
  let ada: string;
  let bob: string;
  const room = '01890000-0000-7000-8000-000000000001';

  beforeEach(async () => {
    const { rows } = await owner.query(
      "insert into users (kind, username, display_name) values ('guest', 'ada', 'Ada'), ('guest', 'bob', 'Bob') returning id",
    );
    [ada, bob] = rows.map(({ id }) => id) as [string, string];
    await owner.query("insert into coding_sessions (id, name, owner_id, room_code) values ($1, 'r', $2, 'ABCDEF')", [
      room,
      ada,
    ]);
  });

  const write = (type: keyof typeof FACT_RULES, about: { id: string; before?: object; after?: object }) =>
    opened.system.transaction().execute((trx) => {
      const caller = {
        user: { id: ada, displayName: 'Ada', kind: 'guest' as const },
        address: '::1',
        userAgent: 'agent',
        requestId: 'r1',
        session: undefined,
        connection: undefined,
      };
      const { id, ...values } = about;
      return writeFacts(trx, [
        { caller, fact: { type, roomId: room, resource: { type: 'participant', id }, ...values } as never },
      ]);
    });

  test('keep old and new values, who and from where, and of secrets only that they were there', async () => {
    const before = { role: 'viewer', nested: { apiKey: 'k', list: [{ token: 't' }] } };
    await write('participant.role_changed', {
      id: bob,
      before,
      after: { role: 'owner', password: 'p', room_code: 'ABC', pathToken: null },
    });
    const { rows } = await owner.query('select * from audit_logs');
    expect(rows).toMatchObject([
      {
        user_id: ada,
        session_id: room,
        action: 'participant.role_changed',
        resource_id: bob,
        old_values: { role: 'viewer', nested: { apiKey: '[redacted]', list: [{ token: '[redacted]' }] } },
        new_values: { role: 'owner', password: '[redacted]', room_code: '[redacted]', pathToken: null },
        ip_address: '::1',
        user_agent: 'agent',
        request_id: 'r1',
      },
    ]);
  });

  test('tell the person they are about, and not who made them', async () => {
    await write('participant.role_changed', { id: bob, after: { role: 'viewer' } });
    await write('participant.role_changed', { id: ada, after: { role: 'viewer' } });
    const { rows } = await owner.query('select user_id, type, title, data from notifications');
    const data = { roomId: room, by: ada, role: 'viewer' };
    expect(rows).toEqual([
      { user_id: bob, type: 'participant.role_changed', title: 'Your role in a room has changed', data },
    ]);
  });

  test('are counted by day', async () => {
    await write('run.started', { id: bob });
    await write('run.started', { id: bob });
    await write('user.guest_created', { id: bob });
    const task = statisticsTask(countedFacts());
    expect(await task.run(opened.system)).toEqual({ days: 1 });
    expect(await task.run(opened.system)).toEqual({ days: 0 });
    const { rows } = await owner.query('select active_users, new_users, executions from daily_stats');
    expect(rows).toEqual([{ active_users: 1, new_users: 1, executions: 2 }]);
  });
});
