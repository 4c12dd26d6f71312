// The refresh token as a cookie: out of reach of scripts, for the own page only.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;

beforeAll(async () => {
  server = await startServer({ TRUST_PROXY: '1', ALLOWED_ORIGINS: 'https://friend.example' });
});
afterAll(async () => {
  await server.stop();
});

interface Sent {
  readonly cookie?: string | undefined;
  readonly headers?: Record<string, string>;
  readonly body?: object;
}

async function post(path: string, { cookie, headers, body = {} }: Sent = {}) {
  const response = await fetch(server.url + path, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-coderoom-session': 'cookie',
      ...(cookie === undefined ? {} : { cookie: `other=1; ${cookie}` }),
      ...headers,
    },
    body: JSON.stringify(body),
  });
  const answer = (await response.json()) as any;
  const set = response.headers.getSetCookie();
  return { status: response.status, ...answer, set, cookie: set[0]?.split(';')[0] };
}

const signIn = (sent: Sent = {}) => post('/api/guests', { ...sent, body: { displayName: 'Ada', renewable: true } });
const refresh = (cookie: string | undefined, sent: Sent = {}) => post('/api/session/refresh', { cookie, ...sent });

test('the refresh token goes into the cookie and nowhere else, and the cookie to where it is needed', async () => {
  const { data, set } = await signIn();
  expect(Object.keys(data).sort()).toEqual(['expiresAt', 'token', 'user']);
  expect(set).toEqual([
    expect.stringMatching(/^coderoom_session=[\w-]{64}; Path=\/api\/session; Max-Age=\d+; HttpOnly; SameSite=Strict$/),
  ]);
});

test('behind TLS the cookie is for TLS only', async () => {
  const { set } = await signIn({ headers: { 'x-forwarded-proto': 'https', 'x-forwarded-for': '192.0.2.1' } });
  expect(set[0]).toMatch(/; Secure$/);
});

test('who does not ask for a cookie gets none, and the cookie alone signs nobody in', async () => {
  const { data, set } = await signIn({ headers: { 'x-coderoom-session': 'body' } });
  expect(set).toEqual([]);
  expect(data.refreshToken).toHaveLength(64);
  const { cookie } = await signIn();
  expect(await refresh(cookie, { headers: { 'x-coderoom-session': '' } })).toMatchObject({ status: 401 });
});

test('it is renewed, and taken away with the session', async () => {
  const first = await signIn();
  const second = await refresh(first.cookie);
  expect(second).toMatchObject({ ok: true, data: { user: first.data.user } });
  expect(second.cookie).not.toBe(first.cookie);
  const out = await post('/api/session/logout', { cookie: second.cookie });
  expect(out).toMatchObject({ ok: true, set: [expect.stringMatching(/^coderoom_session=; .*Max-Age=0/)] });
  const late = await refresh(second.cookie);
  expect(late).toMatchObject({ status: 401, error: { code: 'session_ended' } });
  expect(late.set[0]).toMatch(/^coderoom_session=; .*Max-Age=0/);
});

describe('a page of another site', () => {
  test.each([
    ['that may not call at all', { origin: 'https://evil.example' }],
    ['that may call otherwise', { origin: 'https://friend.example' }],
    ['of a sister domain, as the browser says', { 'sec-fetch-site': 'same-site' }],
    ['as the browser says', { 'sec-fetch-site': 'cross-site' }],
    ['without an origin of its own', { origin: 'null' }],
  ])('%s cannot use the cookie', async (_, headers) => {
    const { cookie } = await signIn();
    expect(await refresh(cookie, { headers })).toMatchObject({ status: 403, set: [] });
    expect(await refresh(cookie)).toMatchObject({ ok: true });
  });

  test('that may call otherwise is not allowed the header when its browser asks', async () => {
    const response = await fetch(`${server.url}/api/session/refresh`, {
      method: 'OPTIONS',
      headers: { origin: 'https://friend.example', 'access-control-request-headers': 'x-coderoom-session' },
    });
    expect(response.headers.get('access-control-allow-headers')).not.toContain('x-coderoom-session');
    expect(response.headers.get('access-control-allow-credentials')).toBeNull();
  });
});
