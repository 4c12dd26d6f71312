// Sign-in sessions: tokens that are renewed, refresh tokens that work once, a list to end them from.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Answered, call } from '../../support/api.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { type Owner, ownerOf } from './owner.ts';

let server: TestServer;
let owner: Owner;

beforeAll(async () => {
  server = await startServer();
  owner = ownerOf(server);
});
afterAll(() => server.stop());

/** Guests and accounts have the same sessions, and a guest costs no hash. */
async function signIn(): Promise<any> {
  const body = { displayName: 'Ada', renewable: true };
  return (await call(server.url, 'POST /api/guests', { body })).data;
}

const refresh = (refreshToken: string, rest: object = {}): Promise<Answered> =>
  call(server.url, 'POST /api/session/refresh', { body: { refreshToken, ...rest } });
const isSignedIn = async (token: string): Promise<boolean> => (await call(server.url, 'GET /api/me', { token })).ok;
const sessionOf = async (userId: string): Promise<any> =>
  (await owner.rows('select * from user_sessions where user_id = $1', [userId]))[0];
/** Lets the grace pass. */
const later = (userId: string): Promise<unknown> =>
  owner.rows("update user_sessions set refreshed_at = refreshed_at - interval '31 seconds' where user_id = $1", [
    userId,
  ]);

describe('refreshing', () => {
  test('gives a new token and a new refresh token; the old token is of no use any more', async () => {
    const first = await signIn();
    const { data: second } = await refresh(first.refreshToken);
    expect(second.user).toEqual(first.user);
    expect([second.token, second.refreshToken]).not.toContain(first.token);
    expect(second.refreshToken).not.toBe(first.refreshToken);
    expect([await isSignedIn(first.token), await isSignedIn(second.token)]).toEqual([false, true]);
    const { data: third } = await refresh(second.refreshToken);
    expect(await isSignedIn(third.token)).toBe(true);
  });

  test('twice with the same token, by two tabs at once or after a lost answer: the same answer', async () => {
    const first = await signIn();
    const answers = await Promise.all(Array.from({ length: 5 }, () => refresh(first.refreshToken)));
    for (const answer of answers) expect(answer).toEqual(answers[0]);
    expect(await isSignedIn(answers[0]!.data.token)).toBe(true);
    expect((await refresh(answers[0]!.data.refreshToken)).ok).toBe(true);
  });

  test.each([
    ['after the grace', 1],
    ['though the next one was used already', 2],
    ['though it is old', 4],
  ])('with a used token, %s: the session ends and a security event says so', async (_, uses) => {
    const first = await signIn();
    let latest = first;
    for (let turn = 0; turn < uses; turn++) latest = (await refresh(latest.refreshToken)).data;
    if (uses === 1) await later(first.user.id);
    expect(await refresh(first.refreshToken)).toMatchObject({ status: 401, error: { code: 'session_ended' } });
    expect(await isSignedIn(latest.token)).toBe(false);
    expect(await refresh(latest.refreshToken)).toMatchObject({ error: { code: 'session_ended' } });
    expect(await sessionOf(first.user.id)).toMatchObject({ revoke_reason: 'token_reused' });
    const events = await owner.rows('select type, severity from security_events where user_id = $1', [first.user.id]);
    expect(events).toEqual([{ type: 'token_reused', severity: 'high' }]);
  });

  test('with something that never was a refresh token ends nothing', async () => {
    const first = await signIn();
    for (const wrong of ['', 'x', 'A'.repeat(64), first.token, `x${first.refreshToken}`]) {
      expect(await refresh(wrong)).toMatchObject({ status: 401, error: { code: 'session_ended' } });
    }
    expect(await isSignedIn(first.token)).toBe(true);
    expect((await refresh(first.refreshToken)).ok).toBe(true);
  });

  test('without rotation: the tokens as they are, until half of the time is over', async () => {
    const first = await signIn();
    expect((await refresh(first.refreshToken, { rotate: false })).data).toEqual(first);
    await owner.rows("update user_sessions set expires_at = now() + interval '7 minutes' where user_id = $1", [
      first.user.id,
    ]);
    const { data: second } = await refresh(first.refreshToken, { rotate: false });
    expect(second.refreshToken).not.toBe(first.refreshToken);
  });

  test('after 30 days without a visit, or by somebody who was banned: over', async () => {
    const idle = await signIn();
    await owner.rows('update user_sessions set refresh_expires_at = now() where user_id = $1', [idle.user.id]);
    expect(await refresh(idle.refreshToken)).toMatchObject({ error: { code: 'session_ended' } });
    const banned = await signIn();
    await owner.rows("update users set status = 'banned' where id = $1", [banned.user.id]);
    expect(await refresh(banned.refreshToken)).toMatchObject({ error: { code: 'session_ended' } });
  });
});

test('the token of a session that can be renewed holds for 15 minutes, and not longer', async () => {
  const { token, user } = await signIn();
  await owner.rows("update user_sessions set expires_at = expires_at - interval '15 minutes' where user_id = $1", [
    user.id,
  ]);
  expect(await isSignedIn(token)).toBe(false);
});

describe('the list', () => {
  test('shows device and address; one can be ended, and not that of another', async () => {
    const { token, user, refreshToken } = await signIn();
    const stranger = await signIn();
    const agent = 'Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Mobile/15E148 Safari/604.1';
    await owner.rows('update user_sessions set device = $2, user_agent = $3 where user_id = $1', [
      user.id,
      '{}',
      agent,
    ]);
    const list = await call(server.url, 'GET /api/sessions', { token });
    expect(list.data).toEqual({
      nextCursor: null,
      sessions: [
        {
          id: (await sessionOf(user.id)).id,
          current: true,
          device: { browser: 'Safari', system: 'iOS', kind: 'phone' },
          address: expect.stringMatching(/^(127\.0\.0\.1|::1)$/),
          createdAt: expect.any(String),
          lastActiveAt: expect.any(String),
          expiresAt: expect.any(String),
        },
      ],
    });
    const route = `DELETE /api/sessions/${list.data.sessions[0].id}`;
    expect(await call(server.url, route, { token: stranger.token })).toMatchObject({ status: 404 });
    expect((await call(server.url, route, { token })).ok).toBe(true);
    expect(await isSignedIn(token)).toBe(false);
    expect(await refresh(refreshToken)).toMatchObject({ error: { code: 'session_ended' } });
  });

  test('logging out ends one session; everywhere: all, or all but this one', async () => {
    const one = await signIn();
    await call(server.url, 'POST /api/session/logout', { token: one.token });
    expect(await isSignedIn(one.token)).toBe(false);
    const other = await signIn();
    const { id } = await sessionOf(other.user.id);
    const more = `insert into user_sessions (user_id, token_hash, expires_at)
      select user_id, sha256(n::text::bytea), expires_at from user_sessions, generate_series(1, 3) n where id = $1`;
    await owner.rows(more, [id]);
    const everywhere = (body: object): Promise<Answered> =>
      call(server.url, 'POST /api/sessions/end', { token: other.token, body });
    expect((await everywhere({ keepThis: true })).data).toEqual({ ended: 3 });
    expect(await isSignedIn(other.token)).toBe(true);
    expect((await everywhere({})).data).toEqual({ ended: 1 });
    expect(await isSignedIn(other.token)).toBe(false);
  });
});
