// A copy of the database does not say who is in it: names are sealed wherever a person gets one, read everywhere all the
// same, and stay readable when the keys are changed.
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { resealDatabase } from '../../../src/db/reseal.ts';
import { openSecrets } from '../../../src/db/secrets.ts';
import { call } from '../../support/api.ts';
import type { TestDatabase } from '../../support/db.ts';
import { PASSWORD } from '../../support/password.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { type House, openHouse } from '../people.ts';

const key = (id: number): string => `${id}:${randomBytes(32).toString('base64')}`;
const FIRST = key(1);
const SECOND = key(2);

let house: House;
let db: TestDatabase;

beforeAll(async () => {
  house = await openHouse({ SECRET_KEYS: FIRST });
  db = house.db;
});
afterAll(() => house.close());

/** Names that stand nowhere else. */
const NAMES = ['Zerlina Quux', 'Ottokar Frob', 'Blixa Wibble', 'Robbie Plugh'] as const;
const [GUEST, ACCOUNT, RENAMED, BOT] = NAMES;

/** Tables in which one of the texts stands, as letters or as bytes. */
async function tablesWith(texts: readonly string[]): Promise<string[]> {
  const { rows } = await db.query(
    `select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')`,
  );
  const forms = texts.flatMap((text) => [text.toLowerCase(), Buffer.from(text).toString('hex')]);
  const found: string[] = [];
  for (const { name } of rows) {
    const query = `select from "${name}" t where exists (select from unnest($1::text[]) f where strpos(lower(t::text), f) > 0)`;
    if ((await db.query(query, [forms])).rowCount) found.push(name);
  }
  return found;
}

async function asAdmin(url: string): Promise<(search: string) => Promise<string[]>> {
  const { data } = await call(url, 'POST /api/account', {
    body: { username: `root-${crypto.randomUUID()}`, password: PASSWORD },
  });
  await db.query(`update users set role = 'admin' where id = $1`, [data.user.id]);
  return async (search) => {
    const route = `GET /api/admin/users?search=${encodeURIComponent(search)}`;
    const answer = await call(url, route, { token: data.token });
    return answer.data.users.map(({ displayName }: { displayName: string }) => displayName);
  };
}

test('no table has a name in the clear, and everybody sees it where it belongs', async () => {
  const room = await house.room();
  const guest = await house.somebody(GUEST);
  await guest.client.ask('room.join', room.entry);
  const body = { username: `z.${crypto.randomUUID()}`, displayName: ACCOUNT, password: PASSWORD };
  const account = (await call(house.url, 'POST /api/account', { body })).data;
  const { token } = account;
  const joined = await call(house.url, 'POST /api/rooms/join', { token, body: room.entry });
  const named = (participants: readonly { displayName: string }[]) => participants.map((each) => each.displayName);
  expect(named(joined.data.participants)).toEqual(expect.arrayContaining([GUEST, ACCOUNT]));
  expect(await call(house.url, 'PATCH /api/me', { token, body: { displayName: RENAMED } })).toMatchObject({ ok: true });
  const made = await call(house.url, 'POST /api/bots', { token, body: { name: BOT } });
  expect(made.data.bot.displayName).toBe(BOT);
  const again = await call(house.url, 'GET /api/me', { token });
  expect(again.data.user.displayName).toBe(RENAMED);

  expect(await tablesWith(NAMES)).toEqual([]);
  // The search itself finds what there is.
  expect(await tablesWith([body.username])).toContain('users');
  const found = await asAdmin(house.url);
  expect(await found('zerlina quux')).toEqual([GUEST]);
  expect(await found('WIBBLE')).toEqual([RENAMED]);
  expect(await found('wib')).toEqual([]);
});

test('with a new key everything is sealed anew; then the old one can be thrown away', async () => {
  const clear = await house.somebody('Clara Nym');
  await db.query(`update users set display_name = 'Clara Nym', display_name_index = null where id = $1`, [clear.id]);
  const { url } = house.db;
  const resealed = await resealDatabase(url, openSecrets({ keys: `${FIRST},${SECOND}`, folder: undefined }));
  expect(resealed).toMatchObject({ failed: 0 });
  expect(await tablesWith(['Clara Nym'])).toEqual([]);
  const later: TestServer = await startServer({ DATABASE_URL: url, SECRET_KEYS: SECOND });
  const found = await asAdmin(later.url);
  expect(await found('quux')).toEqual([GUEST]);
  expect(await found('Clara')).toEqual(['Clara Nym']);
  expect(await later.stop()).toBe(true);
});
