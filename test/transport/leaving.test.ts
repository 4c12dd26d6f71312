// What a connection has of a room ends when it leaves, or when the room closes.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { TRANSPORT } from '../../src/transport/limits.ts';
import { call, guest, roomWithFile } from '../support/api.ts';
import { bareClient } from '../support/bare-client.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { until } from '../support/until.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(async () => {
  await server.stop();
});

const NOTHING = Uint8Array.of(0, 0);

test('who left a room has none of its documents open', async () => {
  const { owner, room, file } = await roomWithFile(server.url);
  const client = await bareClient(server.url, owner.token);
  await client.ask('room.join', { roomCode: room.roomCode });
  await client.ask('doc.open', { fileId: file.id });
  expect(await client.call('doc.update', { fileId: file.id, update: NOTHING })).toMatchObject({ ok: true });
  await client.ask('room.leave', { roomId: room.id });
  const refused = { ok: false, error: { code: 'not_joined' } };
  expect(await client.call('doc.update', { fileId: file.id, update: NOTHING })).toMatchObject(refused);
  client.close();
});

test('a tab that never came in does not take the seat of the one that did', async () => {
  const { owner, room } = await roomWithFile(server.url);
  const bob = await guest(server.url, 'Bob');
  const [watcher, inside, outside] = await Promise.all(
    [owner, bob, bob].map(({ token }) => bareClient(server.url, token)),
  );
  await watcher?.ask('room.join', { roomCode: room.roomCode });
  await inside?.ask('room.join', { roomCode: room.roomCode });
  await outside?.ask('room.leave', { roomId: room.id });
  const { data } = await call(server.url, `GET /api/rooms/${room.id}`, { token: owner.token });
  expect(data.participants.find(({ userId }: { userId: string }) => userId === bob.id)).toMatchObject({ online: true });
  for (const client of [watcher, inside, outside]) client?.close();
});

test('closed rooms leave nothing behind at a connection', async () => {
  const owner = await guest(server.url, 'Owner');
  const { token } = owner;
  const client = await bareClient(server.url, token);
  for (let i = 0; i <= TRANSPORT.roomsPerConnection; i++) {
    const { room } = (await call(server.url, 'POST /api/rooms', { token, body: { name: `${i}` } })).data;
    await client.ask('room.join', { roomCode: room.roomCode });
    await client.ask('room.close', { roomId: room.id });
    await client.event('room.closed', ({ roomId }) => roomId === room.id);
  }
  const gauge = async (): Promise<string | undefined> =>
    /^coderoom_rooms (\d+)$/m.exec(await (await fetch(`${server.url}/metrics`)).text())?.[1];
  client.close();
  await until(async () => (await gauge()) === '0');
});
