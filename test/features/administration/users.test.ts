// What administrators decide of users: found, given a role, kept out at once, with their bots.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { call, type Guest, guest } from '../../support/api.ts';
import { bareClient } from '../../support/bare-client.ts';
import type { TestDatabase } from '../../support/db.ts';
import { holdRows } from '../../support/held-row.ts';
import { PASSWORD } from '../../support/password.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { until } from '../../support/until.ts';

let server: TestServer;
let db: TestDatabase;
let admin: Guest;

beforeAll(async () => {
  server = await startServer();
  db = server.database;
  admin = await guest(server.url, 'Admin');
  await asAccount(admin.id, 'admin');
});
afterAll(() => server.stop());

async function asAccount(id: string, role = 'user'): Promise<void> {
  await db.query(`update users set kind = 'human', password_hash = 'none', role = $2 where id = $1`, [id, role]);
}

const list = async (query: Record<string, string> = {}): Promise<any> =>
  call(server.url, `GET /api/admin/users?${new URLSearchParams(query)}`, { token: admin.token });
const change = (id: string, body: object, token = admin.token): Promise<any> =>
  call(server.url, `PATCH /api/admin/users/${id}`, { token, body });

test('users are found by name, kind, role and status, page by page', async () => {
  const people = await Promise.all(['Grace Hopper', 'Grace Kelly', 'Ada'].map((name) => guest(server.url, name)));
  expect((await list({ search: 'gRACE' })).data.users.map((user: any) => user.displayName).sort()).toEqual([
    'Grace Hopper',
    'Grace Kelly',
  ]);
  expect((await list({ search: 'grace', status: 'banned' })).data.users).toEqual([]);
  expect((await list({ role: 'admin' })).data.users).toMatchObject([{ id: admin.id, kind: 'human', status: 'active' }]);
  const first = (await list({ kind: 'guest', limit: '2' })).data;
  const second = (await list({ kind: 'guest', limit: '2', cursor: first.nextCursor })).data;
  const ids = [...first.users, ...second.users].map(({ id }: { id: string }) => id);
  expect(ids.sort()).toEqual(people.map(({ id }) => id).sort());
});

describe('whoever is banned', () => {
  test('loses open connections at once, with their bots', async () => {
    const bob = await guest(server.url, 'Bob');
    await asAccount(bob.id);
    const { data: made } = await call(server.url, 'POST /api/bots', { token: bob.token, body: { name: 'Robot' } });
    const { data: given } = await call(server.url, 'POST /api/tokens', {
      token: bob.token,
      body: { name: 'Script', botId: made.bot.id, scopes: ['read'] },
    });
    const open = [await bareClient(server.url, bob.token), await bareClient(server.url, given.token)];
    expect(await change(bob.id, { status: 'banned', reason: 'Spam' })).toMatchObject({
      data: { user: { status: 'banned', role: 'user' } },
    });
    await until(() => open.every(({ socket }) => !socket.connected), { timeoutMs: 1_000, what: 'both to be cut off' });
    for (const token of [bob.token, given.token]) {
      await expect(bareClient(server.url, token)).rejects.toMatchObject({ data: { code: 'unauthenticated' } });
    }
    const { rows } = await db.query(
      `select user_id, old_values, new_values from audit_logs where action = 'user.administered' and resource_id = $1`,
      [bob.id],
    );
    expect(rows).toEqual([
      {
        user_id: admin.id,
        old_values: { role: 'user', status: 'active' },
        new_values: { role: 'user', status: 'banned', reason: 'Spam' },
      },
    ]);
  });

  test('signs in anew when it is taken back: the sessions of before are over, the tokens of bots go on', async () => {
    const account = { username: 'mallory', password: PASSWORD };
    const { data: first } = await call(server.url, 'POST /api/account', { body: account });
    const { token, refreshToken, user } = first;
    const { data: made } = await call(server.url, 'POST /api/bots', { token, body: { name: 'Robot' } });
    const wish = { name: 'Script', botId: made.bot.id, scopes: ['read'] };
    const { data: given } = await call(server.url, 'POST /api/tokens', { token, body: wish });
    await change(user.id, { status: 'banned' });
    await change(user.id, { status: 'active' });
    await expect(bareClient(server.url, token)).rejects.toMatchObject({ data: { code: 'unauthenticated' } });
    const renewed = await call(server.url, 'POST /api/session/refresh', { body: { refreshToken } });
    expect(renewed).toMatchObject({ status: 401 });
    (await bareClient(server.url, given.token)).close();
    const again = await call(server.url, 'POST /api/session/login', { body: { login: 'mallory', password: PASSWORD } });
    (await bareClient(server.url, again.data.token)).close();
  });
});

test('a new administrator may at once; nobody changes themselves; guests and bots get no role', async () => {
  const [carol, dave] = [await guest(server.url, 'Carol'), await guest(server.url, 'Dave')];
  await asAccount(carol.id);
  expect(await change(dave.id, { status: 'inactive' }, carol.token)).toMatchObject({ error: { code: 'forbidden' } });
  await change(carol.id, { role: 'admin' });
  expect(await change(dave.id, { status: 'inactive' }, carol.token)).toMatchObject({ ok: true });
  expect(await change(carol.id, { role: 'user' }, carol.token)).toMatchObject({ error: { code: 'conflict' } });
  expect(await change(dave.id, { role: 'admin' })).toMatchObject({ error: { code: 'conflict' } });
  expect(await change(crypto.randomUUID(), { role: 'user' })).toMatchObject({ error: { code: 'not_found' } });
});

test('of two who take the role from each other at once, one stays administrator', async () => {
  const both = [await guest(server.url, 'Erin'), await guest(server.url, 'Frank')];
  const ids = both.map(({ id }) => id);
  for (const id of ids) await asAccount(id, 'admin');
  const held = await holdRows(server.database.url, 'users', ids);
  const answers = both.map(({ token }, turn) => change(ids[1 - turn] as string, { role: 'user' }, token));
  await held.queued(2);
  await held.release();
  const codes = (await Promise.all(answers)).map(({ ok, error }) => (ok ? 'ok' : error.code));
  expect(codes.sort()).toEqual(['forbidden', 'ok']);
  const { rows } = await db.query(`select id from users where id = any($1) and role = 'admin'`, [ids]);
  expect(rows).toHaveLength(1);
});
