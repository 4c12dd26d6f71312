// How often: by person, by address and by command, with the time to wait on both transports.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { networkOf } from '../../src/cluster/rate-limit.ts';
import { commands } from '../../src/protocol/index.ts';
import { bareClient } from '../support/bare-client.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let subnet = 0;

beforeAll(async () => {
  // One call of `me.get` in a minute for everybody; the proxy says whose address it is.
  const factor = 1 / commands['me.get'].rate.perMinute;
  server = await startServer({ RATE_LIMIT_FACTOR: String(factor), TRUST_PROXY: '1' });
});
afterAll(async () => {
  await server.stop();
});

const freshAddress = (): string => `10.1.${Math.floor(++subnet / 250)}.${subnet % 250}`;

async function http(route: string, { from, token, body }: { from: string; token?: string; body?: unknown }) {
  const [method, path] = route.split(' ') as [string, string];
  return fetch(server.url + path, {
    method,
    headers: {
      'x-forwarded-for': from,
      ...(token && { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

async function guestFrom(from: string): Promise<{ status: number; token: string }> {
  const response = await http('POST /api/guests', { from, body: { displayName: 'Ada' } });
  const { data } = (await response.json()) as { data?: { token: string } };
  return { status: response.status, token: data?.token ?? '' };
}

describe('a limit', () => {
  test('says how long to wait, over HTTP in the header as well', async () => {
    const from = freshAddress();
    const { token } = await guestFrom(from);
    expect((await http('GET /api/me', { from, token })).status).toBe(200);
    const refused = await http('GET /api/me', { from, token });
    expect(refused.status).toBe(429);
    const { error } = (await refused.json()) as { error: { code: string; details: { retryAfterMs: number } } };
    expect(error.code).toBe('rate_limited');
    expect(error.details.retryAfterMs).toBeGreaterThan(0);
    expect(error.details.retryAfterMs).toBeLessThanOrEqual(60_000);
    expect(Number(refused.headers.get('retry-after'))).toBe(Math.ceil(error.details.retryAfterMs / 1000));
    const socket = await bareClient(server.url, token);
    expect(await socket.call('me.get')).toMatchObject({
      ok: false,
      error: { code: 'rate_limited', details: { retryAfterMs: expect.any(Number) } },
    });
    // Another command has a limit of its own.
    expect(await socket.call('room.list')).toMatchObject({ ok: true });
    socket.close();
  });

  test('of a person follows them to other addresses', async () => {
    const { token } = await guestFrom(freshAddress());
    expect((await http('GET /api/me', { from: freshAddress(), token })).status).toBe(200);
    expect((await http('GET /api/me', { from: freshAddress(), token })).status).toBe(429);
  });

  test('of an address holds for all accounts there, and is wide enough for a school', async () => {
    const school = freshAddress();
    const pupils = await Promise.all(Array.from({ length: 51 }, () => guestFrom(freshAddress())));
    const statuses: number[] = [];
    for (const { token } of pupils) statuses.push((await http('GET /api/me', { from: school, token })).status);
    expect(statuses.slice(0, 50)).toEqual(Array.from({ length: 50 }, () => 200));
    expect(statuses[50]).toBe(429);
  });

  test('counts an IPv6 network as one address: its addresses are free to whoever has it', async () => {
    expect((await guestFrom('2001:db8:7:1::1')).status).toBe(200);
    expect((await guestFrom('2001:db8:7:1:ffff:1:2:3')).status).toBe(429);
    expect((await guestFrom('2001:db8:7:2::1')).status).toBe(200);
  });
});

test.each([
  ['203.0.113.9', '203.0.113.9'],
  ['::ffff:203.0.113.9', '203.0.113.9'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['2001:0DB8:0000:0001:0000::5', '2001:db8:0:1::/64'],
  ['::1', '0:0:0:0::/64'],
  ['fe80:1:2:3:4:5:6:7', 'fe80:1:2:3::/64'],
  ['1::', '1:0:0:0::/64'],
])('%s is counted as %s', (address, network) => {
  expect(networkOf(address)).toBe(network);
});
