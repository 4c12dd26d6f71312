// Connections that send too much, or garbage.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import WebSocket from 'ws';
import * as Y from 'yjs';
import { TRANSPORT } from '../../src/transport/limits.ts';
import { call, roomWithFile } from '../support/api.ts';
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

async function opened() {
  const { owner, room, file } = await roomWithFile(server.url, { content: 'whole' });
  const client = await bareClient(server.url, owner.token);
  await client.ask('room.join', { roomCode: room.roomCode });
  await client.ask('doc.open', { fileId: file.id });
  return { client, owner, room, file };
}

test('[DOC22] a connection that sends too many bytes is told when to go on, and goes on', async () => {
  const { client, file } = await opened();
  const doc = new Y.Doc();
  doc.getText('other').insert(0, 'x'.repeat(3_000_000));
  const update = Y.encodeStateAsUpdate(doc);
  // So many that a slow machine is still faster than the allowance grows.
  const answers = await Promise.all(
    Array.from({ length: 14 }, () => client.call('doc.update', { fileId: file.id, update })),
  );
  const refused = answers.filter((answer) => !answer.ok);
  expect(answers[0]).toMatchObject({ ok: true });
  expect(refused.length).toBeGreaterThan(0);
  expect(refused[0].error).toMatchObject({ code: 'rate_limited', details: { retryAfterMs: expect.any(Number) } });
  await until(async () => (await client.call('doc.update', { fileId: file.id, update })).ok);
  client.close();
});

test('[DOC2] a connection that keeps sending garbage is closed; the document is as it was', async () => {
  const { client, owner, file } = await opened();
  let reason = '';
  client.socket.on('disconnect', (why: string) => {
    reason = why;
  });
  for (let i = 0; i < TRANSPORT.strikes; i++) {
    client.socket.emit('doc.update', { fileId: file.id, update: Uint8Array.of(9, 9, 9) });
  }
  await until(() => reason !== '');
  expect(reason).toBe('io server disconnect');
  const { data } = await call(server.url, `GET /api/files/${file.id}/content`, { token: owner.token });
  expect(data.content).toBe('whole');
});

test.each([
  ['garbage', Uint8Array.of(0, 2, 5, 9, 9), 4400],
  ['an update that is broken', Uint8Array.of(0, 2, 3, 9, 9, 9), 4400],
  ['text', 'hello', 4400],
])('[DOC2] the stock endpoint closes for good on %s', async (_what, message, code) => {
  const { client, owner, room } = await opened();
  const socket = new WebSocket(`${server.url.replace('http', 'ws')}/yjs/${room.roomCode}/main.js?token=${owner.token}`);
  const closed = new Promise<number>((resolve) => socket.once('close', resolve));
  socket.once('message', () => socket.send(message));
  expect(await closed).toBe(code);
  client.close();
});

test('a connection has a limited number of documents open', async () => {
  const { client, owner, room } = await opened();
  const ids: string[] = [];
  for (let i = 0; i < TRANSPORT.documentsPerConnection; i++) {
    const { data } = await call(server.url, `POST /api/rooms/${room.id}/files`, {
      token: owner.token,
      body: { path: `${i}.js` },
    });
    ids.push(data.file.id);
  }
  const answers = await Promise.all(ids.map((fileId) => client.call('doc.open', { fileId })));
  expect(answers.filter((answer) => !answer.ok).map((answer) => answer.error.code)).toEqual(['limit_exceeded']);
  client.close();
});
