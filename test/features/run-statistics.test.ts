// Runs in figures, against rows whose figures are known; and how busy the server is.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openRunners, type Runners } from './runners.ts';

let runners: Runners;

beforeAll(async () => {
  runners = await openRunners();
});
afterAll(() => runners.close());

const FROM = '2026-03-01T00:00:00.000Z';
const TO = '2026-03-03T00:00:00.000Z';

/** A room with 100 runs of the owner in JavaScript, 10 of Bob in Python, and some that must not be counted. */
async function filledRoom() {
  const room = await runners.house.room();
  const bob = await room.member('participant');
  const insert = `insert into code_executions (session_id, user_id, language, code, status, error, wall_ms, input_ms, queue_ms,
    cpu_ms, created_at, started_at)`;
  await runners.db.query(
    `${insert} select $1, $2, 'javascript', '', case when n % 10 = 0 then 'failed' else 'completed' end,
       case when n % 10 = 0 then '{"kind":"exception","message":"x"}'::jsonb end, n * 10 + 1000, 1000, n, 2,
       $3::timestamptz + (n - 1) * interval '10 minutes', now() from generate_series(1, 100) n`,
    [room.id, room.owner.id, FROM],
  );
  await runners.db.query(
    `${insert} select $1, $2, 'python', '', (array['timeout', 'cancelled'])[1 + n % 2],
       jsonb_build_object('kind', (array['timeout', 'cancelled'])[1 + n % 2], 'message', ''), 5000, null, 0, 1000,
       $3::timestamptz + interval '30 hours', now() from generate_series(1, 10) n`,
    [room.id, bob.id, FROM],
  );
  await runners.db.query(
    `${insert} values ($1, $2, 'javascript', '', 'running', null, null, null, null, null, $3, now()),
       ($1, $2, 'javascript', '', 'completed', null, 1, null, 1, 1, $4, now())`,
    [room.id, bob.id, FROM, TO],
  );
  return { room, bob };
}

describe('figures', () => {
  test('count, rate and time the runs of a time; by language, user, kind of error', async () => {
    const { room, bob } = await filledRoom();
    const data = await bob.client.ask('run.statistics', { roomId: room.id, from: FROM, to: TO });
    expect(data.total).toEqual({
      runs: 110,
      completed: 90,
      failed: 10,
      timeout: 5,
      cancelled: 5,
      successRate: 90 / 105,
      p50Ms: 555,
      p95Ms: 5000,
      queueP95Ms: expect.closeTo(94.55, 6),
      cpuMs: 10_200,
    });
    expect(data.languages.map(({ language, runs }: any) => [language, runs])).toEqual([
      ['javascript', 100],
      ['python', 10],
    ]);
    // The percentiles of PostgreSQL lie between two values: (n - 1) × fraction from the first.
    expect(data.languages[0]).toMatchObject({ successRate: 0.9, p50Ms: 505, p95Ms: 950.5 });
    expect(data.users.map(({ userId, runs, successRate }: any) => [userId, runs, successRate])).toEqual([
      [room.owner.id, 100, 0.9],
      [bob.id, 10, 0],
    ]);
    expect(data.errors).toEqual([
      { kind: 'exception', count: 10 },
      { kind: 'timeout', count: 5 },
    ]);
  });

  test('over time have no gaps, and add up to the whole', async () => {
    const { room } = await filledRoom();
    const { series, stepMs } = await room.owner.client.ask('run.statistics', { roomId: room.id, from: FROM, to: TO });
    expect(stepMs).toBe(3_600_000);
    expect(series.map(({ at }: any) => Date.parse(at))).toEqual(
      Array.from({ length: 48 }, (_, index) => Date.parse(FROM) + index * stepMs),
    );
    expect(series[0]).toEqual({ at: FROM, completed: 6, failed: 0 });
    expect(series[30]).toMatchObject({ completed: 0, failed: 5 });
    const sum = (key: string) => series.reduce((all: number, point: any) => all + point[key], 0);
    expect([sum('completed'), sum('failed')]).toEqual([90, 15]);
  });

  test('of one user, of one language, of nothing', async () => {
    const { room, bob } = await filledRoom();
    const ask = (more: object) => bob.client.ask('run.statistics', { roomId: room.id, from: FROM, to: TO, ...more });
    expect((await ask({ userId: bob.id })).total.runs).toBe(10);
    expect((await ask({ language: 'javascript' })).users).toHaveLength(1);
    const none = await ask({ userId: bob.id, language: 'javascript' });
    expect(none.total).toMatchObject({ runs: 0, successRate: null, p50Ms: null, cpuMs: 0 });
    expect([none.languages, none.users, none.errors]).toEqual([[], [], []]);
  });

  test('are of the last seven days where nothing is said, and of runs that just ended', async () => {
    await runners.run({ code: '1' });
    const data = await runners.owner.client.ask('run.statistics', { roomId: runners.room.id });
    expect(Date.parse(data.to) - Date.parse(data.from)).toBe(7 * 86_400_000);
    expect(data.total.runs).toBeGreaterThan(0);
    expect(data.series.at(-1).completed).toBeGreaterThan(0);
    expect(data.series.length).toBeLessThanOrEqual(60);
  });

  test.each([
    ['a time that is none', { from: TO, to: FROM }],
    ['more than it can be asked for', { from: '2000-01-01T00:00:00Z', to: TO }],
  ])('are refused for %s', async (_what, span) => {
    const answer = await runners.owner.client.call('run.statistics', { roomId: runners.room.id, ...span });
    expect(answer).toMatchObject({ error: { code: 'invalid_input' } });
  });
});

test('how busy the server is: told to who manages the room', async () => {
  const { data } = await runners.start({ code: 'for (;;);' });
  await runners.heard('run.started', data.execution.id);
  const load = await runners.owner.client.ask('run.load', { roomId: runners.room.id });
  expect(load).toMatchObject({ working: true, isolation: expect.any(String), room: { running: 1, waiting: 0 } });
  expect(load.running).toBeGreaterThanOrEqual(1);
  expect(load.sandboxes).toContainEqual({
    state: 'bound',
    own: true,
    runs: expect.any(Number),
    memoryBytes: expect.any(Number),
    cpuMs: expect.any(Number),
  });
  await runners.owner.client.ask('run.cancel', { executionId: data.execution.id });
  const bob = await runners.room.member('collaborator');
  const refused = await bob.client.call('run.load', { roomId: runners.room.id });
  expect(refused).toMatchObject({ error: { code: 'forbidden' } });
});
