// What runs leave in the database besides their output: facts, measurements, notes about security.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openRunners, type Runners } from './runners.ts';

let runners: Runners;

beforeAll(async () => {
  runners = await openRunners();
});
afterAll(() => runners.close());

const factsOf = (type: string): Promise<any[]> =>
  runners.rows('select * from audit_logs where action = $1 and session_id = $2', [type, runners.room.id]);

const notes = (type: string, userId: string): Promise<any[]> =>
  runners.rows('select * from security_events where type = $1 and user_id = $2 order by created_at', [type, userId]);

/** Every run finds its notes in one row of the minute, or in two where the minute changed meanwhile. */
const counted = (rows: any[]): number => rows.reduce((sum, { data }) => sum + data.count, 0);

test('a run that the engine refuses leaves nothing: no row, no fact, nothing in the feed', async () => {
  const before = await factsOf('run.started');
  const bob = await runners.room.member('participant');
  const answers = await Promise.all(Array.from({ length: 6 }, () => runners.start({ code: 'for (;;);' }, bob)));
  const accepted = answers.filter(({ ok }) => ok).map(({ data }) => data.execution.id);
  const refused = answers.filter(({ ok }) => !ok);
  expect(refused.length).toBeGreaterThan(0);
  for (const { error } of refused) expect(error.code).toBe('queue_full');
  expect((await factsOf('run.started')).length - before.length).toBe(accepted.length);
  const feed = `select resource_id from activity_feed where type = 'run.started' and user_id = $1`;
  expect((await runners.rows(feed, [bob.id])).map(({ resource_id }) => resource_id).sort()).toEqual(accepted.sort());
  const stored = await runners.rows('select id from code_executions where user_id = $1', [bob.id]);
  expect(stored.map(({ id }) => id).sort()).toEqual(accepted);
  for (const executionId of accepted) await bob.client.ask('run.cancel', { executionId });
  for (const executionId of accepted) await runners.finished(executionId);
});

test('the row of a run is complete', async () => {
  const fileId = await runners.file('complete.js', `console.log(readline()); [1, 2].length`);
  const { execution } = await runners.run({ fileId, stdin: 'given' });
  const [row] = await runners.rows('select * from code_executions where id = $1', [execution.id]);
  expect(row).toMatchObject({
    session_id: runners.room.id,
    file_id: fileId,
    user_id: runners.owner.id,
    kind: 'file',
    language: 'javascript',
    mode: 'sandbox',
    entry: 'complete.js',
    stdin: 'given',
    status: 'completed',
    output: 'given\n',
    output_marks: [['stdout', 6]],
    output_bytes: '6',
    output_truncated: false,
    result: '2',
    error: null,
    error_message: null,
  });
  for (const column of ['wall_ms', 'cpu_ms', 'memory_bytes']) expect(Number(row[column])).toBeGreaterThan(0);
  expect(row.queue_ms).toBeGreaterThanOrEqual(0); // the room's sandbox may be ready at once
  expect(row.sandbox_id).toEqual(expect.any(String));
  expect(row.document_version.length).toBeGreaterThan(0);
  expect(row.started_at >= row.created_at && row.completed_at >= row.started_at).toBe(true);
});

test('a run is measured: time in the queue, time, processor time, memory', async () => {
  const { execution } = await runners.run({ code: '1' });
  const rows = await runners.rows(
    `select metric_type, value, metadata from performance_metrics where metadata ->> 'executionId' = $1`,
    [execution.id],
  );
  const values = Object.fromEntries(rows.map(({ metric_type, value }) => [metric_type, value]));
  expect(values).toEqual({
    'run.queue_ms': execution.queueMs,
    'run.wall_ms': execution.wallMs,
    'run.cpu_ms': execution.cpuMs,
    'run.memory_bytes': execution.memoryBytes,
  });
  expect(rows[0].metadata).toMatchObject({ language: 'javascript', status: 'completed' });
});

describe('security events', () => {
  test('a sandbox is noted when it is new', async () => {
    const carol = await runners.room.member('participant');
    await runners.run({ code: '1' }, carol);
    const [run] = await runners.rows('select sandbox_id from code_executions where user_id = $1', [carol.id]);
    const all = await runners.rows(`select sandbox_id, severity from security_events where type = 'sandbox_created'`);
    expect(all.length).toBeGreaterThan(0);
    expect(all.every(({ severity }) => severity === 'low')).toBe(true);
    expect(run.sandbox_id).toEqual(expect.any(String));
  });

  test('how sandboxes are kept apart, once for each start of the server, graver the weaker it is', async () => {
    const health: any = await (await fetch(`${runners.house.server.url}/health`)).json();
    const { isolation, unavailable } = health.data.sandbox;
    const rows = await runners.rows(`select severity, data from security_events where type = 'sandbox_isolation'`);
    expect(rows).toEqual([
      {
        severity: isolation === 'plain' ? 'high' : unavailable.length > 0 ? 'medium' : 'low',
        data: { count: 1, reason: isolation, unavailable },
      },
    ]);
  });

  test('a limit that was reached, counted per user and minute', async () => {
    const dave = await runners.room.member('participant');
    for (let runs = 0; runs < 2; runs++) await runners.run({ code: `for (;;) console.log('x'.repeat(1000));` }, dave);
    const rows = await notes('resource_limit', dave.id);
    expect(counted(rows)).toBe(2);
    expect(rows.length).toBeLessThanOrEqual(2);
    expect(rows[0]).toMatchObject({ severity: 'low', session_id: runners.room.id });
    expect(['output', 'timeout']).toContain(rows[0].data.reason);
    expect(rows[0].created_at.getSeconds()).toBe(0);
  });

  test.each([
    ['constructor_chain', `this.constructor.constructor('return 1')`],
    ['host_modules', `import 'node:child_process'`],
    ['host_files', `const path = '/etc/passwd'`],
    ['cloud_metadata', `const url = 'http://169.254.169.254/'`],
    ['native_extension', `"select load_extension('/lib/libc.so.6')"`],
    ['process_internals', `typeof process === 'object' && process.binding('fs')`],
  ])('what looks like %s, also when it runs without harm', async (reason, code) => {
    const eve = await runners.room.member('participant');
    const { data } = await runners.start({ code }, eve);
    await runners.finished(data.execution.id);
    const rows = await notes('suspicious_code', eve.id);
    expect(rows.map(({ data: { reason, count } }) => [reason, count])).toEqual([[reason, 1]]);
    expect(rows[0]).toMatchObject({ severity: 'medium', data: { executionId: data.execution.id } });
  });

  test('ordinary code is not suspicious', async () => {
    const frank = await runners.room.member('participant');
    const code = `class A { constructor() { this.x = 'cluster of constructor functions'; } } new A().x`;
    await runners.run({ code }, frank);
    expect(await notes('suspicious_code', frank.id)).toEqual([]);
  });
});

test('runs that a dead server left are failed at the next start, with the reason', async () => {
  await runners.db.query(
    `insert into code_executions (session_id, user_id, language, code, status) values ($1, $2, 'javascript', '', 'running')`,
    [runners.room.id, runners.owner.id],
  );
  await runners.house.server.restart();
  const left = await runners.rows(`select * from code_executions where status = 'failed' and completed_at is not null
    and error_message = 'The server stopped during the run.'`);
  expect(left).toHaveLength(1);
});
