// A path whose file was deleted and made anew, and a stock client that was away meanwhile with text of the old one.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import WebSocket from 'ws';
import { WebsocketProvider } from 'y-websocket';
import * as Y from 'yjs';
import { call, roomWithFile } from '../support/api.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { until } from '../support/until.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

test('[DOC27] is told to reset; a stock client that comes anew is not', async () => {
  const { owner, room, file } = await roomWithFile(server.url, { content: 'old text' });
  const { token } = owner;
  const open = () => {
    const doc = new Y.Doc();
    const url = `${server.url.replace('http', 'ws')}/yjs/${room.roomCode}`;
    const options = { params: { token }, WebSocketPolyfill: WebSocket as never, disableBc: true };
    const provider = new WebsocketProvider(url, 'main.js', doc, options);
    const codes: (number | undefined)[] = [];
    provider.on('connection-close', (event) => void codes.push(event?.code));
    return { doc, provider, codes, text: doc.getText('content') };
  };
  await call(server.url, `POST /api/rooms/join`, { token, body: { roomCode: room.roomCode } });
  const away = open();
  const fresh = open();
  try {
    await until(() => away.text.toString() === 'old text', { what: 'the old text' });
    away.provider.disconnect();
    away.text.insert(0, 'typed while away, ');
    await call(server.url, `DELETE /api/files/${file.id}`, { token });
    const body = { path: 'main.js', content: 'new text' };
    const { data } = await call(server.url, `POST /api/rooms/${room.id}/files`, { token, body });
    away.provider.connect();
    await until(() => away.codes.includes(4409), { what: 'it to be told' });
    fresh.provider.disconnect();
    const another = open();
    await until(() => another.text.toString() === 'new text', { what: 'the new text' });
    another.text.insert(8, '!');
    const content = async () =>
      (await call(server.url, `GET /api/files/${data.file.id}/content`, { token })).data.content;
    await until(async () => (await content()) === 'new text!', { what: 'the edit' });
    expect(another.codes).toEqual([]);
    another.provider.destroy();
  } finally {
    for (const { provider, doc } of [away, fresh]) {
      provider.destroy();
      doc.destroy();
    }
  }
});
