// DATABASE_URL that leads to something else, or to a real PostgreSQL with passwords: it fails soon, says where and why,
// and never shows the password. The plain cases stand in open.test.ts.
import fs from 'node:fs';
import net, { type AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import pg from 'pg';
import { type EmbeddedPostgres, startEmbedded } from '../../src/db/embedded.ts';
import { openDatabase } from '../../src/db/open.ts';
import { silentLog } from '../../src/observe/log.ts';

/** Milliseconds until the operator must know: the limit for a connection and a little. */
const PATIENCE_MS = 6_000;
const PASSWORD = 'correct-horse';
const WRONG = 'battery-staple';

/** The message of the error that opening gives. */
async function refusal(databaseUrl: string): Promise<string> {
  const from = performance.now();
  const error = await openDatabase({ databaseUrl, dataDir: '', log: silentLog }).then(
    async (database) => {
      await database.close();
      throw new Error('it opened');
    },
    (error: Error) => error,
  );
  expect(performance.now() - from).toBeLessThan(PATIENCE_MS);
  expect(`${error.message} ${error.stack}`).not.toContain(WRONG);
  expect(error.cause).toBeUndefined();
  return error.message;
}

/** A TCP server for the time of the work; `answer` is done with every connection. */
async function withPort<T>(answer: (socket: net.Socket) => void, work: (port: number) => Promise<T>): Promise<T> {
  const server = net.createServer(answer).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  try {
    return await work((server.address() as AddressInfo).port);
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
}

const freePort = () =>
  withPort(
    () => undefined,
    async (port) => port,
  );

describe('over TCP', () => {
  test('a name that has two addresses, and nobody listens at either', async () => {
    const port = await freePort();
    const message = await refusal(`postgres://ada:${WRONG}@localhost:${port}/rooms`);
    expect(message).toContain(`localhost:${port}`);
    expect(message).toContain('ECONNREFUSED');
  });

  test('somebody who hangs up', async () => {
    const message = await withPort(
      (socket) => socket.destroy(),
      (port) => refusal(`postgres://ada:${WRONG}@127.0.0.1:${port}/rooms`),
    );
    expect(message).toMatch(/127\.0\.0\.1:\d+.*(terminated|ECONNRESET)/);
  });

  test('something that is not PostgreSQL', async () => {
    const message = await withPort(
      (socket) =>
        socket
          .on('error', () => undefined)
          .resume()
          .end('HTTP/1.1 400 Bad Request\r\n\r\n'),
      (port) => refusal(`postgres://ada:${WRONG}@127.0.0.1:${port}/rooms`),
    );
    expect(message).toMatch(/127\.0\.0\.1:\d+/);
  });
});

describe('at a PostgreSQL with passwords', () => {
  let folder: string;
  let server: EmbeddedPostgres;

  /** The URL of a socket with user and password. */
  const urlOf = (password: string, database: string): string =>
    server.url(database).replace('postgres@', `ada:${password}@`);

  beforeAll(async () => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'coderoom-passwords-'));
    server = await startEmbedded({ folder: path.join(folder, 'postgres'), durable: false });
    const admin = new pg.Client({ connectionString: server.url('postgres') });
    await admin.connect();
    await admin.query(`create role ada login password '${PASSWORD}'`);
    await admin.query('create database rooms owner ada');
    const rules = 'local all postgres trust\nlocal all all scram-sha-256\n';
    fs.writeFileSync(path.join(folder, 'postgres/pg_hba.conf'), rules);
    await admin.query('select pg_reload_conf()');
    await admin.end();
  });
  afterAll(async () => {
    await server.stop();
    fs.rmSync(folder, { recursive: true, force: true });
  });

  const socketFolder = (): string => decodeURIComponent(new URL(server.url('x')).host);

  test('the right one opens and migrates', async () => {
    const database = await openDatabase({ databaseUrl: urlOf(PASSWORD, 'rooms'), dataDir: '', log: silentLog });
    await database.ping();
    expect(database.kind).toBe('external');
    expect(await database.kysely.selectFrom('users').select('id').execute()).toEqual([]);
    await database.close();
  });

  test('a wrong password', async () => {
    const message = await refusal(urlOf(WRONG, 'rooms'));
    expect(message).toContain(socketFolder());
    expect(message).toContain('password authentication failed for user "ada"');
  });

  test('a database that is not there', async () => {
    const message = await refusal(urlOf(PASSWORD, 'gone'));
    expect(message).toContain(socketFolder());
    expect(message).toContain('database "gone" does not exist');
    expect(message).not.toContain(PASSWORD);
  });

  describe('as whom the server works', () => {
    const admin = async (database: string, ...statements: string[]): Promise<void> => {
      const client = new pg.Client({ connectionString: server.url(database) });
      await client.connect();
      for (const statement of statements) await client.query(statement);
      await client.end();
    };

    test('a login that may not make roles works as itself, and is told what to run; that done, it is limited', async () => {
      const warnings: object[] = [];
      const log = { ...silentLog, warn: (fields: object) => void warnings.push(fields) };
      const open = () => openDatabase({ databaseUrl: urlOf(PASSWORD, 'rooms'), dataDir: '', log });
      const before = await open();
      const { role } = before;
      await before.close();
      if (role.limited) throw new Error('it cannot be');
      expect(role).toEqual({ limited: false, login: 'ada', advice: expect.any(String) });
      expect(warnings).toEqual([role]);

      const [statements = ''] = /run: (.*); then/.exec(role.advice)?.slice(1) ?? [];
      const [last = ''] = /select grant_server_roles\(\)/.exec(role.advice) ?? [];
      await admin('rooms', ...statements.split('; '), last);
      const after = await open();
      expect(after.role).toEqual({ limited: true });
      const { rows } = await sql`select current_user as name`.execute(after.kysely);
      expect(rows).toEqual([{ name: 'app_rw' }]);
      await after.close();
    });

    test('a login that owns nothing works on a schema that the owner has migrated', async () => {
      await admin('rooms', `create role eve login password '${PASSWORD}'`, 'grant app_rw, app_system to eve');
      const url = urlOf(PASSWORD, 'rooms').replace('ada:', 'eve:');
      const database = await openDatabase({ databaseUrl: url, dataDir: '', log: silentLog });
      expect(database.role).toEqual({ limited: true });
      expect(await database.kysely.selectFrom('users').select('id').execute()).toEqual([]);
      await database.close();
    });

    test('a login that may do nothing is told so, with what to grant', async () => {
      await admin('rooms', `create role mallory login password '${PASSWORD}'`);
      const url = urlOf(PASSWORD, 'rooms').replace('ada:', 'mallory:');
      const opening = openDatabase({ databaseUrl: url, dataDir: '', log: silentLog });
      await expect(opening).rejects.toThrow(/login "mallory" may not .*grant app_rw, app_system to "mallory"/);
    });

    test('nor can such a login migrate', async () => {
      await admin('postgres', 'create database empty');
      const url = urlOf(PASSWORD, 'empty').replace('ada:', 'mallory:');
      const opening = openDatabase({ databaseUrl: url, dataDir: '', log: silentLog });
      await expect(opening).rejects.toThrow(/login "mallory" may not change the schema.*npm run db:migrate/);
    });
  });
});
