// What even the right person’s command cannot read or change: other people’s messages, secrets, records.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Kysely, sql, type Transaction } from 'kysely';
import { type Database, openDatabase } from '../../src/db/open.ts';
import { actAs, actForEach } from '../../src/db/role.ts';
import type { Tables } from '../../src/db/tables.ts';
import { silentLog } from '../../src/observe/log.ts';
import { freshDatabase, type TestDatabase } from '../support/db.ts';

let database: TestDatabase;
let opened: Database;
/** Ada owns the room and the bot, Bob is a member, Eve is a stranger, Root an administrator. */
const people = { ada: '', bob: '', eve: '', root: '', bot: '' };
let room = '';
let talk = '';

async function add(statement: string, ...values: unknown[]): Promise<string> {
  const { rows } = await database.query(`${statement} returning id`, values);
  return rows[0].id;
}

beforeAll(async () => {
  database = await freshDatabase();
  opened = await openDatabase({ databaseUrl: database.url, dataDir: '', poolSize: 2, log: silentLog });
  const guest = `insert into users (kind, username, display_name, role, password_hash) values ('guest', $1, $1, $2, 'x')`;
  for (const name of ['ada', 'bob', 'eve'] as const) people[name] = await add(guest, name, 'user');
  people.root = await add(guest, 'root', 'admin');
  people.bot = await add(
    "insert into users (kind, username, display_name, bot_owner_id) values ('bot', 'bot', 'Bot', $1)",
    people.ada,
  );
  room = await add("insert into coding_sessions (name, owner_id, room_code) values ('r', $1, 'ABCDEF')", people.ada);
  await database.query('insert into session_participants (session_id, user_id) values ($1, $2)', [room, people.bob]);
  await database.query("insert into session_participants (session_id, user_id, role) values ($1, $2, 'owner')", [
    room,
    people.ada,
  ]);
  talk = await add("insert into conversations (kind, session_id) values ('session', $1)", room);
  const said =
    "insert into chat_messages (conversation_id, sender_type, sender_id, content) values ($1, 'user', $2, 'hello')";
  await add(said, talk, people.ada);
  await database.query(`insert into llm_providers (name, display_name) values ('p', 'P')`);
  await database.query(
    `insert into llm_api_keys (provider_id, name, api_key_encrypted) select id, 'k', 'secret' from llm_providers`,
  );
  await database.query(
    `insert into phone_verification_codes (phone_index, code_hash, expires_at) values ('i', 'h', now())`,
  );
  await database.query(
    "insert into access_tokens (user_id, name, token_hash, last_four) values ($1, 't', sha256('t'), '1234')",
    [people.bot],
  );
  await database.query("insert into audit_logs (user_id, action) values ($1, 'a'), ($2, 'b'), (null, 'c')", [
    people.ada,
    people.eve,
  ]);
});
afterAll(async () => {
  await opened.close();
  await database.drop();
});

/** The rows of one statement as a command of this person, or as the system; taken back. */
async function as(who: keyof typeof people | 'system' | undefined, statement: string): Promise<any[]> {
  const db: Kysely<Tables> = who === 'system' ? opened.system : opened.kysely;
  const trx = await db.startTransaction().execute();
  try {
    if (who && who !== 'system') await actAs(trx as Transaction<Tables>, people[who]);
    const { rows, numAffectedRows } = await sql.raw<any>(statement).execute(trx);
    return rows.length > 0 || numAffectedRows === undefined ? rows : Array.from({ length: Number(numAffectedRows) });
  } finally {
    await trx.rollback().execute();
  }
}

const DENIED = { code: '42501' };

describe('messages', () => {
  const READ = 'select content from chat_messages';
  const say = (type: string, sender: string | null): string =>
    `insert into chat_messages (conversation_id, sender_type, sender_id, content)
      values ('${talk}', '${type}', ${sender ? `'${sender}'` : 'null'}, 'x')`;

  test('are there for the members of their room, and for nobody else', async () => {
    for (const who of ['ada', 'bob', 'system'] as const) expect(await as(who, READ)).toEqual([{ content: 'hello' }]);
    for (const who of ['eve', 'root', undefined] as const) expect(await as(who, READ)).toEqual([]);
    expect(await as('eve', 'select id from conversations')).toEqual([]);
  });

  test('are written in one’s own name, in a conversation that one sees', async () => {
    expect(await as('bob', say('user', people.bob))).toHaveLength(1);
    expect(await as('bob', say('system', null))).toHaveLength(1);
    await expect(as('bob', say('user', people.ada))).rejects.toMatchObject(DENIED);
    await expect(as('bob', say('assistant', null))).rejects.toMatchObject(DENIED);
    await expect(as('eve', say('user', people.eve))).rejects.toMatchObject(DENIED);
    expect(await as('system', say('assistant', null))).toHaveLength(1);
  });

  test('are changed by who wrote them', async () => {
    expect(await as('ada', "update chat_messages set content = 'y'")).toHaveLength(1);
    expect(await as('bob', "update chat_messages set content = 'y'")).toHaveLength(0);
    expect(await as('bob', 'delete from chat_messages')).toHaveLength(0);
  });
});

describe('secrets', () => {
  test.each(['select password_hash from users', 'select * from users', 'select api_key_encrypted from llm_api_keys'])(
    'no command can run: %s',
    async (statement) => {
      for (const who of ['ada', 'root', undefined] as const) {
        await expect(as(who, statement)).rejects.toMatchObject(DENIED);
      }
      expect((await as('system', statement)).length).toBeGreaterThan(0);
    },
  );

  test('one-time codes are the system’s alone', async () => {
    await expect(as('root', 'select 1 from phone_verification_codes')).rejects.toMatchObject(DENIED);
    expect(await as('system', 'select 1 as one from phone_verification_codes')).toEqual([{ one: 1 }]);
  });

  test('administrators manage API keys without reading them', async () => {
    expect(await as('root', 'select name from llm_api_keys')).toEqual([{ name: 'k' }]);
    expect(await as('root', "update llm_api_keys set api_key_encrypted = 'new' where name = 'k'")).toHaveLength(1);
    expect(await as('ada', 'select name from llm_api_keys')).toEqual([]);
    const put =
      "insert into llm_api_keys (provider_id, name, api_key_encrypted) select id, 'l', 's' from llm_providers";
    expect(await as('root', put)).toHaveLength(1);
    await expect(as('ada', put)).rejects.toMatchObject(DENIED);
  });

  test('an administrator who was banned is none', async () => {
    await database.query("update users set status = 'banned' where id = $1", [people.root]);
    expect(await as('root', 'select name from llm_api_keys')).toEqual([]);
    await database.query("update users set status = 'active' where id = $1", [people.root]);
  });

  test('the tokens of a bot are its owner’s', async () => {
    expect(await as('ada', 'select name from access_tokens')).toEqual([{ name: 't' }]);
    expect(await as('bob', 'select name from access_tokens')).toEqual([]);
  });
});

describe('permissions', () => {
  const grant = (to: string) =>
    `insert into permissions (user_id, session_id, permissions) values ('${to}', '${room}', '{read}')`;

  test('are given by the owner of a room, to others and not by them', async () => {
    expect(await as('ada', grant(people.bob))).toHaveLength(1);
    await expect(as('bob', grant(people.bob))).rejects.toMatchObject(DENIED);
    await expect(as('eve', grant(people.eve))).rejects.toMatchObject(DENIED);
  });

  test('make a remote visible while they are active', async () => {
    const remote = await add("insert into remotes (owner_id, name, type) values ($1, 'r', 's3')", people.ada);
    await database.query("insert into permissions (user_id, remote_id, permissions) values ($1, $2, '{read}')", [
      people.bob,
      remote,
    ]);
    expect(await as('bob', 'select name from remotes')).toEqual([{ name: 'r' }]);
    expect(await as('bob', "update remotes set name = 'x'")).toHaveLength(0);
    expect(await as('eve', 'select name from remotes')).toEqual([]);
    await database.query('update permissions set is_active = false');
    expect(await as('bob', 'select name from remotes')).toEqual([]);
  });
});

describe('the audit log', () => {
  test.each(['update audit_logs set action = action', 'delete from audit_logs', 'truncate audit_logs'])(
    'is added to only; nobody can: %s',
    async (statement) => {
      for (const who of ['ada', 'root', 'system', undefined] as const) {
        await expect(as(who, statement)).rejects.toMatchObject(DENIED);
      }
    },
  );

  test('as little as security events can be deleted', async () => {
    for (const who of ['root', 'system'] as const) {
      await expect(as(who, 'delete from security_events')).rejects.toMatchObject(DENIED);
    }
  });

  test('shows people what they did themselves, and administrators everything', async () => {
    const read = 'select action from audit_logs order by action';
    expect(await as('ada', read)).toEqual([{ action: 'a' }]);
    for (const who of ['root', 'system'] as const) expect(await as(who, read)).toHaveLength(3);
    expect(await as(undefined, read)).toEqual([]);
  });

  test('takes nothing in another’s name', async () => {
    const put = (id: string) => `insert into audit_logs (user_id, action) values (${id}, 'x')`;
    expect(await as('ada', put(`'${people.ada}'`))).toHaveLength(1);
    expect(await as(undefined, put('null'))).toHaveLength(1);
    await expect(as('ada', put(`'${people.eve}'`))).rejects.toMatchObject(DENIED);
    await expect(as(undefined, put(`'${people.eve}'`))).rejects.toMatchObject(DENIED);
  });

  test('takes what several did who share a transaction, and shows none of them the others’', async () => {
    const trx = await opened.kysely.startTransaction().execute();
    const put = (id: string) => sql`insert into audit_logs (user_id, action) values (${id}, 'x')`.execute(trx);
    await actForEach(trx as Transaction<Tables>, [people.ada, people.bob]);
    await put(people.ada);
    await put(people.bob);
    expect((await sql`select 1 from audit_logs`.execute(trx)).rows).toEqual([]);
    await expect(put(people.eve)).rejects.toMatchObject(DENIED);
    await trx.rollback().execute();
  });

  test('stays for a year, also against the function that drops old months', async () => {
    const drop = (keep: string) => `select drop_old_partitions('audit_logs', interval '${keep}') as n`;
    await expect(as('system', drop('364 days'))).rejects.toMatchObject(DENIED);
    expect(await as('system', drop('365 days'))).toEqual([{ n: 0 }]);
    await expect(as('root', drop('365 days'))).rejects.toMatchObject(DENIED);
  });

  test('outlives its actor', async () => {
    const id = await add("insert into users (kind, username, display_name) values ('guest', 'gone', 'Gone')");
    await database.query("insert into audit_logs (user_id, action) values ($1, 'gone')", [id]);
    await database.query('delete from users where id = $1', [id]);
    const { rows } = await database.query("select user_id from audit_logs where action = 'gone'");
    expect(rows).toEqual([{ user_id: id }]);
  });
});

test('tables that name a person and have no policies are those of a room or of the operator, where the kernel decides', async () => {
  const { rows } = await database.query(`select distinct c.relname as name from pg_class c
    join pg_attribute a on a.attrelid = c.oid and a.attname in ('user_id', 'owner_id', 'sender_id')
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
      and not c.relrowsecurity order by 1`);
  expect(rows.map(({ name }) => name)).toEqual([
    'activity_feed',
    'agent_executions',
    'ai_suggestions',
    'code_executions',
    'coding_sessions',
    'document_clients',
    'editing_sessions',
    'security_events',
    'session_bans',
    'session_participants',
  ]);
});
