// What signing in looks up, on tables of the size where it matters: by name, by address, by token, by link.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import { memoryRateLimit } from '../../src/cluster/rate-limit.ts';
import { openSecrets } from '../../src/db/secrets.ts';
import { readLink } from '../../src/features/identity/links.ts';
import { findAccount } from '../../src/features/identity/login.ts';
import { findByFamily } from '../../src/features/identity/renewal.ts';
import { newPair } from '../../src/features/identity/tokens.ts';
import { freshDatabase, type TestDatabase } from '../support/db.ts';
import { TEST_KEYS } from '../support/server.ts';
import { QueryPlans } from './query-plans.ts';

/** 20 000 accounts with an address, 60 000 sessions and 20 000 links. */
const FILL = `
  insert into users (username, display_name, password_hash, email_encrypted, email_index)
    select 'user-' || n, 'U', 'none', sha256(n::text::bytea), sha256(n::text::bytea) from generate_series(1, 20000) n;
  insert into user_sessions (user_id, token_hash, refresh_token_hash, refresh_family_hash, refresh_salt, expires_at)
    select id, h, h, h, h, now() + interval '1 day'
    from users cross join generate_series(1, 3) g cross join sha256((id::text || g)::bytea) h;
  insert into email_tokens (user_id, purpose, token_hash, email_encrypted, email_index, expires_at)
    select id, 'verify', sha256(id::text::bytea), '', '', now() + interval '1 day' from users`;

let database: TestDatabase;
let plans: QueryPlans;
let ports: any;

beforeAll(async () => {
  database = await freshDatabase();
  const pool = new pg.Pool({ connectionString: database.url, max: 2 });
  plans = new QueryPlans(pool);
  await pool.query(FILL);
  await pool.query('analyze');
  const secrets = openSecrets({ keys: TEST_KEYS, folder: undefined });
  ports = { system: plans.db, secrets, rateLimit: memoryRateLimit(0) };
});
afterAll(async () => {
  await plans.close();
  await database.drop();
});

test('an account by its name in any case', () =>
  plans.expectIndexes(() => findAccount(ports, 'user-77'), /users_username_key/));

test('an account by its address, under any key', () =>
  plans.expectIndexes(() => findAccount(ports, 'a@example.org'), /users_email_index_key/));

test('a session by any of its refresh tokens', () =>
  plans.expectIndexes(() => findByFamily(ports, newPair().pair.refreshToken), /user_sessions_refresh_family_hash_key/));

test('who a link is for', () =>
  plans.expectIndexes(
    () => expect(readLink(ports, { token: 'x', purpose: 'reset' })).rejects.toMatchObject({ code: 'not_found' }),
    /email_tokens_token_hash_key/,
  ));
