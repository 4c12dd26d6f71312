// Rate limits of several servers at one Redis: counted together, and each for itself while it is away.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { type Answered, call } from '../support/api.ts';
import { openRedis, type TestRedis } from '../support/redis.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { until } from '../support/until.ts';

let redis: TestRedis;
let servers: readonly [TestServer, TestServer];

beforeAll(async () => {
  redis = await openRedis();
  const settings = { REDIS_URL: redis.url, RATE_LIMIT_FACTOR: '1' };
  servers = [await startServer(settings), await startServer(settings)];
  await reach(true);
});
afterAll(async () => {
  for (const server of servers) await server.stop();
  await redis.stop();
});

/** Waits until both servers say so in their health. */
async function reach(here: boolean): Promise<void> {
  for (const { url } of servers) {
    await until(async () => (await call(url, 'GET /health')).data.redis.here === here, { what: `Redis here: ${here}` });
  }
}

const forgotten = (server: TestServer, login: string): Promise<Answered> =>
  call(server.url, 'POST /api/account/password/forgotten', { body: { login } });

/** What the answers say to one try more than the limit, in turns. */
async function sevenTries(login: string): Promise<string[]> {
  const codes: string[] = [];
  for (let turn = 0; turn < 7; turn++) {
    const { ok, error } = await forgotten(servers[turn % 2] as TestServer, login);
    codes.push(ok ? 'ok' : error.code);
  }
  return codes;
}

const OK = Array.from({ length: 6 }, () => 'ok');

test('what is used at one server is used at the other, and says how long to wait', async () => {
  expect(await sevenTries('ada@example.org')).toEqual([...OK, 'rate_limited']);
  const { error } = await forgotten(servers[1], 'ada@example.org');
  expect(error.details.retryAfterMs).toBeGreaterThan(59 * 60_000);
  expect(error.details.retryAfterMs).toBeLessThanOrEqual(60 * 60_000);
});

test('Redis is told no names and no addresses, and forgets by itself', async () => {
  const client = new Redis(redis.url);
  const keys = await client.keys('*');
  expect(keys.length).toBeGreaterThan(0);
  expect(keys.join()).not.toMatch(/ada|example|127\.0\.0\.1/);
  for (const key of keys) expect(await client.ttl(key)).toBeGreaterThan(0);
  client.disconnect();
});

test('without Redis limits go on for each server, and together again when it is back', async () => {
  await redis.stop();
  await reach(false);
  expect(await sevenTries('bea')).toEqual([...OK, 'ok']);
  const alone: boolean[] = [];
  for (let turn = 0; turn < 3; turn++) alone.push((await forgotten(servers[0], 'bea')).ok);
  // Four of the seven were here.
  expect(alone).toEqual([true, true, false]);
  await redis.start();
  await reach(true);
  expect(await sevenTries('cem')).toEqual([...OK, 'rate_limited']);
});
