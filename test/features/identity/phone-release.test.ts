// The number of an account that has no password: whoever has a session of it only can neither put another one in its place
// nor take it away.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Answered, call } from '../../support/api.ts';
import type { TestDatabase } from '../../support/db.ts';
import { storedEmail } from '../../support/email.ts';
import { storedCode } from '../../support/phone-code.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { openSmsGateway, type SmsGateway } from '../../support/sms-gateway.ts';

let server: TestServer;
let db: TestDatabase;
let gateway: SmsGateway;

beforeAll(async () => {
  gateway = await openSmsGateway();
  server = await startServer(gateway.settings);
  db = server.database;
});
afterAll(async () => {
  await server.stop();
  gateway.close();
});

const post = (path: string, body: object, token?: string): Promise<Answered> =>
  call(server.url, `POST ${path}`, { body, ...(token && { token }) });
const put = (token: string, body: object): Promise<Answered> => call(server.url, 'PUT /api/me/phone', { token, body });
const numberOf = async (token: string): Promise<string | null> =>
  (await call(server.url, 'GET /api/me/phone', { token })).data.phone;
const otherThan = (code: string): string => (code === '000000' ? '000001' : '000000');

/** Has a code sent that gives the number up, some time after the last one. */
async function releaseOf(phone: string, token: string): Promise<string> {
  await db.query(`update phone_verification_codes set created_at = created_at - interval '1 minute'`);
  expect(await post('/api/phone/code', { phone, purpose: 'release' }, token)).toMatchObject({ ok: true });
  return gateway.codeSentTo(phone);
}

/** Signed in by a code, with an address beside the number. */
async function account(): Promise<{ phone: string; id: string; token: string }> {
  const proof = await storedCode(db, 'login');
  const { data } = await post('/api/session/phone', { ...proof, displayName: 'Ada' });
  await storedEmail(db, data.user.id, `${data.user.id}@example.org`);
  return { phone: proof.phone, id: data.user.id, token: data.token };
}

const refused = { ok: false, status: 401, error: { code: 'wrong_credentials', details: { path: 'releaseCode' } } };

describe('the number of an account without a password', () => {
  test('gives way to another one, or to none, by a code to the number that it is, and by no other code', async () => {
    const { phone, id, token } = await account();
    const own = await storedCode(db, 'change');
    const others = [
      undefined,
      (await storedCode(db, 'login', phone)).code,
      (await storedCode(db, 'change', phone)).code,
      (await storedCode(db, 'release', own.phone)).code,
    ];
    for (const releaseCode of others) {
      expect(await put(token, { ...own, releaseCode })).toMatchObject(refused);
      expect(await post('/api/me/phone/remove', { releaseCode }, token)).toMatchObject(refused);
    }
    expect(await numberOf(token)).toBe(phone);
    const releaseCode = await releaseOf(phone, token);
    expect(gateway.messages.at(-1)!.text).toMatch(/^\d{6} is your code to change or remove [\s\S]*@localhost #\d{6}$/);
    // What it is for is no way in.
    expect((await post('/api/session/phone', { phone, code: releaseCode })).error.code).toBe('wrong_credentials');
    expect((await put(token, { ...own, code: otherThan(own.code), releaseCode })).error).toMatchObject({
      code: 'wrong_credentials',
      message: expect.stringContaining('code'),
    });
    expect(await put(token, { ...own, releaseCode })).toMatchObject({ data: { phone: own.phone } });
    expect(await post('/api/me/phone/remove', { releaseCode }, token)).toMatchObject(refused);
    const back = { ...(await storedCode(db, 'change', phone)), releaseCode: await releaseOf(own.phone, token) };
    expect(await put(token, back)).toMatchObject({ data: { phone } });
    // It is used up, though the number is the same again.
    expect(await post('/api/me/phone/remove', { releaseCode }, token)).toMatchObject(refused);
    const next = await storedCode(db, 'release', phone);
    expect(await post('/api/me/phone/remove', { releaseCode: next.code }, token)).toMatchObject({ ok: true });
    expect(await numberOf(token)).toBeNull();
    // The first number asks for what it always did.
    const first = await storedCode(db, 'change');
    expect(await put(token, first)).toMatchObject({ data: { phone: first.phone } });
    const { rows } = await db.query(
      `select old_values -> 'phone' as before, new_values -> 'phone' as after from audit_logs
       where user_id = $1 and action = 'user.phone_changed' order by created_at`,
      [id],
    );
    expect(rows).toEqual([
      { before: '[personal]', after: '[personal]' },
      { before: '[personal]', after: '[personal]' },
      { before: '[personal]', after: null },
      { before: null, after: '[personal]' },
    ]);
  });

  test('can be proven again by a code to itself', async () => {
    const { phone, token } = await account();
    expect(await put(token, await storedCode(db, 'change', phone))).toMatchObject({ data: { phone } });
  });

  test('is not to be guessed at: five tries, few codes, and every wrong one is a security event', async () => {
    const { phone, id, token } = await account();
    const releaseCode = await releaseOf(phone, token);
    expect(await post('/api/phone/code', { phone, purpose: 'release' }, token)).toMatchObject({ status: 429 });
    for (let n = 0; n < 5; n++)
      expect(await post('/api/me/phone/remove', { releaseCode: otherThan(releaseCode) }, token)).toMatchObject(refused);
    expect(await post('/api/me/phone/remove', { releaseCode }, token)).toMatchObject(refused);
    const { rows } = await db.query(
      `select sum((data ->> 'count')::int)::int as wrong from security_events where type = 'login_failed' and user_id = $1`,
      [id],
    );
    expect(rows[0].wrong).toBe(6);
    for (const bad of ['12345', '1234567', 'abcdef', 123456, null])
      expect((await post('/api/me/phone/remove', { releaseCode: bad }, token)).error.code).toBe('invalid_input');
  });
});
