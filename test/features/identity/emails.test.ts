// E-mail addresses: proven by a letter that went over the real wire of SMTP, and the way back for who forgot the password.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openMail } from '../../../src/mail/mail.ts';
import { openSms } from '../../../src/mail/sms.ts';
import { openLog } from '../../../src/observe/log.ts';
import { type Answered, call } from '../../support/api.ts';
import { linkIn, type Mailbox, openMailbox } from '../../support/mailbox.ts';
import { PASSWORD } from '../../support/password.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { until } from '../../support/until.ts';
import { type Owner, ownerOf } from './owner.ts';

const NEW_PASSWORD = 'battery staple horse';

let server: TestServer;
let owner: Owner;
let mailbox: Mailbox;

beforeAll(async () => {
  mailbox = await openMailbox();
  const PUBLIC_URL = 'https://code.example.org';
  server = await startServer({
    SMTP_URL: `smtp://127.0.0.1:${mailbox.port}`,
    MAIL_FROM: 'Räume <no@room.org>',
    PUBLIC_URL,
  });
  owner = ownerOf(server);
});
afterAll(async () => {
  await server.stop();
  await mailbox.close();
});

const post = (path: string, body: object, token?: string): Promise<Answered> =>
  call(server.url, `POST /api/${path}`, { body, ...(token === undefined ? {} : { token }) });
const login = (name: string, password = PASSWORD): Promise<Answered> =>
  post('session/login', { login: name, password });
const account = async (token: string): Promise<any> =>
  (await call(server.url, 'GET /api/account', { token })).data.account;
const verify = (token: string): Promise<Answered> => post('account/email/verify', { token });
const forgotten = (name: string): Promise<Answered> => post('account/password/forgotten', { login: name });
const reset = (token: string, password: string): Promise<Answered> =>
  post('account/password/reset', { token, password });

async function register(username: string, email: string): Promise<string> {
  return (await post('account', { username, password: PASSWORD, email })).data.token;
}

/** With an address that is proven. */
async function proven(username: string, email: string): Promise<string> {
  const token = await register(username, email);
  await verify(linkIn(await mailbox.letterTo(email)).token);
  return token;
}

describe('an address', () => {
  test('counts once the link of the letter was followed, in whatever browser, once', async () => {
    const token = await register('ada', 'Ada@Example.org');
    const letter = await mailbox.letterTo('ada@example.org');
    expect(letter.from).toBe('no@room.org');
    expect(letter.headers).toMatchObject({ subject: 'Confirm your e-mail address', to: 'ada@example.org' });
    expect(letter.text).toContain('Hello ada,');
    const link = linkIn(letter);
    // Behind the #: neither this server's log nor that of a proxy gets to see it.
    expect(link.href).toBe(`https://code.example.org/account/verify#${link.token}`);
    expect(await account(token)).toMatchObject({ email: null, unverifiedEmail: 'ada@example.org' });
    expect(await login('ada@example.org')).toMatchObject({ status: 401 });
    expect(await verify(link.token)).toMatchObject({ ok: true, data: { email: 'ada@example.org' } });
    expect(await account(token)).toMatchObject({ email: 'ada@example.org', unverifiedEmail: null });
    expect((await login('ADA@example.org')).ok).toBe(true);
    expect(await verify(link.token)).toMatchObject({ status: 404 });
    const kept = JSON.stringify(await owner.rows('select * from email_tokens, audit_logs'));
    expect(kept).not.toContain(link.token);
    expect(kept).not.toContain('ada@example.org');
  });

  test('a link that is over, or another one than the last, does not work; a new letter can be had', async () => {
    const token = await register('bea', 'bea@example.org');
    const first = linkIn(await mailbox.letterTo('bea@example.org'));
    expect((await post('account/email/letter', {}, token)).ok).toBe(true);
    const second = linkIn(await mailbox.letterTo('bea@example.org', 1));
    expect(await verify(first.token)).toMatchObject({ status: 404 });
    await owner.rows("update email_tokens set expires_at = expires_at - interval '2 days'");
    expect(await verify(second.token)).toMatchObject({ status: 404 });
    expect(await post('account/email/letter', {}, token)).toMatchObject({ status: 404 });
  });

  test('is changed with the password; the one before counts until then, and is told', async () => {
    const token = await proven('cem', 'cem@example.org');
    const change = (body: object): Promise<Answered> => post('account/email', body, token);
    expect(await change({ email: 'new@example.org' })).toMatchObject({ status: 401 });
    expect(await change({ email: 'new@example.org', password: 'wrong horse battery' })).toMatchObject({ status: 401 });
    expect((await change({ email: 'new@example.org', password: PASSWORD })).ok).toBe(true);
    expect(await account(token)).toMatchObject({ email: 'cem@example.org', unverifiedEmail: 'new@example.org' });
    await forgotten('cem');
    const old = linkIn(await mailbox.letterTo('cem@example.org', 1));
    await verify(linkIn(await mailbox.letterTo('new@example.org')).token);
    expect(await account(token)).toMatchObject({ email: 'new@example.org', unverifiedEmail: null });
    expect((await mailbox.letterTo('cem@example.org', 2)).text).toContain(
      'another e-mail address now: new@example.org',
    );
    // Who still reads the old mailbox cannot come in by it.
    expect(await reset(old.token, NEW_PASSWORD)).toMatchObject({ status: 404 });
    expect((await change({ email: null, password: PASSWORD })).ok).toBe(true);
    expect(await account(token)).toMatchObject({ email: null, unverifiedEmail: null });
  });

  test('that another account has proven stays theirs; asking for it tells nothing', async () => {
    await proven('dora', 'dora@example.org');
    const token = await register('thief', 'dora@example.org');
    const link = linkIn(await mailbox.letterTo('dora@example.org', 1));
    expect(await verify(link.token)).toMatchObject({ status: 409 });
    expect(await account(token)).toMatchObject({ email: null });
    expect((await login('dora@example.org')).data.user.displayName).toBe('dora');
  });
});

describe('a forgotten password', () => {
  test('is set anew by the link of a letter: once, and all sessions end', async () => {
    const token = await proven('eve', 'eve@example.org');
    expect((await forgotten('EVE@example.org')).ok).toBe(true);
    const letter = await mailbox.letterTo('eve@example.org', 1);
    const link = linkIn(letter);
    expect(link.href).toBe(`https://code.example.org/account/reset#${link.token}`);
    // The link for an address is none for a password.
    expect(await verify(link.token)).toMatchObject({ status: 404 });
    expect(await reset(link.token, 'eve@example.org')).toMatchObject({ status: 400 });
    expect((await account(token)).username).toBe('eve');
    const both = await Promise.all([reset(link.token, NEW_PASSWORD), reset(link.token, `${NEW_PASSWORD}!`)]);
    expect(both.map(({ status }) => status).sort()).toEqual([200, 404]);
    const chosen = both[0]?.ok ? NEW_PASSWORD : `${NEW_PASSWORD}!`;
    expect(both.find(({ ok }) => ok)?.data).toEqual({ username: 'eve' });
    expect((await call(server.url, 'GET /api/me', { token })).status).toBe(401);
    expect((await login('eve')).status).toBe(401);
    expect((await login('eve', chosen)).ok).toBe(true);
    expect((await mailbox.letterTo('eve@example.org', 2)).headers['subject']).toBe('Your password was changed');
    const actions = await owner.rows(
      "select action, user_id is null as unknown from audit_logs where action like 'user.password%' and resource_id in (select id::text from users where username = 'eve') order by created_at",
    );
    expect(actions).toEqual([
      { action: 'user.password_forgotten', unknown: true },
      { action: 'user.password_reset', unknown: false },
    ]);
  });

  test('takes along what whoever knew it left behind: links to their own address, and to choose another one', async () => {
    const token = await proven('hana', 'hana@example.org');
    const plant = async (turn: number, password: string): Promise<string> => {
      await post('account/email', { email: 'thief@example.org', password }, token);
      return linkIn(await mailbox.letterTo('thief@example.org', turn)).token;
    };
    const first = await plant(0, PASSWORD);
    await forgotten('hana');
    const unused = linkIn(await mailbox.letterTo('hana@example.org', 1)).token;
    const change = { password: PASSWORD, newPassword: NEW_PASSWORD };
    expect((await post('account/password', change, token)).ok).toBe(true);
    expect(await verify(first)).toMatchObject({ status: 404 });
    expect(await reset(unused, 'a horse of their own')).toMatchObject({ status: 404 });
    const second = await plant(1, NEW_PASSWORD);
    await forgotten('hana');
    expect((await reset(linkIn(await mailbox.letterTo('hana@example.org', 2)).token, PASSWORD)).ok).toBe(true);
    expect(await verify(second)).toMatchObject({ status: 404 });
    expect((await login('hana@example.org')).ok).toBe(true);
  });

  test('of nobody, or of who has proven no address: the same answer after the same time, and no letter', async () => {
    await proven('finn', 'finn@example.org');
    await register('gina', 'gina@example.org');
    await mailbox.letterTo('gina@example.org');
    const before = mailbox.letters.length;
    const times: number[] = [];
    for (const name of ['finn', 'nobody', 'gina', 'gina@example.org']) {
      const began = performance.now();
      expect(await forgotten(name)).toEqual({ status: 200, ok: true, data: {} });
      times.push(performance.now() - began);
    }
    await mailbox.letterTo('finn@example.org', 1);
    expect(mailbox.letters.length).toBe(before + 1);
    // None is answered before a time that the work fits into.
    expect(Math.min(...times)).toBeGreaterThanOrEqual(149);
  });
});

test('nobody’s mailbox is filled: a few letters to one address within an hour', async () => {
  const limited = await startServer({ RATE_LIMIT_FACTOR: '1' });
  const ask = (name: string): Promise<Answered> =>
    call(limited.url, 'POST /api/account/password/forgotten', { body: { login: name } });
  for (let turn = 0; turn < 6; turn++) expect((await ask('victim@example.org')).ok).toBe(true);
  expect(await ask('Victim@example.org')).toMatchObject({ status: 429 });
  expect((await ask('bystander')).ok).toBe(true);
  await limited.stop();
});

describe('the way of a letter', () => {
  const LETTER = { to: 'ada@example.org', subject: 'Line\r\nBcc: eve@example.org', text: 'Grüße\n.\nfrom here' };
  const lines: any[] = [];
  const log = openLog('info', { write: (line: string) => void lines.push(JSON.parse(line)) });

  test('what is written into it adds no header and does not end it, and one that is refused comes again', async () => {
    const box = await openMailbox({ refusals: 1 });
    const mail = openMail({ smtpUrl: `smtp://127.0.0.1:${box.port}`, from: 'room@example.org', log });
    mail.post(LETTER);
    const letter = await box.letterTo('ada@example.org');
    await mail.settled();
    expect(letter.to).toEqual(['ada@example.org']);
    expect(letter.headers['bcc']).toBeUndefined();
    expect(letter.text.replaceAll('\r', '').trim()).toBe(LETTER.text);
    expect(lines.some(({ msg, again }) => msg === 'a letter could not be sent' && again === true)).toBe(true);
    await box.close();
  });

  test('a password goes over the wire under TLS only, unless the operator says otherwise', async () => {
    const box = await openMailbox({ login: { user: 'room', password: 'pass word' } });
    const address = `smtp://room:pass%20word@127.0.0.1:${box.port}`;
    const refused = lines.length;
    const careful = openMail({ smtpUrl: address, from: 'room@example.org', log });
    careful.post(LETTER);
    await until(() => lines.slice(refused).some(({ msg }) => msg === 'a letter could not be sent'));
    expect(box.lines.some((line) => line.startsWith('AUTH'))).toBe(false);
    const told = openMail({ smtpUrl: `${address}?insecure=1`, from: 'room@example.org', log });
    told.post(LETTER);
    expect((await box.letterTo('ada@example.org')).from).toBe('room@example.org');
    await told.settled();
    // What still waits gets one more try: a server that stops does not wait for it.
    const began = performance.now();
    await careful.settled();
    expect(performance.now() - began).toBeLessThan(2_000);
    await box.close();
  });

  test('without a server it is written to the log, readable, for a developer; text messages, too', async () => {
    const mail = openMail({ smtpUrl: undefined, from: 'room@example.org', log });
    mail.post(LETTER);
    await mail.settled();
    const { text: message, ...rest } = LETTER;
    expect(lines.at(-1)).toMatchObject({ letter: { ...rest, message }, msg: expect.stringContaining('SMTP_URL') });
    const sms = openSms({ webhookUrl: undefined, secret: undefined, perHour: 1, log });
    sms.post({ ...LETTER, text: 'The code is 123456' });
    await sms.settled();
    expect(lines.at(-1)).toMatchObject({ sms: { to: LETTER.to, message: 'The code is 123456' } });
  });
});
