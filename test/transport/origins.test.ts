// Which pages may call from a visitor's browser, and whose address counts.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import WebSocket from 'ws';
import { commands } from '../../src/protocol/index.ts';
import { call, guest, roomWithFile } from '../support/api.ts';
import { bareClient } from '../support/bare-client.ts';
import { startServer, type TestServer } from '../support/server.ts';

const OTHER = 'https://other.example';

let closed: TestServer;
let open: TestServer;

beforeAll(async () => {
  closed = await startServer();
  open = await startServer({ ALLOWED_ORIGINS: `${OTHER}, https://more.example:8443`, TRUST_PROXY: '1' });
});
afterAll(async () => {
  await closed.stop();
  await open.stop();
});

async function allowedOver(server: TestServer, origin: string): Promise<Record<string, boolean>> {
  const { owner, room } = await roomWithFile(server.url);
  const http = await fetch(`${server.url}/api/languages`, { headers: { origin } });
  const preflight = await fetch(`${server.url}/api/rooms`, {
    method: 'OPTIONS',
    headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization' },
  });
  const polling = await fetch(`${server.url}/socket.io/?EIO=4&transport=polling`, { headers: { origin } });
  const socket = await bareClient(server.url, owner.token, { extraHeaders: { origin } }).then(
    (client) => {
      client.close();
      return true;
    },
    () => false,
  );
  const address = `${server.url.replace('http', 'ws')}/yjs/${room.roomCode}/main.js?token=${owner.token}`;
  const sync = await new Promise<boolean>((resolve) => {
    const webSocket = new WebSocket(address, { headers: { origin } });
    webSocket.on('message', () => {
      resolve(true);
      webSocket.close();
    });
    webSocket.on('error', () => resolve(false));
    webSocket.on('close', () => resolve(false));
  });
  const allows = (response: Response): boolean => response.headers.get('access-control-allow-origin') === origin;
  return {
    http: allows(http),
    preflight: preflight.status === 204 && allows(preflight),
    polling: polling.ok && allows(polling),
    socket,
    sync,
  };
}

const all = (value: boolean) => ({ http: value, preflight: value, polling: value, socket: value, sync: value });

describe('pages of other sites', () => {
  test('may not call by default, in any way', async () => {
    for (const origin of [OTHER, 'null', 'http://127.0.0.1.evil.example', 'not an origin']) {
      expect(await allowedOver(closed, origin)).toEqual(all(false));
    }
  });

  test('get nothing done either: what they ask for is refused before it is looked at', async () => {
    const body = JSON.stringify({ displayName: 'Mallory' });
    const headers = { origin: OTHER, 'content-type': 'application/json' };
    const response = await fetch(`${closed.url}/api/guests`, { method: 'POST', headers, body });
    expect(response.status).toBe(403);
    expect(await response.json()).toMatchObject({ ok: false, error: { code: 'forbidden' } });
    const own = { ...headers, origin: new URL(closed.url).origin };
    expect((await fetch(`${closed.url}/api/guests`, { method: 'POST', headers: own, body })).status).toBe(200);
  });

  test('may when they are in ALLOWED_ORIGINS, in every way', async () => {
    expect(await allowedOver(open, OTHER)).toEqual(all(true));
    expect(await allowedOver(open, 'https://more.example:8443')).toEqual(all(true));
  });

  test('may not when only a part of their address is in it', async () => {
    for (const origin of [
      'http://other.example',
      `${OTHER}.evil`,
      'https://other.example:444',
      'https://sub.other.example',
    ]) {
      expect(await allowedOver(open, origin)).toEqual(all(false));
    }
  });

  test('the own page may, and clients that are no browsers', async () => {
    expect(await allowedOver(closed, new URL(closed.url).origin)).toMatchObject({ socket: true, sync: true });
    const { token } = await guest(closed.url, 'Ada');
    (await bareClient(closed.url, token)).close();
  });

  test('an allowed page may read the answer and send a token, but no cookies', async () => {
    const response = await fetch(`${open.url}/api/rooms`, { method: 'OPTIONS', headers: { origin: OTHER } });
    expect(response.headers.get('access-control-allow-headers')).toContain('authorization');
    expect(response.headers.get('access-control-allow-methods')).toContain('PATCH');
    expect(response.headers.get('access-control-allow-credentials')).toBeNull();
    expect(response.headers.get('vary')).toContain('origin');
  });
});

describe('the address that counts', () => {
  async function addressOf(server: TestServer, forwarded: string): Promise<string> {
    const response = await fetch(`${server.url}/api/guests`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-forwarded-for': forwarded },
      body: JSON.stringify({ displayName: 'Ada' }),
    });
    expect(response.status).toBe(200);
    const { data } = (await response.json()) as { data: { user: { id: string }; token: string } };
    const client = await bareClient(server.url, data.token, { extraHeaders: { 'x-forwarded-for': forwarded } });
    await client.ask('room.create', { name: 'Room' });
    client.close();
    const { rows } = await server.database.query(
      `select host(ip_address) as address from audit_logs
       where resource_id = $1 or (user_id = $2 and action = 'room.created')`,
      [data.user.id, data.user.id],
    );
    expect(rows).toHaveLength(2);
    expect(rows[0]).toEqual(rows[1]);
    return rows[0].address;
  }

  test('is the connection’s own: X-Forwarded-For is not believed by default', async () => {
    expect(await addressOf(closed, '203.0.113.9')).toBe('127.0.0.1');
  });

  test.each([
    ['203.0.113.9', '203.0.113.9'],
    ['198.51.100.1, 203.0.113.9', '203.0.113.9'],
    ['203.0.113.9:4711', '203.0.113.9'],
    ['[2001:db8::7]:4711', '2001:db8::7'],
    ['2001:db8::7', '2001:db8::7'],
    ['fe80::1%eth0', 'fe80::1'],
    ['unknown', '127.0.0.1'],
    [`'; drop table users; --`, '127.0.0.1'],
    ['', '127.0.0.1'],
  ])('behind one proxy is the last one it names: %j', async (forwarded, address) => {
    expect(await addressOf(open, forwarded)).toBe(address);
  });

  test('decides about limits: a forged one does not get around them', async () => {
    const factor = 2 / commands['guest.create'].rate.perMinute;
    const limited = await startServer({ RATE_LIMIT_FACTOR: String(factor) });
    try {
      const create = async (index: number): Promise<number> => {
        const response = await fetch(`${limited.url}/api/guests`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', 'x-forwarded-for': `203.0.113.${index}` },
          body: JSON.stringify({ displayName: 'Ada' }),
        });
        return response.status;
      };
      expect([await create(1), await create(2), await create(3)]).toEqual([200, 200, 429]);
      expect(await call(limited.url, 'GET /api/languages')).toMatchObject({ status: 200 });
    } finally {
      await limited.stop();
    }
  });
});
