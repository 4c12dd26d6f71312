// What nobody foresaw: the caller learns nothing but an id, the operator finds everything under it.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openLog } from '../../src/observe/log.ts';
import { call, guest, roomWithFile } from '../support/api.ts';
import { bareClient } from '../support/bare-client.ts';
import type { TestDatabase } from '../support/db.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let db: TestDatabase;
let lines: any[] = [];

beforeAll(async () => {
  const write = (line: string): void => {
    const logged = JSON.parse(line);
    // The upkeep of the start may be at work yet, and miss the table as well.
    if (logged.requestId !== undefined) lines.push(logged);
  };
  server = await startServer({}, openLog('warn', { write }));
  db = server.database;
});
afterAll(() => server.stop());

/** Makes a table disappear for as long as the work takes. */
async function without(table: string, work: () => Promise<void>): Promise<void> {
  await db.query(`alter table ${table} rename to ${table}_gone`);
  lines = [];
  try {
    await work();
  } finally {
    await db.query(`alter table ${table}_gone rename to ${table}`);
  }
}

const SAID = 'Something went wrong here; it has been noted.';

test('an unexpected error leaks nothing, is logged once with its request id, and leaves nothing behind', async () => {
  const { token } = await guest(server.url, 'Ada');
  const client = await bareClient(server.url, token);
  await without('activity_feed', async () => {
    const response = await fetch(`${server.url}/api/rooms`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'Never' }),
    });
    const requestId = response.headers.get('x-request-id');
    expect(response.status).toBe(500);
    expect(await response.json()).toEqual({
      ok: false,
      error: { code: 'internal', message: SAID, details: { requestId } },
    });
    expect(lines).toMatchObject([{ level: 50, requestId, command: 'room.create' }]);
    lines = [];
    const answer = await client.call('room.create', { name: 'Never' });
    expect(answer).toEqual({
      ok: false,
      error: { code: 'internal', message: SAID, details: { requestId: expect.any(String) } },
    });
    expect(lines).toMatchObject([{ level: 50, requestId: answer.error.details.requestId }]);
  });
  client.close();
  expect((await db.query('select 1 from coding_sessions')).rowCount).toBe(0);
  expect((await db.query(`select 1 from audit_logs where action = 'room.created'`)).rowCount).toBe(0);
});

test('a command that fails sends no event', async () => {
  const { owner, room } = await roomWithFile(server.url);
  const client = await bareClient(server.url, owner.token);
  await client.ask('room.join', { roomCode: room.roomCode });
  await without('activity_feed', async () => {
    expect(await client.call('file.create', { roomId: room.id, path: 'lost.js' })).toMatchObject({ ok: false });
  });
  await client.ask('file.create', { roomId: room.id, path: 'kept.js' });
  await client.event('file.created');
  const created = client.events.filter(({ name }) => name === 'file.created');
  expect(created.map(({ payload }) => payload.file.path)).toEqual(['kept.js']);
  client.close();
});

test('a join that fails leaves the connection outside', async () => {
  const { owner, room } = await roomWithFile(server.url);
  const client = await bareClient(server.url, (await guest(server.url, 'Bob')).token);
  await without('files', async () => {
    expect(await client.call('room.join', { roomCode: room.roomCode })).toMatchObject({ error: { code: 'internal' } });
  });
  const { token } = owner;
  await call(server.url, `POST /api/rooms/${room.id}/files`, { token, body: { path: 'unheard.js' } });
  await client.ask('room.join', { roomCode: room.roomCode });
  await call(server.url, `POST /api/rooms/${room.id}/files`, { token, body: { path: 'heard.js' } });
  await client.event('file.created', ({ file }) => file.path === 'heard.js');
  expect(client.events.filter(({ name }) => name === 'file.created')).toHaveLength(1);
  client.close();
});

test('signing in that fails unexpectedly leaks nothing either', async () => {
  const { token } = await guest(server.url, 'Ada');
  await without('user_sessions', async () => {
    const answer = await call(server.url, 'GET /api/me', { token });
    expect(answer).toMatchObject({ status: 500, error: { code: 'internal', message: SAID } });
    expect(lines).toMatchObject([{ level: 50, requestId: answer.error.details.requestId }]);
    await expect(bareClient(server.url, token)).rejects.toMatchObject({ data: { code: 'unavailable' } });
  });
  expect(await call(server.url, 'GET /api/me', { token })).toMatchObject({ ok: true });
});
