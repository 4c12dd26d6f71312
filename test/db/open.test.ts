// A database of the operator's own: what is wrong with it is said plainly, and without the password.
import fs from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { type Database, openDatabase } from '../../src/db/open.ts';
import { silentLog } from '../../src/observe/log.ts';
import { freshDatabase, type TestDatabase, testDatabaseUrl } from '../support/db.ts';
import { until } from '../support/until.ts';

const PASSWORD = 'correct-horse';
/** Milliseconds within which an operator learns that the database is not there. */
const A_FEW_SECONDS = 8_000;

let emptyFolder: string;
const open = (databaseUrl: string, log = silentLog): Promise<Database> =>
  openDatabase({ databaseUrl, dataDir: emptyFolder, poolSize: 2, log });

async function refusal(databaseUrl: string): Promise<string> {
  const from = performance.now();
  const error = await open(databaseUrl).then(
    () => undefined,
    (reason: Error) => reason,
  );
  expect(performance.now() - from).toBeLessThan(A_FEW_SECONDS);
  expect(error).toBeInstanceOf(Error);
  expect(`${error?.message} ${error?.stack}`).not.toContain(PASSWORD);
  return error?.message ?? '';
}

beforeAll(() => {
  emptyFolder = fs.mkdtempSync(path.join(os.tmpdir(), 'coderoom-open-'));
});
afterAll(() => fs.rmSync(emptyFolder, { recursive: true }));

/** A server that answers what it is told to, once for every connection. */
async function serverThat(act: (answer: (bytes: Buffer) => void) => void): Promise<{ server: Server; host: string }> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => act((bytes) => socket.write(bytes)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, host: `127.0.0.1:${(server.address() as AddressInfo).port}` };
}

describe('it cannot be used', () => {
  test('nobody listens', async () => {
    const { server, host } = await serverThat(() => undefined);
    await new Promise((resolve) => server.close(resolve));
    const message = await refusal(`postgres://me:${PASSWORD}@${host}/rooms`);
    expect(message).toBe(`The database at ${host}/rooms cannot be used: connect ECONNREFUSED ${host}.`);
  });

  test('somebody listens but says nothing', async () => {
    const { server, host } = await serverThat(() => undefined);
    expect(await refusal(`postgres://me:${PASSWORD}@${host}/rooms`)).toContain(`${host}/rooms cannot be used: timeout`);
    server.close();
  });

  test('the host does not exist', async () => {
    expect(await refusal(`postgres://me:${PASSWORD}@nowhere.invalid/rooms`)).toContain('nowhere.invalid');
  });

  test('the password is wrong', async () => {
    const words = ['SFATAL', 'C28P01', 'Mpassword authentication failed for user "me"'].join('\0');
    const body = Buffer.from(`${words}\0\0`);
    const { server, host } = await serverThat((answer) => {
      const head = Buffer.from('E\0\0\0\0');
      head.writeInt32BE(body.length + 4, 1);
      answer(Buffer.concat([head, body]));
    });
    expect(await refusal(`postgres://me:${PASSWORD}@${host}/rooms`)).toContain('authentication failed for user "me"');
    server.close();
  });

  test('there is no such database', async () => {
    expect(await refusal(testDatabaseUrl('missing'))).toContain('database "missing" does not exist');
  });
});

describe('it is used', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await freshDatabase({ empty: true });
  });
  afterAll(() => database.drop());

  test('migrated, and the data folder is left alone', async () => {
    const opened = await open(database.url);
    expect(opened.kind).toBe('external');
    await opened.ping();
    expect(await opened.kysely.selectFrom('users').select('id').execute()).toEqual([]);
    await opened.close();
    expect(fs.readdirSync(emptyFolder)).toEqual([]);
  });

  test('bigint comes as BigInt, date as text, timestamptz as Date', async () => {
    const opened = await open(database.url);
    const { rows } = await sql`select 9007199254740993 as big, array[1::bigint] as bigs, date '2030-01-31' as day,
      timestamptz '2030-01-31 00:00:00Z' as at`.execute(opened.kysely);
    expect(rows).toEqual([
      { big: 9007199254740993n, bigs: expect.anything(), day: '2030-01-31', at: new Date('2030-01-31') },
    ]);
    await opened.close();
  });

  test('connections that break while idle are logged, and others take their place', async () => {
    const warnings: string[] = [];
    const log = { ...silentLog, warn: (_fields: object, message: string) => void warnings.push(message) };
    const opened = await open(database.url, log);
    await opened.ping();
    const other = await open(database.url);
    await sql`select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid()`.execute(other.kysely);
    await until(() => warnings.includes('a database connection was lost'));
    await opened.ping();
    await Promise.all([opened.close(), other.close()]);
  });
});
