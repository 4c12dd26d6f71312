// A document that is asked for in one breath with its room, as the SDK does it.
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import { guest, roomWithFile } from '../support/api.ts';
import { type BareClient, bareClient } from '../support/bare-client.ts';
import { startServer, type TestServer } from '../support/server.ts';

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

test('a document that is asked for right behind the room comes after it, for somebody new to the room', async () => {
  const { room, file } = await roomWithFile(server.url, { content: 'x' });
  const bob = await connect((await guest(server.url, 'Bob')).token);
  const answered: string[] = [];
  const ask = (name: string, input: object) => bob.ask(name, input).finally(() => answered.push(name));
  const [, opened] = await Promise.all([
    ask('room.join', { roomCode: room.roomCode }),
    ask('doc.open', { fileId: file.id }),
  ]);
  expect(answered).toEqual(['room.join', 'doc.open']);
  expect(opened.update.byteLength).toBeGreaterThan(0);
  // Behind a room that lets nobody in it is refused.
  const eve = await connect((await guest(server.url, 'Eve')).token);
  const refused = await Promise.all([
    eve.call('room.join', { roomCode: 'AAAA-AAAA' }),
    eve.call('doc.open', { fileId: file.id }),
  ]);
  expect(refused.map(({ error }) => error?.code)).toEqual(['room_unavailable', 'forbidden']);
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
