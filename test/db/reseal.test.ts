// Rotation of keys: everything sealed comes under the newest one, indexes with it, however often it is broken off; and no
// sealed column is forgotten.
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { namedRow, nameIndexes, openName } from '../../src/db/names.ts';
import { type Database, openDatabase } from '../../src/db/open.ts';
import { resealAll, SEALED_COLUMNS } from '../../src/db/reseal.ts';
import { openSecrets, type Secrets } from '../../src/db/secrets.ts';
import { silentLog } from '../../src/observe/log.ts';
import { freshDatabase, type TestDatabase } from '../support/db.ts';

/** Sealed columns that nothing is written to yet. */
const NOT_YET = [
  'llm_api_keys.api_key_encrypted',
  'remotes.secret_encrypted',
  'user_external_integrations.credential_encrypted',
  'user_external_integrations.external_user_encrypted',
];

const key = (id: number): string => `${id}:${randomBytes(32).toString('base64')}`;
const withKeys = (keys: string): Secrets => openSecrets({ keys, folder: undefined });
const PEOPLE = 250;

let fresh: TestDatabase;
let database: Database;

beforeAll(async () => {
  fresh = await freshDatabase();
  database = await openDatabase({ databaseUrl: fresh.url, dataDir: '', poolSize: 2, log: silentLog });
});
afterAll(async () => {
  await database.close();
  await fresh.drop();
});

test('every sealed column is in the list, with the index that stands beside it', async () => {
  const { rows } = await fresh.query(
    `select table_name || '.' || column_name as name from information_schema.columns
     where table_schema = 'public' and column_name like '%\\_encrypted' order by 1`,
  );
  const listed = SEALED_COLUMNS.map(({ table, column }) => `${table}.${column}`);
  expect([...listed, ...NOT_YET].sort()).toEqual(rows.map(({ name }) => name));
  const { rows: indexes } = await fresh.query(
    `select table_name || '.' || column_name as name from information_schema.columns
     where table_schema = 'public' and column_name in ('email_index', 'phone_index') order by 1`,
  );
  const indexed = SEALED_COLUMNS.flatMap(({ table, index }) => (index ? [`${table}.${index.column}`] : []));
  // Codes are gone after minutes: theirs are not worth it.
  expect([...indexed, 'phone_verification_codes.phone_index'].sort()).toEqual(indexes.map(({ name }) => name));
});

/** A row with an address, sealed as the code does it. */
async function fill(secrets: Secrets, name: string): Promise<string> {
  const id = crypto.randomUUID();
  const token = randomBytes(32);
  await fresh.query(
    `insert into users (id, username, display_name, display_name_index, email_encrypted, email_index, phone_encrypted,
      phone_index) values ($1, $2, $7, $8, $3, $4, $5, $6)`,
    [
      id,
      name,
      secrets.seal(`${name}@example.org`, `users.email_encrypted:${id}`),
      secrets.blindIndex(`${name}@example.org`, 'email')[0],
      secrets.seal(`+4930${name}`, `users.phone_encrypted:${id}`),
      secrets.blindIndex(`+4930${name}`, 'phone')[0],
      ...Object.values(namedRow(secrets, name)),
    ],
  );
  await fresh.query(
    `insert into email_tokens (user_id, purpose, token_hash, email_encrypted, email_index, expires_at)
     values ($1, 'verify', $2, $3, $4, now())`,
    [
      id,
      token,
      secrets.seal(name, `email_tokens.email_encrypted:${token.toString('hex')}`),
      secrets.blindIndex(name, 'email')[0],
    ],
  );
  return id;
}

test('everything comes under the newest key, and is found and read with it alone', async () => {
  const [first, second] = [key(1), key(2)];
  for (let n = 0; n < PEOPLE; n++) await fill(withKeys(first), `person-${n}`);
  const environment = 'update execution_environments set environment_encrypted = $2 where id = $1';
  const { rows: environments } = await fresh.query('select id from execution_environments limit 1');
  const place = `execution_environments.environment_encrypted:${environments[0].id}`;
  await fresh.query(environment, [environments[0].id, withKeys(first).seal('{}', place)]);

  const both = withKeys(`${first},${second}`);
  expect(await resealAll(database.system, both)).toEqual({ resealed: PEOPLE * 4 + 1, failed: 0 });
  expect(await resealAll(database.system, both)).toEqual({ resealed: 0, failed: 0 });

  const alone = withKeys(second);
  const { rows } = await fresh.query('select * from users where email_index = $1', [
    alone.blindIndex('person-7@example.org', 'email')[0],
  ]);
  expect(alone.open(rows[0].email_encrypted, `users.email_encrypted:${rows[0].id}`)).toBe('person-7@example.org');
  expect(alone.open(rows[0].phone_encrypted, `users.phone_encrypted:${rows[0].id}`)).toBe('+4930person-7');
  expect(rows[0].phone_index).toEqual(alone.blindIndex('+4930person-7', 'phone')[0]);
  expect(openName(alone, rows[0].display_name)).toBe('person-7');
  const named = 'select id from users where display_name_index && $1::bytea[]';
  expect((await fresh.query(named, [nameIndexes(alone, 'PERSON-7')])).rows).toEqual([{ id: rows[0].id }]);
  const { rows: links } = await fresh.query('select * from email_tokens where user_id = $1', [rows[0].id]);
  const linkPlace = `email_tokens.email_encrypted:${links[0].token_hash.toString('hex')}`;
  expect(alone.open(links[0].email_encrypted, linkPlace)).toBe('person-7');
});

test('broken off it goes on; what cannot be opened is counted and left as it was', async () => {
  const [first, second] = [key(3), key(4)];
  const kept = await fill(withKeys(first), 'kept');
  const lost = await fill(withKeys(key(9)), 'lost');
  const both = withKeys(`${first},${second}`);
  let opened = 0;
  const breaking: Secrets = {
    ...both,
    open(sealed, place) {
      if (++opened > PEOPLE + 1) throw Object.assign(new Error('cut'), { code: 'cut' });
      return both.open(sealed, place);
    },
  };
  const before = (await fresh.query('select email_encrypted from users where id = $1', [lost])).rows[0];
  await resealAll(database.system, breaking);
  const { failed } = await resealAll(database.system, both);
  expect((await fresh.query('select email_encrypted from users where id = $1', [lost])).rows[0]).toEqual(before);
  const { rows } = await fresh.query('select email_encrypted from users where id = $1', [kept]);
  expect(withKeys(second).open(rows[0].email_encrypted, `users.email_encrypted:${kept}`)).toBe('kept@example.org');
  // The lost ones, and those of the test before, whose key is not here.
  expect(failed).toBe(4 + PEOPLE * 4 + 1);
});

test('without keys nothing is done', async () => {
  const none = openSecrets({ keys: undefined, folder: undefined });
  expect(await resealAll(database.system, none)).toEqual({ resealed: 0, failed: 0 });
});
