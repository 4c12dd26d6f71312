// Who sees what in the database: the role of the commands with and without a user, and the role of the system.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sql, type Transaction } from 'kysely';
import { type Database, openDatabase } from '../../src/db/open.ts';
import { actAs } from '../../src/db/role.ts';
import type { Tables } from '../../src/db/tables.ts';
import { silentLog } from '../../src/observe/log.ts';
import { freshDatabase, type TestDatabase } from '../support/db.ts';

let database: TestDatabase;
let opened: Database;
/** Ada owns room and bot; Bob is a member of the room; Eve is a stranger. */
const people = { ada: '', bob: '', eve: '', root: '', bot: '' };
let room = '';

beforeAll(async () => {
  database = await freshDatabase();
  opened = await openDatabase({ databaseUrl: database.url, dataDir: '', poolSize: 2, log: silentLog });
  for (const name of ['ada', 'bob', 'eve', 'root'] as const) {
    const { rows } = await database.query(
      `insert into users (kind, username, display_name, role, password_hash) values ('guest', $1, $1, $2, 'x') returning id`,
      [name.padEnd(2), name === 'root' ? 'admin' : 'user'],
    );
    people[name] = rows[0].id;
  }
  const bot = await database.query(
    `insert into users (kind, username, display_name, bot_owner_id) values ('bot', 'bot', 'Bot', $1) returning id`,
    [people.ada],
  );
  people.bot = bot.rows[0].id;
  const made = await database.query(
    "insert into coding_sessions (name, owner_id, room_code) values ('r', $1, 'ABCDEF') returning id",
    [people.ada],
  );
  room = made.rows[0].id;
  await database.query(
    "insert into session_participants (session_id, user_id, role) values ($1, $2, 'owner'), ($1, $3, 'viewer')",
    [room, people.ada, people.bob],
  );
});
afterAll(async () => {
  await opened.close();
  await database.drop();
});

type Work<T> = (trx: Transaction<Tables>) => Promise<T>;

/** As a command of this person does it; what it did is taken back. */
function as<T>(person: keyof typeof people | undefined, work: Work<T>): Promise<T> {
  return rolledBack(opened.kysely, async (trx) => {
    if (person) await actAs(trx, people[person]);
    return work(trx);
  });
}

const asSystem = <T>(work: Work<T>): Promise<T> => rolledBack(opened.system, work);

async function rolledBack<T>(db: Database['kysely'], work: Work<T>): Promise<T> {
  const trx = await db.startTransaction().execute();
  try {
    return await work(trx);
  } finally {
    await trx.rollback().execute();
  }
}

const run = (trx: Transaction<Tables>, statement: string) => sql.raw<any>(statement).execute(trx);
const count = async (trx: Transaction<Tables>, table: string): Promise<number> =>
  Number((await run(trx, `select count(*) as n from ${table}`)).rows[0].n);

const DENIED = { code: '42501' };

describe('the server', () => {
  test('works as two roles that are nothing special and own nothing', async () => {
    expect(opened.role).toEqual({ limited: true });
    for (const [db, name] of [
      [opened.kysely, 'app_rw'],
      [opened.system, 'app_system'],
    ] as const) {
      const { rows } =
        await sql`select current_user as name, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolcanlogin,
        (select count(*)::int from pg_class where relowner = r.oid) as owned from pg_roles r where rolname = current_user`.execute(
          db,
        );
      const none = {
        rolsuper: false,
        rolbypassrls: false,
        rolcreaterole: false,
        rolcreatedb: false,
        rolcanlogin: false,
      };
      expect(rows).toEqual([{ name, owned: 0, ...none }]);
    }
  });

  test('stays in its role after RESET ROLE, beside options that the operator gave', async () => {
    const databaseUrl = `${database.url}?options=-c%20work_mem%3D5MB`;
    const other = await openDatabase({ databaseUrl, dataDir: '', poolSize: 2, log: silentLog });
    const told = await other.kysely.connection().execute(async (db) => {
      await sql`reset role`.execute(db);
      return sql`select current_user as role, current_setting('work_mem') as memory`.execute(db);
    });
    await other.close();
    expect(told.rows).toEqual([{ role: 'app_rw', memory: '5MB' }]);
  });

  test.each([
    'create table t (a int)',
    'drop table countries',
    'truncate audit_logs',
    'alter table users disable row level security',
  ])('may not: %s', async (statement) => {
    await expect(as('root', (trx) => run(trx, statement))).rejects.toMatchObject(DENIED);
    await expect(asSystem((trx) => run(trx, statement))).rejects.toMatchObject(DENIED);
  });

  test('does not reach around a table into its partitions', async () => {
    await expect(as('root', (trx) => run(trx, 'select * from audit_logs_default'))).rejects.toMatchObject(DENIED);
  });

  test('forgets whom it acted for with the transaction', async () => {
    await opened.kysely.connection().execute(async (db) => {
      await db.transaction().execute((trx) => actAs(trx as Transaction<Tables>, people.ada));
      const { rows } = await sql`select current_user_id() as id`.execute(db);
      expect(rows).toEqual([{ id: null }]);
    });
  });
});

/** A row of somebody: table → insert statement with USER in it. */
const ROWS: Readonly<Record<string, string>> = {
  user_preferences: `insert into user_preferences (user_id) values (USER)`,
  user_sessions: `insert into user_sessions (user_id, token_hash, expires_at) values (USER, sha256(USER::text::bytea), now())`,
  access_tokens: `insert into access_tokens (user_id, name, token_hash, last_four) values (USER, 't', sha256(USER::text::bytea), '1234')`,
  email_tokens: `insert into email_tokens (user_id, purpose, token_hash, email_encrypted, email_index, expires_at) values (USER, 'verify', sha256(USER::text::bytea), '', '', now())`,
  schedule_rules: `insert into schedule_rules (user_id, name, rule_type, run_at, job_template) values (USER, 'n', 'once', now(), '{}')`,
  usage_patterns: `insert into usage_patterns (user_id, pattern_type, pattern_key) values (USER, 't', 'k')`,
  notifications: `insert into notifications (user_id, type, title) values (USER, 't', 'n')`,
  remotes: `insert into remotes (owner_id, name, type) values (USER, 'r', 's3')`,
  jobs: `insert into jobs (user_id, type, payload) values (USER, 'copy', '{}')`,
  conversations: `insert into conversations (kind, owner_id, persona_id) values ('assistant', USER, 'pair')`,
  user_external_integrations: `insert into user_external_integrations (user_id, system_id) select USER, id from external_systems`,
};
/** One person's command may leave a row for another one. */
const GIVEN = ['notifications'];

describe.each(Object.entries(ROWS))('%s', (table, insert) => {
  const put = (trx: Transaction<Tables>, person: 'ada' | 'eve') =>
    run(trx, insert.replaceAll('USER', `'${people[person]}'::uuid`));
  const keyOf = table === 'remotes' || table === 'conversations' ? 'owner_id' : 'user_id';

  /** A row of Ada's and one of Eve's, and then the same transaction goes on as the role of the commands. */
  const withBoth = <T>(person: 'ada' | undefined, work: Work<T>): Promise<T> =>
    rolledBack(opened.system, async (trx) => {
      await run(
        trx,
        `insert into external_systems (name, display_name, type, base_url, auth_type) values ('s', 's', 'ci', 'https://s', 'none')`,
      );
      await put(trx, 'ada');
      await put(trx, 'eve');
      await run(trx, 'set local role app_rw');
      if (person) await actAs(trx, people[person]);
      return work(trx);
    });

  test('the system sees everybody’s rows', async () => {
    await withBoth(undefined, async (trx) => {
      await run(trx, 'set local role app_system');
      expect(await count(trx, table)).toBe(2);
    });
  });

  test('without a user there is none', async () => {
    expect(await withBoth(undefined, (trx) => count(trx, table))).toBe(0);
  });

  test('somebody sees and changes their own only', async () => {
    await withBoth('ada', async (trx) => {
      expect((await run(trx, `select ${keyOf} as id from ${table}`)).rows).toEqual([{ id: people.ada }]);
      expect((await run(trx, `update ${table} set ${keyOf} = ${keyOf}`)).numAffectedRows).toBe(1n);
      expect((await run(trx, `delete from ${table}`)).numAffectedRows).toBe(1n);
      await run(trx, 'set local role app_system');
      expect((await run(trx, `select ${keyOf} as id from ${table}`)).rows).toEqual([{ id: people.eve }]);
    });
  });

  test('a row cannot be given away', async () => {
    await expect(
      withBoth('ada', (trx) => run(trx, `update ${table} set ${keyOf} = '${people.bob}'`)),
    ).rejects.toMatchObject(DENIED);
  });

  test('nobody writes a row for another', async () => {
    const made = rolledBack(opened.kysely, async (trx) => {
      await actAs(trx, people.ada);
      if (table === 'user_external_integrations') {
        await run(
          trx,
          `insert into external_systems (name, display_name, type, base_url, auth_type) values ('s', 's', 'ci', 'https://s', 'none')`,
        );
      }
      return (await put(trx, 'eve')).numAffectedRows;
    });
    if (GIVEN.includes(table)) expect(await made).toBe(1n);
    else await expect(made).rejects.toMatchObject(DENIED);
  });
});
