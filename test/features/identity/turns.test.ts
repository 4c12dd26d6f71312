// Two things that happen to one account at once, each allowed when it began: the second looks again when its turn comes.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Answered, call, guest } from '../../support/api.ts';
import type { TestDatabase } from '../../support/db.ts';
import { storedEmail, storedLink } from '../../support/email.ts';
import { holdRows } from '../../support/held-row.ts';
import { PASSWORD } from '../../support/password.ts';
import { storedCode } from '../../support/phone-code.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { type Owner, ownerOf } from './owner.ts';

const NEW_PASSWORD = 'battery staple horse';

let server: TestServer;
let owner: Owner;
let db: TestDatabase;

beforeAll(async () => {
  server = await startServer();
  owner = ownerOf(server);
  db = server.database;
});
afterAll(() => server.stop());

const post = (path: string, body: object, token?: string): Promise<Answered> =>
  call(server.url, `POST /api/${path}`, { body, ...(token === undefined ? {} : { token }) });
const login = (username: string, password = PASSWORD): Promise<Answered> =>
  post('session/login', { login: username, password });
const codeOf = ({ ok, error }: Answered): string => (ok ? 'ok' : error.code);

/** Starts one after the other, each when those before wait for the row. */
async function inTurn(userId: string, acts: readonly (() => Promise<Answered>)[]): Promise<string[]> {
  const held = await holdRows(server.database.url, 'users', [userId]);
  const answers: Promise<Answered>[] = [];
  try {
    for (const act of acts) {
      answers.push(act());
      await held.queued(answers.length);
    }
  } finally {
    await held.release();
  }
  return (await Promise.all(answers)).map(codeOf);
}

describe('the old password, compared just before it was changed', () => {
  const liveSessions = (userId: string): Promise<unknown[]> =>
    owner.rows('select id from user_sessions where user_id = $1 and revoked_at is null', [userId]);

  test('signs nobody in afterwards, and who came in before goes', async () => {
    const id = await owner.account('late-thief');
    const link = await storedLink(db, { userId: id, purpose: 'reset' });
    const answers = await inTurn(id, [
      () => post('account/password/reset', { token: link, password: NEW_PASSWORD }),
      () => login('late-thief'),
    ]);
    expect(answers).toEqual(['ok', 'wrong_credentials']);
    expect(await liveSessions(id)).toEqual([]);
    const next = await storedLink(db, { userId: id, purpose: 'reset' });
    const turned = await inTurn(id, [
      () => login('late-thief', NEW_PASSWORD),
      () => post('account/password/reset', { token: next, password: PASSWORD }),
    ]);
    expect(turned).toEqual(['ok', 'ok']);
    expect(await liveSessions(id)).toEqual([]);
  });

  test('changes nothing of the account: neither password nor address, and does not erase it', async () => {
    const id = await owner.account('quick-thief');
    const { token } = (await login('quick-thief')).data;
    const link = await storedLink(db, { userId: id, purpose: 'reset' });
    const answers = await inTurn(id, [
      () => post('account/password/reset', { token: link, password: NEW_PASSWORD }),
      () => post('account/password', { password: PASSWORD, newPassword: 'horse of another thief' }, token),
      () => post('account/email', { email: 'thief@example.org', password: PASSWORD }, token),
      () => post('me/erase', { password: PASSWORD }, token),
    ]);
    expect(answers).toEqual(['ok', 'wrong_credentials', 'wrong_credentials', 'wrong_credentials']);
    expect((await login('quick-thief', NEW_PASSWORD)).ok).toBe(true);
    expect(await owner.rows('select id from email_tokens where user_id = $1', [id])).toEqual([]);
  });
});

test('who is erased stays without a name, whatever was under way to give them one', async () => {
  const { id, token } = await guest(server.url, 'Gone');
  const proof = await storedCode(db, 'login');
  const answers = await inTurn(id, [
    () => post('me/erase', { displayName: 'Gone' }, token),
    () => post('account/upgrade', { username: 'not-gone', password: PASSWORD, displayName: 'Still here' }, token),
    () => post('session/phone', proof, token),
  ]);
  expect(answers).toEqual(['ok', 'conflict', 'conflict']);
  const [row] = await owner.rows('select * from users where id = $1', [id]);
  expect(row).toMatchObject({
    display_name: 'Erased user',
    status: 'inactive',
    password_hash: null,
    phone_index: null,
  });
  expect(row.username).toMatch(/^erased-/);
});

test('a guest who becomes an account in two ways at once becomes one, under the name of the first', async () => {
  const { id, token } = await guest(server.url, 'Twice');
  const proof = await storedCode(db, 'login');
  const answers = await inTurn(id, [
    () => post('account/upgrade', { username: 'twice', password: PASSWORD }, token),
    () => post('session/phone', proof, token),
  ]);
  expect(answers).toEqual(['ok', 'conflict']);
  const [row] = await owner.rows('select username, phone_index from users where id = $1', [id]);
  expect(row).toEqual({ username: 'twice', phone_index: null });
});

test('a number gives way to another only as it was when its owner was asked', async () => {
  const login = await storedCode(db, 'login');
  const { user, token } = (await post('session/phone', { ...login, displayName: 'Moving' })).data;
  const numbers = [await storedCode(db, 'change'), await storedCode(db, 'change')];
  const release = await storedCode(db, 'release', login.phone);
  await storedEmail(db, user.id, `${user.id}@example.org`);
  const put = (body: object): Promise<Answered> => call(server.url, 'PUT /api/me/phone', { token, body });
  expect((await post('me/phone/remove', { releaseCode: release.code }, token)).ok).toBe(true);
  // Neither had one to give up when it began.
  const answers = await inTurn(
    user.id,
    numbers.map((first) => () => put(first)),
  );
  expect(answers).toEqual(['ok', 'wrong_credentials']);
  const next = await storedCode(db, 'release', numbers[0]!.phone);
  const reset = await storedLink(db, { userId: user.id, purpose: 'reset' });
  const turned = await inTurn(user.id, [
    () => post('account/password/reset', { token: reset, password: NEW_PASSWORD }),
    () => post('me/phone/remove', { releaseCode: next.code }, token),
  ]);
  expect(turned).toEqual(['ok', 'wrong_credentials']);
});
