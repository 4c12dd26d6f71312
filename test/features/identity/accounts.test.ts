// Accounts: made, signed in to, guarded against guessing; a guest becomes one and keeps everything.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Answered, call, guest } from '../../support/api.ts';
import { PASSWORD } from '../../support/password.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { type Owner, ownerOf } from './owner.ts';

let server: TestServer;
let owner: Owner;

beforeAll(async () => {
  server = await startServer({ RATE_LIMIT_FACTOR: '1' });
  owner = ownerOf(server);
});
afterAll(() => server.stop());

const register = (body: object): Promise<Answered> => call(server.url, 'POST /api/account', { body });
const login = (name: string, password: string): Promise<Answered> =>
  call(server.url, 'POST /api/session/login', { body: { login: name, password } });
const me = (token: string): Promise<Answered> => call(server.url, 'GET /api/me', { token });

test('who registers is signed in; the password is stored as bcrypt 12 and the tokens as hashes', async () => {
  const { status, data } = await register({ username: 'Ada.L', password: PASSWORD, displayName: 'Ada' });
  expect(status).toBe(200);
  expect(data).toEqual({
    token: expect.stringMatching(/^[\w-]{43}$/),
    refreshToken: expect.stringMatching(/^[\w-]{64}$/),
    expiresAt: expect.any(String),
    user: { id: expect.any(String), displayName: 'Ada', kind: 'human' },
  });
  const minutes = (Date.parse(data.expiresAt) - Date.now()) / 60_000;
  expect(minutes).toBeGreaterThan(14);
  expect(minutes).toBeLessThanOrEqual(15);
  expect((await me(data.token)).data.user).toEqual(data.user);
  const account = await call(server.url, 'GET /api/account', { token: data.token });
  expect(account.data.account).toEqual({
    username: 'Ada.L',
    role: 'user',
    email: null,
    unverifiedEmail: null,
    hasPassword: true,
  });
  const [row] = await owner.rows('select password_hash from users where id = $1', [data.user.id]);
  expect(row.password_hash).toMatch(/^\$2b\$12\$/);
  const stored = JSON.stringify(await owner.rows('select * from user_sessions where user_id = $1', [data.user.id]));
  expect(stored).not.toContain(data.token);
  expect(stored).not.toContain(data.refreshToken);
  const audited = await owner.rows('select * from audit_logs where resource_id = $1', [data.user.id]);
  expect(audited.map(({ action }) => action)).toEqual(['user.registered']);
  expect(JSON.stringify(audited)).not.toContain(PASSWORD);
});

test.each([
  ['is too short', { password: 'short pass'.slice(0, 9) }, /^password: has fewer than 10 characters/],
  ['has more bytes than bcrypt reads', { password: '비밀번호'.repeat(7) }, /^password: has more than 72 bytes/],
  ['repeats few characters', { password: 'abababababab' }, /^password: repeats/],
  ['is the name', { username: 'Grace.Hopper', password: 'grace.hopper' }, /^password: is the name/],
  ['is the address', { password: 'grace.hopper', email: 'Grace.Hopper@example.org' }, /^password: is the name/],
])('a password that %s is refused', async (_, wrong, message) => {
  const answer = await register({ username: 'grace', ...wrong });
  expect(answer).toMatchObject({ status: 400, error: { code: 'invalid_input' } });
  expect(answer.error.message).toMatch(message);
});

test.each(['ADA.l', 'ａｄａ.l'])('a name that is taken is refused, however it is written: %s', async (username) => {
  const answer = await register({ username, password: PASSWORD });
  expect(answer).toMatchObject({ status: 409, error: { code: 'conflict', details: { path: 'username' } } });
});

test.each(['guest-1', 'a@b', 'a b', '-a', 'a\u202eb', 'a'])('no user name: %j', async (username) => {
  expect(await register({ username, password: PASSWORD })).toMatchObject({ error: { code: 'invalid_input' } });
});

describe('signing in', () => {
  test('by the name in any case; the session is one more', async () => {
    const { data } = await login(' ada.L ', PASSWORD);
    expect(data.user).toMatchObject({ displayName: 'Ada', kind: 'human' });
    expect((await me(data.token)).ok).toBe(true);
    const [{ count }] = await owner.rows('select count(*) from user_sessions where user_id = $1', [data.user.id]);
    expect(count).toBe('2');
  });

  test('an unknown name and a wrong password: the same answer after the same work, and a note of each', async () => {
    const timed = async (name: string): Promise<[number, Answered]> => {
      const began = performance.now();
      const answer = await login(name, 'wrong horse battery');
      return [performance.now() - began, answer];
    };
    const known: number[] = [];
    const unknown: number[] = [];
    for (let turn = 0; turn < 2; turn++) {
      const [knownMs, one] = await timed('ada.l');
      const [unknownMs, other] = await timed('nobody');
      expect(one).toEqual(other);
      expect(one).toMatchObject({ status: 401, error: { code: 'wrong_credentials' } });
      known.push(knownMs);
      unknown.push(unknownMs);
    }
    // Without the comparison with nobody's hash the unknown name would be a hundred times faster.
    expect(Math.min(...unknown)).toBeGreaterThan(Math.min(...known) / 3);
    expect(Math.min(...unknown)).toBeLessThan(Math.min(...known) * 3);
    const notes = await owner.rows("select * from security_events where type = 'login_failed'");
    const counts = (isKnown: boolean): number =>
      notes.filter(({ user_id }) => (user_id !== null) === isKnown).reduce((sum, { data }) => sum + data.count, 0);
    expect([counts(true), counts(false)]).toEqual([2, 2]);
    expect(JSON.stringify(notes)).not.toMatch(/horse|nobody/);
  });

  test('guessing at one name ends soon, also with the right password, and others still get in', async () => {
    await owner.account('victim');
    await owner.account('bystander');
    // At once: tries are counted before they are compared.
    const tries = await Promise.all(Array.from({ length: 12 }, () => login('Victim', 'wrong horse battery')));
    const codes = tries.map(({ error }) => error.code).sort();
    expect(codes).toEqual([...Array(2).fill('rate_limited'), ...Array(10).fill('wrong_credentials')]);
    const refused = await login('victim', PASSWORD);
    expect(refused).toMatchObject({ status: 429, error: { code: 'rate_limited' } });
    expect(refused.error.details.retryAfterMs).toBeGreaterThan(60_000);
    expect((await login('bystander', PASSWORD)).ok).toBe(true);
    expect(await owner.rows("select severity from security_events where type = 'login_limited'")).toEqual([
      { severity: 'medium' },
    ]);
  });

  test('a closed account stays out, and says so to its owner only', async () => {
    await owner.rows("update users set status = 'banned' where username = 'bystander'");
    expect(await login('bystander', PASSWORD)).toMatchObject({ status: 403 });
    expect(await login('bystander', 'wrong horse battery')).toMatchObject({ status: 401 });
  });
});

test('a new password ends the other sessions, and needs the old one', async () => {
  await owner.account('changer');
  const { data: first } = await login('changer', PASSWORD);
  const { data: second } = await login('changer', PASSWORD);
  const change = (password: string): Promise<Answered> =>
    call(server.url, 'POST /api/account/password', {
      token: second.token,
      body: { password, newPassword: 'battery staple horse' },
    });
  expect(await change('wrong horse battery')).toMatchObject({ error: { code: 'wrong_credentials' } });
  expect((await me(first.token)).ok).toBe(true);
  expect((await change(PASSWORD)).ok).toBe(true);
  expect((await me(first.token)).status).toBe(401);
  expect((await me(second.token)).ok).toBe(true);
  expect((await login('changer', PASSWORD)).status).toBe(401);
  expect((await login('changer', 'battery staple horse')).ok).toBe(true);
});

test('a guest becomes an account: the same user, the same rooms, the same session; sessions elsewhere end', async () => {
  const visitor = await guest(server.url, 'Visitor');
  const { data } = await call(server.url, 'POST /api/rooms', { token: visitor.token, body: { name: 'Kept' } });
  const upgrade = (token: string): Promise<Answered> =>
    call(server.url, 'POST /api/account/upgrade', { token, body: { username: 'kept', password: PASSWORD } });
  const upgraded = await upgrade(visitor.token);
  expect(upgraded.data.user).toEqual({ id: visitor.id, displayName: 'Visitor', kind: 'human' });
  expect((await me(visitor.token)).status).toBe(401);
  const { token } = upgraded.data;
  expect((await call(server.url, `GET /api/rooms/${data.room.id}`, { token })).data.room.name).toBe('Kept');
  const sessions = await call(server.url, 'GET /api/sessions', { token });
  expect(sessions.data.sessions).toMatchObject([{ current: true }]);
  expect(await upgrade(token)).toMatchObject({ status: 409 });
  expect((await login('kept', PASSWORD)).data.user.id).toBe(visitor.id);
});
