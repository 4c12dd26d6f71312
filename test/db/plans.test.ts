// The statements that run all the time use their index, on tables of the size where it matters: the plans of what the
// code itself sends, not of copies.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Kysely } from 'kysely';
import pg from 'pg';
import { memoryRateLimit } from '../../src/cluster/rate-limit.ts';
import { pageOf } from '../../src/db/page.ts';
import type { Tables } from '../../src/db/tables.ts';
import { filesOf, participantOf, participantsOfRooms } from '../../src/db/views.ts';
import { inlineMerger } from '../../src/documents/merger.ts';
import { SqlUpdateLog } from '../../src/documents/sql-update-log.ts';
import { SqlVersions } from '../../src/documents/sql-versions.ts';
import { initialUpdate } from '../../src/documents/update-merge.ts';
import { recordHandlers } from '../../src/features/administration/records.ts';
import { fileHandlers } from '../../src/features/files.ts';
import { tokenAuthenticator } from '../../src/features/identity.ts';
import { roomHandlers } from '../../src/features/rooms.ts';
import { Runs } from '../../src/features/runs/runs.ts';
import { authorizer } from '../../src/kernel/access.ts';
import { Kernel } from '../../src/kernel/run.ts';
import { silentLog } from '../../src/observe/log.ts';
import { freshDatabase, type TestDatabase } from '../support/db.ts';
import { QueryPlans } from './query-plans.ts';

let database: TestDatabase;
let pool: pg.Pool;
let db: Kysely<Tables>;
let plans: QueryPlans;
const ids = { user: '', room: '', file: '', run: '', conversation: '' };

beforeAll(async () => {
  database = await freshDatabase();
  pool = new pg.Pool({ connectionString: database.url, max: 4 });
  plans = new QueryPlans(pool);
  ({ db } = plans);
  await pool.query(FILL, []);
  await pool.query('analyze');
  const one = async (statement: string): Promise<string> => (await pool.query(statement)).rows[0].id;
  ids.user = await one("select id from users where username = 'user-77'");
  ids.room = await one(`select session_id as id from session_participants where user_id = '${ids.user}' limit 1`);
  ids.file = await one(`select id from files where session_id = '${ids.room}' limit 1`);
  ids.run = await one(`select id from code_executions where session_id = '${ids.room}' limit 1`);
  ids.conversation = await one(`select id from conversations where session_id = '${ids.room}'`);
}, 120_000);
afterAll(async () => {
  await plans.close();
  await database.drop();
});

/** 20 000 users and 10 000 rooms; 1000 of them with 10 members, 10 files, 20 runs and 20 messages each; and records. */
const FILL = `
  insert into users (kind, username, display_name) select 'guest', 'user-' || n, 'U' from generate_series(1, 20000) n;
  create temporary table u as select id, row_number() over (order by id) as n from users order by id limit 2000;
  insert into coding_sessions (name, owner_id, room_code, visibility)
    select 'r', u.id, upper(lpad(to_hex(g), 6, '0')), case when g % 5 = 0 then 'public' else 'private' end
    from generate_series(1, 10000) g join u on u.n = 1 + g % 2000;
  create temporary table r as select id, row_number() over (order by id) as n from coding_sessions limit 1000;
  insert into session_participants (session_id, user_id, joined_at)
    select r.id, u.id, now() - g * interval '1 hour' from r cross join generate_series(0, 9) g
    join u on u.n = 1 + (r.n * 7 + g * 131) % 2000;
  insert into permissions (user_id, session_id) select user_id, session_id from session_participants;
  insert into permissions (session_id) select id from r;
  insert into files (session_id, path) select r.id, 'file-' || g || '.js' from r cross join generate_series(1, 10) g;
  insert into document_states (file_id, state) select id, '\\x0000' from files;
  insert into document_updates (file_id, data) select id, '\\x0000' from files cross join generate_series(1, 5);
  insert into document_clients (file_id, client_id) select id, g from files cross join generate_series(1, 5) g;
  insert into document_history (file_id, from_seq, to_seq, updates, started_at, ended_at)
    select id, g, g, '', now(), now() - g * interval '10 days' from files cross join generate_series(1, 3) g;
  insert into file_versions (file_id, version_number, content, content_hash, created_at)
    select id, g, 'text', '', now() - g * interval '1 minute' from files cross join generate_series(1, 10) g;
  insert into code_executions (session_id, user_id, language, code, status, created_at)
    select r.id, u.id, 'javascript', '', 'completed', now() - g * interval '1 minute'
    from r cross join generate_series(1, 20) g join u on u.n = 1 + g;
  insert into user_sessions (user_id, token_hash, expires_at)
    select id, sha256((id::text || g)::bytea), now() + g * interval '1 day' from u cross join generate_series(1, 5) g;
  insert into notifications (user_id, type, title, read_at, created_at)
    select id, 't', 'n', case when g > 1 then now() end, now() - g * interval '1 hour' from u cross join generate_series(1, 10) g;
  insert into conversations (kind, session_id) select 'session', id from r;
  insert into chat_messages (conversation_id, sender_type, content, created_at)
    select c.id, 'system', 'word' || g, now() - g * interval '1 minute' from conversations c cross join generate_series(1, 20) g;
  insert into jobs (user_id, type, payload, status) select id, 'copy', '{}', case when g = 1 then 'pending' else 'completed' end
    from u cross join generate_series(1, 5) g;
  insert into activity_feed (session_id, type, created_at)
    select r.id, 't', now() - g * interval '1 minute' from r cross join generate_series(1, 20) g;
  insert into audit_logs (user_id, session_id, action, resource_type, resource_id, created_at)
    select u.id, r.id, 'a' || g, 'user', u.id::text, now() - g * interval '1 minute'
    from u cross join generate_series(1, 10) g left join r on r.n = u.n;
  insert into security_events (user_id, type, severity, created_at)
    select u.id, 't' || g, case when g = 1 and u.n % 50 = 0 then 'high' else 'low' end, now() - g * interval '1 minute'
    from u cross join generate_series(1, 10) g`;

const expectIndexes: QueryPlans['expectIndexes'] = (work, ...expected) => plans.expectIndexes(work, ...expected);

function kernelOf(): Kernel {
  const nothing = { closeRoom: () => undefined } as never;
  const places = { documents: nothing, publisher: nothing, engine: nothing, secrets: nothing };
  const ports = {
    db,
    lookUp: plans.lookUp,
    ...places,
    languageOf: () => null,
    moved: async () => undefined,
    log: silentLog,
  };
  const rateLimit = memoryRateLimit(0);
  const rooms = roomHandlers({ ...ports, connections: nothing, rateLimit, cancelRuns: () => undefined });
  const handlers = { ...rooms, ...fileHandlers(ports), ...new Runs(ports).handlers(), ...recordHandlers } as never;
  return new Kernel({
    db,
    authorize: authorizer(plans.lookUp),
    publisher: nothing,
    rateLimit,
    log: silentLog,
    handlers,
    security: { refused: () => undefined },
    observe: () => undefined,
  });
}

describe('commands', () => {
  const command = (name: string, input: object) => async () => {
    const user = { id: ids.user, displayName: 'U', kind: 'guest' as const };
    const client = { address: '::1', userAgent: undefined, connection: undefined };
    const caller = { user, session: undefined, requestId: 'r', ...client };
    expect(await kernelOf().run(name, input, caller)).toMatchObject({ ok: true });
  };

  test('room.list', () => expectIndexes(command('room.list', {}), /session_participants_user_idx/));
  test('room.get', () => expectIndexes(command('room.get', { roomId: ids.room }), /coding_sessions_pkey/));
  test('file.list', () => expectIndexes(command('file.list', { roomId: ids.room }), /files_/));
  test('file.versions', () =>
    expectIndexes(command('file.versions', { fileId: ids.file }), /file_versions_page_idx/, /files_pkey/));
  test('version.content', () =>
    expectIndexes(
      command('version.content', { fileId: ids.file, versionNumber: 3 }),
      /file_versions_file_id_version_number_key/,
    ));
  test('run.list', () => expectIndexes(command('run.list', { roomId: ids.room }), /code_executions_session_idx/));
  test('run.get', () => expectIndexes(command('run.get', { executionId: ids.run }), /code_executions_pkey/));

  test.each([
    ['audit.list', {}, /audit_logs_\d{4}_\d{2}_pkey/],
    ['audit.list', { userId: true }, /audit_logs_\d{4}_\d{2}_user_id/],
    ['audit.list', { roomId: true }, /audit_logs_\d{4}_\d{2}_session_id/],
    ['audit.list', { action: 'a3' }, /audit_logs_\d{4}_\d{2}_(action|pkey)/],
    ['security.list', {}, /security_events_\d{4}_\d{2}_pkey/],
    ['security.list', { userId: true }, /security_events_\d{4}_\d{2}_user_id/],
    ['security.list', { severity: 'high' }, /security_events_\d{4}_\d{2}_severity/],
  ] as const)('%s with %j', async (name, { userId, roomId, ...rest }: Record<string, unknown>, index) => {
    await pool.query(`update users set role = 'admin' where id = $1`, [ids.user]);
    const input = { ...rest, ...(userId ? { userId: ids.user } : {}), ...(roomId ? { roomId: ids.room } : {}) };
    await expectIndexes(command(name, input), index);
  });

  test('a later page begins at its cursor', async () => {
    const cursor = Buffer.from(`${Date.now() * 1000}.${ids.room}`).toString('base64url');
    await expectIndexes(command('run.list', { roomId: ids.room, cursor }), /code_executions_session_idx/);
  });
});

describe('look-ups', () => {
  test.each(['roomId', 'fileId', 'executionId'] as const)('rights by %s', async (via) => {
    const id = { roomId: ids.room, fileId: ids.file, executionId: ids.run }[via];
    const find = () => authorizer(plans.lookUp)({ via, id, userId: ids.user, action: 'room.read' });
    await expectIndexes(find, /session_participants_pkey/, /coding_sessions_pkey/);
  });
  test('tokens', () =>
    expectIndexes(
      () => tokenAuthenticator({ system: db, lookUp: plans.lookUp }).authenticate('x'),
      /user_sessions_token_hash_key/,
      /users_pkey/,
    ));
  test('room codes', () =>
    expectIndexes(
      () => db.selectFrom('coding_sessions').select('id').where('room_code', '=', '0000AB').execute(),
      /coding_sessions_room_code_key/,
    ));
  test('members and files of a room', () =>
    expectIndexes(
      () =>
        Promise.all([
          participantsOfRooms(db, [ids.room], []),
          participantOf(db, ids.room, ids.user),
          filesOf(db, ids.room),
        ]),
      /session_participants_pkey/,
    ));
});

describe('documents', () => {
  const log = () => new SqlUpdateLog({ db, straight: async () => undefined, logger: silentLog, merger: inlineMerger });

  test('load', () => expectIndexes(() => log().load(ids.file), /document_updates_pkey/, /document_states_pkey/));
  test('compaction', async () => {
    const data = Buffer.from(initialUpdate('text'));
    await pool.query('update document_states set state = $2 where file_id = $1', [ids.file, data]);
    await pool.query('delete from document_updates where file_id = $1', [ids.file]);
    await pool.query('insert into document_updates (file_id, data) values ($1, $2)', [ids.file, data]);
    await expectIndexes(
      () => log().compact(ids.file),
      /document_updates_pkey/,
      /document_states_pkey/,
      /document_history_/,
    );
  });
  test('version', () =>
    expectIndexes(
      () => new SqlVersions(db).write({ fileId: ids.file, content: 'new', kind: 'auto', authorId: null }),
      /file_versions_file_id_version_number_key/,
      /files_pkey/,
    ));
});

describe('pages of what has no command yet', () => {
  const page = pageOf({ limit: 20 });

  test('notifications, and how many are unread', () =>
    expectIndexes(async () => {
      const mine = db.selectFrom('notifications').where('user_id', '=', ids.user).where('archived_at', 'is', null);
      await page.fetch(mine.select('title'), { time: 'created_at', id: 'id' });
      await mine
        .where('read_at', 'is', null)
        .select((eb) => eb.fn.countAll().as('n'))
        .execute();
    }, /notifications_user_idx/));
  test('messages of a conversation', () =>
    expectIndexes(() => {
      const all = db.selectFrom('chat_messages').where('conversation_id', '=', ids.conversation).select('content');
      return page.fetch(all, { time: 'created_at', id: 'id' });
    }, /chat_messages_page_idx/));
  test('the feed of a room, month by month', () =>
    expectIndexes(() => {
      const all = db.selectFrom('activity_feed').where('session_id', '=', ids.room).select('type');
      return page.fetch(all, { time: 'created_at', id: 'id' });
    }, /activity_feed_\d{4}_\d{2}_session_id/));
  test('the audit log of one resource', () =>
    expectIndexes(() => {
      const all = db.selectFrom('audit_logs').where('resource_type', '=', 'user').where('resource_id', '=', ids.user);
      return page.fetch(all.select('action'), { time: 'created_at', id: 'id' });
    }, /audit_logs_\d{4}_\d{2}_resource_type/));
  test('public rooms', () =>
    expectIndexes(() => {
      const open = db.selectFrom('coding_sessions').where('visibility', '=', 'public').where('ended_at', 'is', null);
      return page.fetch(open.select('name'), { time: 'created_at', id: 'id' });
    }, /coding_sessions_public_idx/));
  test('jobs of a person, and those that wait', () =>
    expectIndexes(
      async () => {
        const mine = db.selectFrom('jobs').where('user_id', '=', ids.user).select('status');
        await page.fetch(mine, { time: 'created_at', id: 'id' });
        await db
          .selectFrom('jobs')
          .where('status', '=', 'pending')
          .orderBy('priority', 'desc')
          .orderBy('created_at')
          .limit(1)
          .select('id')
          .execute();
      },
      /jobs_user_idx/,
      /jobs_open_idx/,
    ));
});

test('a statement without its index is found', async () => {
  const found = await plans.of(() => db.selectFrom('files').where('size_bytes', '=', 7n).select('id').execute());
  expect(found.map(({ scans }) => scans)).toEqual([['files']]);
});
