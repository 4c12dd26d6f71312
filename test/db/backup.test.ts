// Backup and restore: what comes out is what went in, for every table; and whatever is wrong is said in a sentence.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { sealAudit } from '../../src/db/audit-chain.ts';
import { verifyAudit } from '../../src/db/audit-verify.ts';
import { backUp } from '../../src/db/backup.ts';
import { openDatabase } from '../../src/db/open.ts';
import { restore } from '../../src/db/restore.ts';
import { newLineageMark } from '../../src/documents/lineage-mark.ts';
import { silentLog } from '../../src/observe/log.ts';
import { freshDatabase, type TestDatabase } from '../support/db.ts';
import { databaseCommand } from './command.ts';

let folder: string;
let source: TestDatabase;
let from: pg.Pool;
let target: TestDatabase;
/** A good backup of `source`. */
let file: string;

beforeAll(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'coderoom-backup-'));
  source = await freshDatabase();
  from = new pg.Pool({ connectionString: source.url, max: 2 });
  await from.query(FILL);
  const opened = await openDatabase({ databaseUrl: source.url, dataDir: '', poolSize: 2, log: silentLog });
  await sealAudit(opened.system, { minutes: undefined, log: silentLog });
  await opened.close();
  file = path.join(folder, 'good.backup');
  await backUp({ url: source.url, file });
});
afterAll(async () => {
  await from.end();
  await source.drop();
  fs.rmSync(folder, { recursive: true });
});
beforeEach(async () => {
  target = await freshDatabase({ empty: true });
});
afterEach(() => target.drop());

/** Rows of many tables, with everything that COPY has to get through: nulls, tabs, bytes, arrays, JSON, old months. */
const FILL = `
  insert into users (kind, username, display_name, metadata) select 'guest', 'u' || n, E'tab\\t\\\\line\\n' || n, '{"a": [1, null, "ü"]}'
    from generate_series(1, 300) n;
  insert into users (kind, username, display_name, bot_owner_id) select 'bot', 'bot', 'Bot', id from users where username = 'u1';
  insert into coding_sessions (name, owner_id, room_code) select '방 ' || id, id, 'ABCDEF' from users where username = 'u1';
  insert into session_participants (session_id, user_id) select s.id, u.id from coding_sessions s, users u;
  insert into files (session_id, path) select id, 'dir/file.js' from coding_sessions;
  insert into document_states (file_id, state) select id, decode('0000ff00', 'hex') from files;
  insert into document_updates (file_id, data) select id, decode(lpad(to_hex(n), 8, '0'), 'hex') from files, generate_series(1, 50) n;
  delete from document_updates where seq > 45;
  insert into file_versions (file_id, version_number, content, content_hash) select id, 1, repeat('long ', 100000), 'h' from files;
  insert into conversations (kind, session_id) select 'session', id from coding_sessions;
  insert into chat_messages (conversation_id, sender_type, content) select id, 'system', 'null \\N' from conversations;
  insert into chat_messages (conversation_id, sender_type, content, reply_to) select conversation_id, 'system', 're', id from chat_messages;
  insert into permissions (user_id, session_id, permissions) select owner_id, id, '{read,write}' from coding_sessions;
  insert into audit_logs (action, ip_address, created_at) values ('old', '::1', '2020-05-06'), ('new', '10.0.0.1', now());
  select ensure_month_partition('audit_logs', '2020-05-06');
  insert into activity_feed (type, created_at) values ('in no month', '2019-01-01');
  delete from countries where code = 'ZWE';
  update chatbot_personas set name = 'Changed' where id = 'pair'`;

/** All rows of all tables as text, but what a restore is meant to change. */
async function contentOf(url: string): Promise<Record<string, string[]>> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows: tables } =
    await client.query(`select relname as name from pg_class where relnamespace = 'public'::regnamespace
    and relkind in ('r', 'p') and not relispartition and relname !~ '^kysely_' and relname <> 'maintenance_runs' order by 1`);
  const content: Record<string, string[]> = {};
  for (const { name } of tables) {
    const { rows } = await client.query(
      `select to_jsonb(t) - '{lineage,lineage_client}'::text[] as row from ${name} t`,
    );
    content[name] = rows.map(({ row }) => JSON.stringify(row)).sort();
  }
  await client.end();
  return content;
}

const restoreInto = (url: string, given = file) => restore({ url, file: given, mark: newLineageMark(7) });
const query = async (url: string, statement: string): Promise<any[]> => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(statement)).rows;
  } finally {
    await client.end();
  }
};

describe('what is restored', () => {
  test('is what was backed up, in every table, months included', async () => {
    const rows = await restoreInto(target.url);
    const before = await contentOf(source.url);
    const after = await contentOf(target.url);
    const marks = after['document_updates']?.filter((row) => row.includes('"source":"restore"')) ?? [];
    expect(marks).toHaveLength(1);
    after['document_updates'] = after['document_updates']?.filter((row) => !marks.includes(row)) ?? [];
    expect(after).toEqual(before);
    expect(rows).toBe(Object.values(before).flat().length);
    expect(before['users']).toHaveLength(301);
    const places = 'select tableoid::regclass::text as place, count(*)::int from audit_logs group by 1 order by 1';
    expect(await query(target.url, places)).toEqual(await query(source.url, places));
    expect(await verifyAudit(target.url)).toMatchObject({ links: 2, problems: [], unsealed: 0 });
  });

  test('has new lineages, and numbers that go on behind the old ones', async () => {
    await restoreInto(target.url);
    const [before] = await query(source.url, 'select lineage, lineage_client from document_states');
    const [after] = await query(target.url, 'select lineage, lineage_client from document_states');
    expect(before.lineage_client).toBeNull();
    expect(after.lineage_client).toBe('7');
    expect(after.lineage).not.toBe(before.lineage);
    // 50 were given out, although the last five are gone.
    expect(await query(target.url, "select seq from document_updates where source = 'restore'")).toEqual([
      { seq: '51' },
    ]);
  });

  test('is of one moment, while others write', async () => {
    const busy = path.join(folder, 'busy.backup');
    let written = 0;
    await backUp({
      url: source.url,
      file: busy,
      // Written after the snapshot: none of it may be in the backup, or rows would point nowhere.
      onProgress: () =>
        void from.query(
          `insert into usage_patterns (user_id, pattern_type, pattern_key) select id, 'p', '${written++}' from users limit 1`,
        ),
    });
    await restoreInto(target.url, busy);
    expect(written).toBeGreaterThan(10);
    expect(await query(target.url, 'select count(*)::int as n from usage_patterns')).toEqual([{ n: 0 }]);
    await from.query('delete from usage_patterns');
  });

  test('can be backed up again', async () => {
    await restoreInto(target.url);
    const again = path.join(folder, 'again.backup');
    await backUp({ url: target.url, file: again });
    const second = await freshDatabase({ empty: true });
    await restoreInto(second.url, again);
    expect((await contentOf(second.url))['users']).toEqual((await contentOf(source.url))['users']);
    await second.drop();
  });
});

describe('is refused:', () => {
  const damage = (name: string, change: (bytes: Buffer) => Buffer): string => {
    const bad = path.join(folder, name);
    fs.writeFileSync(bad, change(fs.readFileSync(file)));
    return bad;
  };
  const MAGIC = 'coderoom backup 1\n'.length;
  /** The same frames with another header. */
  const withHeader = (bytes: Buffer, change: (header: any) => void): Buffer => {
    const frames = zstdDecompressSync(bytes.subarray(MAGIC));
    const length = frames.readUInt32BE(1);
    const header = JSON.parse(frames.subarray(5, 5 + length).toString());
    change(header);
    const json = Buffer.from(JSON.stringify(header));
    const head = Buffer.from([frames[0] as number, 0, 0, 0, 0]);
    head.writeUInt32BE(json.length, 1);
    const all = Buffer.concat([head, json, frames.subarray(5 + length)]);
    return Buffer.concat([
      bytes.subarray(0, MAGIC),
      zstdCompressSync(all, { params: { [constants.ZSTD_c_checksumFlag]: 1 } }),
    ]);
  };

  const FILES: [string, () => string, RegExp][] = [
    ['no file', () => path.join(folder, 'none'), /^There is no file .*none\.$/],
    ['a folder', () => folder, /cannot be read/],
    ['something else', () => damage('other', () => Buffer.from('PGDMP something')), /is not a backup of Coderoom/],
    ['an empty file', () => damage('empty', () => Buffer.alloc(0)), /is not a backup of Coderoom/],
    ['half a file', () => damage('half', (all) => all.subarray(0, all.length / 2)), /is damaged or cut off/],
    ['one without its last bytes', () => damage('short', (all) => all.subarray(0, -30)), /is damaged or cut off/],
    [
      'one with a byte changed',
      () =>
        damage('changed', (all) =>
          Buffer.concat([
            all.subarray(0, all.length - 300),
            Buffer.from([(all.at(-300) as number) ^ 1]),
            all.subarray(all.length - 299),
          ]),
        ),
      /is damaged or cut off/,
    ],
    [
      'one of a newer version',
      () => damage('newer', (all) => withHeader(all, (header) => header.migrations.push('9999_future'))),
      /made by a newer Coderoom \(9999_future/,
    ],
  ];

  test.each(FILES)('%s', async (_what, make, message) => {
    await expect(restoreInto(target.url, make())).rejects.toThrow(message);
    const rows = await query(target.url, "select to_regclass('users') as users");
    if (rows[0].users) expect(await query(target.url, 'select count(*)::int as n from users')).toEqual([{ n: 0 }]);
    // The same database takes a good one.
    await restoreInto(target.url);
    expect(await query(target.url, 'select count(*)::int as n from users')).toEqual([{ n: 301 }]);
  });

  test('a database that holds something', async () => {
    await restoreInto(target.url);
    await expect(restoreInto(target.url)).rejects.toThrow(
      /^The database is not empty \(activity_feed, .*, …\): a restore replaces nothing/,
    );
  });

  test('a database of something else', async () => {
    await query(target.url, 'create table orders (id int)');
    await expect(restoreInto(target.url)).rejects.toThrow(/^The database is not empty \(orders\)/);
  });

  test('a database that a server works on', async () => {
    const server = new pg.Client({ connectionString: target.url, application_name: 'coderoom' });
    await server.connect();
    await expect(restoreInto(target.url)).rejects.toThrow('A server works on this database: stop it first.');
    await server.end();
  });

  test('a backup over a file, or of nothing, or into a folder that is not there', async () => {
    await expect(backUp({ url: source.url, file })).rejects.toThrow(/is there already/);
    const fresh = path.join(folder, 'fresh');
    await expect(backUp({ url: target.url, file: fresh })).rejects.toThrow(/nothing to back up/);
    await expect(backUp({ url: source.url, file: path.join(folder, 'no/where') })).rejects.toThrow(/ENOENT/);
    expect(fs.existsSync(fresh) || fs.existsSync(`${fresh}.partial`)).toBe(false);
  });

  test('a backup by somebody from whom policies hide rows', async () => {
    const url = `${source.url}?options=-c%20role%3Dapp_rw`;
    await expect(backUp({ url, file: path.join(folder, 'hidden') })).rejects.toMatchObject({ code: '42501' });
  });
});

describe('the commands', () => {
  test('migrate, status, backup, restore and rollback say what they did', async () => {
    const there = { DATABASE_URL: target.url };
    expect((await databaseCommand(there, 'status')).said).toMatch(
      /^missing +0001_foundation$[\s\S]*steps are missing: npm run db:migrate/m,
    );
    expect((await databaseCommand(there, 'migrate')).said).toMatch(
      /applied 0001_foundation\n[\s\S]*The schema is up to date/,
    );
    expect((await databaseCommand(there, 'status')).said).toMatch(
      /^\d{4}-.*Z {2}0001_foundation$[\s\S]*The schema is up to date/m,
    );
    const restored = await databaseCommand(there, 'restore', file);
    expect(restored).toMatchObject({ code: 0, complained: '' });
    expect(restored.said).toMatch(/\d+ users: 301 rows\n[\s\S]*rows are restored/);
    const copy = path.join(folder, 'copy.backup');
    expect((await databaseCommand(there, 'backup', copy)).said).toMatch(/^(\d+)\/\1 \w+: \d+ rows\n\d+ rows are in /m);
    expect(fs.statSync(copy).mode & 0o777).toBe(0o600);
    expect((await databaseCommand(there, 'renew')).said).toMatch(/^1 documents have a new lineage/);
    const last = fs
      .readdirSync(path.join(import.meta.dirname, '../../migrations'))
      .sort()
      .at(-1)
      ?.replace('.ts', '');
    expect(await databaseCommand(there, 'rollback')).toEqual({
      code: 0,
      said: `took back ${last}\n`,
      complained: '',
    });
    expect((await databaseCommand(there, 'status')).said).toMatch(/1 of \d+ steps are missing/);
  }, 60_000);

  test.each([
    [['fly'], /^The commands are migrate, /],
    [['backup'], /^Name the file: npm run db:backup -- FILE$/m],
    [['restore', '/nowhere/x'], /^There is no file \/nowhere\/x\.$/m],
  ])('%j: an error in a sentence, and code 1', async (args, message) => {
    const { code, complained, said } = await databaseCommand({ DATABASE_URL: target.url }, ...args);
    expect(complained).toMatch(message);
    expect({ code, said, lines: complained.trim().split('\n').length }).toEqual({ code: 1, said: '', lines: 1 });
  });

  test('without a database: where it was looked for', async () => {
    const { code, complained } = await databaseCommand({ DATA_DIR: path.join(folder, 'none') }, 'backup', 'x');
    expect(complained).toMatch(/^There is no database in .*none; DATA_DIR or DATABASE_URL say where it is/);
    expect(code).toBe(1);
  });
});
