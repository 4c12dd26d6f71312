// Telephone numbers as people use them: a code comes by a text message, signs them in, makes them an account or gives theirs
// a number; and what somebody who guesses gets.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { HourCount } from '../../../src/mail/hour-count.ts';
import { type Answered, call } from '../../support/api.ts';
import { bareClient } from '../../support/bare-client.ts';
import type { TestDatabase } from '../../support/db.ts';
import { PASSWORD } from '../../support/password.ts';
import { freshNumber, storedCode } from '../../support/phone-code.ts';
import { openSmsGateway, type SmsGateway } from '../../support/sms-gateway.ts';
import { until } from '../../support/until.ts';
import { type House, openHouse } from '../people.ts';

let house: House;
let db: TestDatabase;
let gateway: SmsGateway;

beforeAll(async () => {
  gateway = await openSmsGateway();
  house = await openHouse(gateway.settings);
  db = house.db;
});
afterAll(async () => {
  await house.close();
  gateway.close();
  expect(gateway.unsigned).toEqual([]);
});

const post = (path: string, body: object, token?: string): Promise<Answered> =>
  call(house.url, `POST ${path}`, { body, ...(token && { token }) });

async function codeFor(phone: string, purpose = 'login', token?: string): Promise<string> {
  const before = gateway.messages.length;
  const asked = await post('/api/phone/code', { phone, purpose }, token);
  expect([asked.ok, asked.error]).toEqual([true, undefined]);
  return gateway.codeSentTo(phone, before);
}

/** Codes of a number are few: time passes for it. */
const later = (minutes: number) =>
  db.query(`update phone_verification_codes set created_at = created_at - $1 * interval '1 minute'`, [minutes]);

const numberOf = async (token: string): Promise<string | null> =>
  (await call(house.url, 'GET /api/me/phone', { token })).data.phone;

const otherThan = (code: string): string => (code === '000000' ? '000001' : '000000');

describe('signing in with a code', () => {
  test('makes an account the first time, and is the same person the next, however the number is written', async () => {
    const phone = freshNumber();
    const code = await codeFor(phone);
    expect(gateway.messages.at(-1)!.text).toMatch(/^\d{6} is your code[\s\S]*@localhost #\d{6}$/);
    const nameless = await post('/api/session/phone', { phone, code });
    expect(nameless.error).toMatchObject({ code: 'invalid_input', message: expect.stringContaining('displayName') });
    const first = await post('/api/session/phone', { phone, code, displayName: 'Ada' });
    expect(first.data.user).toMatchObject({ displayName: 'Ada', kind: 'human' });
    expect(first.data.refreshToken).toEqual(expect.any(String));
    await later(1);
    const spaced = `${phone.slice(0, 3)} (${phone.slice(3, 5)}) ${phone.slice(5, 8)}-${phone.slice(8)}`;
    expect(await post('/api/phone/code', { phone: spaced })).toMatchObject({ ok: true });
    const again = await until(async () => {
      const sent = await gateway.codeSentTo(phone);
      return sent === code ? undefined : post('/api/session/phone', { phone: spaced, code: sent });
    });
    expect(again?.data.user.id).toBe(first.data.user.id);
    const { data } = await call(house.url, 'GET /api/me/phone', { token: first.data.token });
    expect(data.phone).toBe(phone);
  });

  test('keeps what a guest has: the same user becomes an account', async () => {
    const room = await house.room();
    const guest = room.owner;
    const phone = freshNumber();
    const code = await codeFor(phone);
    const answer = await guest.client.ask('phone.verifyCode', { phone, code });
    expect(answer.user).toEqual({ id: guest.id, displayName: 'Owner', kind: 'human' });
    const { data } = await call(house.url, 'GET /api/rooms', { token: answer.token });
    expect(data.rooms.map(({ id }: { id: string }) => id)).toEqual([room.id]);
  });

  test('works once, not with another number, and not when it is old', async () => {
    const phone = freshNumber();
    const code = await codeFor(phone);
    const wrong = { ok: false, status: 401, error: { code: 'wrong_credentials' } };
    expect(await post('/api/session/phone', { phone: freshNumber(), code, displayName: 'x' })).toMatchObject(wrong);
    expect(await post('/api/session/phone', { phone, code: otherThan(code), displayName: 'x' })).toMatchObject(wrong);
    expect(await post('/api/session/phone', { phone, code, displayName: 'x' })).toMatchObject({ ok: true });
    expect(await post('/api/session/phone', { phone, code })).toMatchObject(wrong);
    await later(1);
    const late = await codeFor(phone);
    await db.query(`update phone_verification_codes set expires_at = now() where consumed_at is null`);
    expect(await post('/api/session/phone', { phone, code: late })).toMatchObject(wrong);
  });

  test('has five tries, also all at once; every refusal is the same, and is a security event', async () => {
    const phone = freshNumber();
    const code = await codeFor(phone);
    const tries = await Promise.all(
      Array.from({ length: 8 }, () => post('/api/session/phone', { phone, code: otherThan(code), displayName: 'x' })),
    );
    expect(new Set(tries.map(({ error }) => JSON.stringify(error))).size).toBe(1);
    const right = await post('/api/session/phone', { phone, code, displayName: 'x' });
    expect(right.error).toEqual(tries[0]!.error);
    const unknown = await post('/api/session/phone', { phone: freshNumber(), code, displayName: 'x' });
    expect(unknown.error).toEqual(tries[0]!.error);
    const { rows } = await db.query(`select data from security_events where type = 'login_failed'`);
    expect(rows.length).toBeGreaterThan(0);
  });

  test('what is no telephone number is refused', async () => {
    for (const phone of [
      '',
      '12345',
      '030 901820',
      '+',
      '+1',
      '+49 30 9',
      `+49${'1'.repeat(30)}`,
      '+49 thirty',
      '＋4930901820',
    ]) {
      expect((await post('/api/phone/code', { phone })).error.code).toBe('invalid_input');
    }
  });
});

describe('codes of a number', () => {
  test('are few, and the time to wait is told', async () => {
    const phone = freshNumber();
    await codeFor(phone);
    const early = await post('/api/phone/code', { phone });
    expect(early).toMatchObject({ status: 429, error: { code: 'rate_limited' } });
    expect(early.error.details.retryAfterMs).toBeGreaterThan(0);
    expect(early.error.details.retryAfterMs).toBeLessThanOrEqual(30_000);
    for (let n = 1; n < 5; n++) {
      await later(1);
      await codeFor(phone);
    }
    await later(1);
    const many = await post('/api/phone/code', { phone });
    expect(many.status).toBe(429);
    expect(many.error.details.retryAfterMs).toBeGreaterThan(30_000);
    await later(60);
    await codeFor(phone);
  });

  test('come again when the gateway fails at first, as the same message', async () => {
    const phone = freshNumber();
    gateway.troubles.push(503);
    await codeFor(phone);
    const ids = gateway.attempts.filter(({ to }) => to === phone).map(({ id }) => id);
    expect(ids).toEqual([ids[0], ids[0]]);
  });

  test('are in the database as little as the number is', async () => {
    const phone = freshNumber();
    const code = await codeFor(phone);
    await post('/api/session/phone', { phone, code, displayName: 'Sealed' });
    const { rows } = await db.query(`select relname as name from pg_class
      where relnamespace = 'public'::regnamespace and relkind = 'r'`);
    const hex = Buffer.from(phone.slice(1)).toString('hex');
    for (const { name } of rows) {
      const found = await db.query(`select from "${name}" t where strpos(t::text, $1) > 0 or strpos(t::text, $2) > 0`, [
        phone.slice(1),
        hex,
      ]);
      expect([name, found.rowCount]).toEqual([name, 0]);
    }
  });
});

describe('the number of an account', () => {
  async function account(): Promise<{ token: string; id: string; username: string }> {
    const username = `user.${crypto.randomUUID().slice(0, 8)}`;
    const { data } = await post('/api/account', { username, password: PASSWORD });
    return { token: data.token, id: data.user.id, username };
  }

  test('is attached with a code for that, changed and taken away; then it signs in, and no more', async () => {
    const { token, id } = await account();
    const phone = freshNumber();
    const login = await codeFor(phone);
    const put = (body: object): Promise<Answered> =>
      call(house.url, 'PUT /api/me/phone', { token, body: { password: PASSWORD, ...body } });
    expect((await put({ phone, code: login })).error.code).toBe('wrong_credentials');
    await later(1);
    // A way in: not for whoever finds the screen unlocked, and the code stays good.
    const code = await codeFor(phone, 'change', token);
    for (const password of [undefined, 'wrong horse battery'])
      expect((await put({ phone, code, password })).error.details).toEqual({ path: 'password' });
    expect(await put({ phone, code })).toMatchObject({ data: { phone } });
    await later(1);
    const known = await post('/api/session/phone', { phone, code: await codeFor(phone) });
    expect(known.data.user.id).toBe(id);
    const release = await storedCode(db, 'release', phone);
    for (const proof of [{}, { password: 'wrong horse battery' }, { releaseCode: release.code }])
      expect((await post('/api/me/phone/remove', proof, token)).error.details).toEqual({ path: 'password' });
    expect(await numberOf(token)).toBe(phone);
    expect(await post('/api/me/phone/remove', { password: PASSWORD }, token)).toMatchObject({ ok: true });
    expect(await numberOf(token)).toBeNull();
    await later(60);
    const other = await post('/api/session/phone', { phone, code: await codeFor(phone), displayName: 'Another' });
    expect(other.data.user.id).not.toBe(id);
    const mine = await account();
    await later(1);
    const wish = { phone, code: await codeFor(phone, 'change', mine.token), password: PASSWORD };
    const taken = await call(house.url, 'PUT /api/me/phone', { token: mine.token, body: wish });
    expect(taken.error.code).toBe('conflict');
  });

  test('stays where it is the only way in', async () => {
    const phone = freshNumber();
    const { data } = await post('/api/session/phone', { phone, code: await codeFor(phone), displayName: 'Only' });
    const client = await bareClient(house.url, data.token);
    const { code } = await storedCode(db, 'release', phone);
    expect(await client.call('phone.remove', { releaseCode: code })).toMatchObject({ error: { code: 'conflict' } });
    expect(await client.ask('phone.get')).toEqual({ phone });
    client.close();
  });
});

test('what happened within an hour is counted, and what is older is not', () => {
  let minutes = 1_000;
  const count = new HourCount(() => minutes * 60_000);
  count.add();
  minutes += 30;
  count.add();
  count.add();
  expect(count.total()).toBe(3);
  minutes += 30;
  expect(count.total()).toBe(2);
  minutes += 30;
  expect(count.total()).toBe(0);
});

test('all numbers together get so many in an hour, and then an administrator reads of it', async () => {
  const limited = await openHouse({ RATE_LIMIT_FACTOR: '1', SMS_PER_HOUR: '3' });
  try {
    const ask = (phone: string): Promise<Answered> => call(limited.url, 'POST /api/phone/code', { body: { phone } });
    const phone = freshNumber();
    expect(await ask(phone)).toMatchObject({ ok: true });
    // One that is refused for its own sake does not count.
    expect(await ask(phone)).toMatchObject({ status: 429 });
    const answers = await Promise.all(Array.from({ length: 6 }, () => ask(freshNumber())));
    expect(answers.filter(({ ok }) => ok)).toHaveLength(2);
    const { status, error } = answers.find(({ ok }) => !ok)!;
    expect([status, error.code, error.details.reason]).toEqual([429, 'rate_limited', 'server']);
    expect(error.details.retryAfterMs).toBeGreaterThan(30 * 60_000);
    const metrics = await (await fetch(`${limited.url}/metrics`)).text();
    const told = Array.from(metrics.matchAll(/^coderoom_text_messages_(\w+) (\d+)$/gm), ([, name, value]) => [
      name,
      value,
    ]);
    expect(Object.fromEntries(told)).toEqual({ sent: '3', refused: '4', per_hour: '3' });
    const health = (await call(limited.url, 'GET /health')).data;
    expect(health.sms).toEqual({ textMessagesSent: 3, textMessagesRefused: 4, textMessagesPerHour: 3 });
    const events = await limited.db.query(`select severity from security_events where type = 'sms_exhausted'`);
    expect(events.rows[0]).toEqual({ severity: 'high' });
    const codes = await limited.db.query('select count(*)::int as n from phone_verification_codes');
    expect(codes.rows[0].n).toBe(3);
  } finally {
    await limited.close();
  }
});
