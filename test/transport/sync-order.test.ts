// The order in which a stock client gets what it lacks.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import WebSocket from 'ws';
import * as Y from 'yjs';
import { readMessage, stateVectorMessage } from '../../src/transport/sync-wire.ts';
import { roomWithFile } from '../support/api.ts';
import { bareClient, openDoc } from '../support/bare-client.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { until } from '../support/until.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(async () => {
  await server.stop();
});

test('[DOC13] no edit comes before the difference, so a connection that breaks leaves no gap', async () => {
  const { owner, room, file } = await roomWithFile(server.url, { content: 'start' });
  const author = await bareClient(server.url, owner.token);
  await author.ask('room.join', { roomCode: room.roomCode });
  const { text, saved } = await openDoc(author, file.id);
  const address = `${server.url.replace('http', 'ws')}/yjs/${room.roomCode}/main.js?token=${owner.token}`;
  const socket = new WebSocket(address);
  const received: Uint8Array[] = [];
  const kinds: string[] = [];
  socket.on('message', (data: Buffer) => {
    const message = readMessage(data);
    kinds.push(message.type);
    if (message.type === 'update') received.push(message.update);
  });
  await until(() => kinds.includes('step1'));
  text.insert(5, ' typed early');
  await saved[0];
  socket.send(stateVectorMessage(Uint8Array.of(0)));
  await until(() => received.length > 0);
  text.insert(0, 'later ');
  await until(() => received.length > 1);
  // Each of them could be applied as it came: nothing waits for something that was not there yet.
  const doc = new Y.Doc();
  for (const update of received) {
    Y.applyUpdate(doc, update);
    expect(doc.store.pendingStructs).toBeNull();
  }
  expect(doc.getText('content').toString()).toBe('later start typed early');
  expect(received).toHaveLength(2);
  // Their answers are on their way.
  await Promise.all(saved);
  socket.close();
  author.close();
});
