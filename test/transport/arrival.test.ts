// A document that is asked for in one breath with its room, as the SDK does it.
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { guest, roomWithFile } from '../support/api.ts';
import { type BareClient, bareClient } from '../support/bare-client.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { until } from '../support/until.ts';

let server: TestServer;
let clients: BareClient[] = [];
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());
afterEach(() => {
  for (const client of clients) client.close();
  clients = [];
});

async function connect(token: string): Promise<BareClient> {
  const client = await bareClient(server.url, token);
  clients.push(client);
  return client;
}

test('a document that is asked for in one breath with its room is refused as the room is', async () => {
  const { file } = await roomWithFile(server.url, { content: 'x' });
  const eve = await connect((await guest(server.url, 'Eve')).token);
  const refused = await Promise.all([
    eve.call('room.join', { roomCode: 'AAAA-AAAA' }),
    eve.call('doc.open', { fileId: file.id }),
  ]);
  expect(refused.map(({ error }) => error?.code)).toEqual(['room_unavailable', 'forbidden']);
});

describe('for somebody new to the room', () => {
  let database: pg.Client;
  beforeAll(async () => {
    database = new pg.Client(server.database.url);
    await database.connect();
  });
  afterAll(() => database.end());

  /** Lets nobody write that somebody came: what is done meanwhile is done before the commit of their joining. */
  async function withNothingWritten<T>(act: () => Promise<T>): Promise<T> {
    await database.query('begin; lock table audit_logs in share mode');
    try {
      return await act();
    } finally {
      await database.query('commit');
    }
  }

  test('a document comes when the room has let them in, before the disk knows it', async () => {
    const { room, file } = await roomWithFile(server.url, { content: 'x' });
    const bob = await guest(server.url, 'Bob');
    const client = await connect(bob.token);
    let joining: Promise<unknown> | undefined;
    const opened = await withNothingWritten(() => {
      joining = client.ask('room.join', { roomCode: room.roomCode });
      return client.ask('doc.open', { fileId: file.id });
    });
    expect(opened.canWrite).toBe(true);
    expect(opened.update.byteLength).toBeGreaterThan(0);
    expect(await joining).toMatchObject({ participant: { userId: bob.id } });
  });

  test('where the joining cannot be written after all, the document is closed and the room says no more', async () => {
    const { owner, room, file } = await roomWithFile(server.url, { content: 'x' });
    const bob = await connect((await guest(server.url, 'Bob')).token);
    const ann = await connect(owner.token);
    await ann.ask('room.join', { roomCode: room.roomCode });
    const refused = await withNothingWritten(async () => {
      const joining = bob.call('room.join', { roomCode: room.roomCode });
      await bob.ask('doc.open', { fileId: file.id });
      await until(async () => {
        const { rows } = await database.query(
          `select pg_cancel_backend(pid) from pg_stat_activity
           where datname = current_database() and wait_event_type = 'Lock'`,
        );
        return rows.length > 0;
      });
      return joining;
    });
    expect(refused).toMatchObject({ ok: false, error: { code: expect.any(String) } });
    const update = new Uint8Array([0, 0]);
    expect(await bob.call('doc.update', { fileId: file.id, update })).toMatchObject({ error: { code: 'not_joined' } });
    await ann.ask('file.create', { roomId: room.id, path: 'new.txt' });
    await bob.ask('room.list', {});
    expect(bob.events.map(({ name }) => name)).not.toContain('file.created');
  });
});

test('a document comes ahead of its room for somebody who has a seat there: it does not wait for a lock or a disk', async () => {
  const { owner, room, file } = await roomWithFile(server.url, { content: 'x' });
  const client = await connect(owner.token);
  const database = new pg.Client(server.database.url);
  await database.connect();
  try {
    await database.query('begin');
    await database.query('select from coding_sessions where id = $1 for update', [room.id]);
    const joining = client.ask('room.join', { roomCode: room.roomCode });
    expect(await client.ask('doc.open', { fileId: file.id })).toMatchObject({ canWrite: true });
    await database.query('commit');
    expect(await joining).toMatchObject({ participant: { userId: owner.id } });
  } finally {
    await database.end();
  }
});
