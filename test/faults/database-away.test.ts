// The database goes away while the server runs, and comes back.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { call, roomWithFile } from '../support/api.ts';
import { bareClient, openDoc } from '../support/bare-client.ts';
import { type DatabaseProxy, databaseProxy } from '../support/database-proxy.ts';
import { freshDatabase, type TestDatabase } from '../support/db.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { until } from '../support/until.ts';

let database: TestDatabase;
let proxy: DatabaseProxy;
let server: TestServer;

beforeAll(async () => {
  database = await freshDatabase();
  proxy = await databaseProxy(database.url);
  server = await startServer({ DATABASE_URL: proxy.url });
});
afterAll(async () => {
  await server.stop();
  await proxy.close();
  await database.drop();
});

const readiness = async (): Promise<number> => (await fetch(`${server.url}/readyz`)).status;

test('[DOC7] people go on typing, are told that nothing is saved, and everything is saved when it is back', async () => {
  const { owner, room, file } = await roomWithFile(server.url);
  const [one, two] = [await bareClient(server.url, owner.token), await bareClient(server.url, owner.token)];
  await one.ask('room.join', { roomCode: room.roomCode });
  const [a, b] = [await openDoc(one, file.id), await openDoc(two, file.id)];
  expect(await readiness()).toBe(200);

  await proxy.cut();
  a.text.insert(0, 'typed in the dark');
  let answered = false;
  void a.saved[0]?.then(() => {
    answered = true;
  });
  await until(() => b.text.toString() === 'typed in the dark');
  expect(await two.event('doc.saved')).toEqual({ fileId: file.id, saved: false });
  expect(await readiness()).toBe(503);
  const refused = await call(server.url, 'POST /api/rooms', { token: owner.token, body: { name: 'x' } });
  expect(refused).toMatchObject({ status: 503, error: { code: 'unavailable' } });
  expect(refused.error.message).not.toContain('127.0.0.1');
  expect(answered).toBe(false);

  await proxy.mend();
  expect(await a.saved[0]).toEqual({ ok: true, data: { saved: true } });
  expect(await two.event('doc.saved', ({ saved }) => saved)).toEqual({ fileId: file.id, saved: true });
  await until(async () => (await readiness()) === 200);
  const { data } = await call(server.url, `GET /api/files/${file.id}/content`, { token: owner.token });
  expect(data.content).toBe('typed in the dark');
  one.close();
  two.close();
});

test('[DOC12] a document that cannot be loaded says so, and opens when the database is back', async () => {
  const { owner, room, file } = await roomWithFile(server.url, { content: 'kept' });
  const client = await bareClient(server.url, owner.token);
  await client.ask('room.join', { roomCode: room.roomCode });
  await proxy.cut();
  expect(await client.call('doc.open', { fileId: file.id })).toMatchObject({
    ok: false,
    error: { code: 'unavailable' },
  });
  await proxy.mend();
  await until(async () => (await client.call('doc.open', { fileId: file.id })).ok);
  client.close();
});
