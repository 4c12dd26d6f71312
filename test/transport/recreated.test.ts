// A path whose file is another one now, and stock clients that were away meanwhile with text of the old one. They know
// files by their paths alone.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import WebSocket from 'ws';
import { WebsocketProvider } from 'y-websocket';
import * as Y from 'yjs';
import { call, type Guest, roomWithFile } from '../support/api.ts';
import { bareClient, openDoc } from '../support/bare-client.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { until } from '../support/until.ts';

interface Stock {
  readonly provider: WebsocketProvider;
  readonly codes: (number | undefined)[];
  readonly text: Y.Text;
  close(): void;
}

let server: TestServer;
const opened: Stock[] = [];
beforeAll(async () => {
  server = await startServer();
});
afterAll(async () => {
  for (const stock of opened) stock.close();
  await server.stop();
});

/** A room with main.js that holds "old text", and ways to act in it. */
async function stage() {
  const { owner, room, file } = await roomWithFile(server.url, { content: 'old text' });
  const { token } = owner as Guest;
  return {
    token,
    roomCode: room.roomCode,
    main: file.id as string,
    open: (path = 'main.js'): Stock => {
      const doc = new Y.Doc();
      const url = `${server.url.replace('http', 'ws')}/yjs/${room.roomCode}`;
      const options = { params: { token }, WebSocketPolyfill: WebSocket as never, disableBc: true };
      const provider = new WebsocketProvider(url, path, doc, options);
      const codes: Stock['codes'] = [];
      provider.on('connection-close', (event) => void codes.push(event?.code));
      const close = (): void => {
        provider.destroy();
        doc.destroy();
      };
      const stock = { provider, codes, text: doc.getText('content'), close };
      opened.push(stock);
      return stock;
    },
    create: async (path: string, content: string): Promise<string> => {
      const body = { path, content };
      return (await call(server.url, `POST /api/rooms/${room.id}/files`, { token, body })).data.file.id;
    },
    rename: async (fileId: string, path: string) =>
      expect(await call(server.url, `PATCH /api/files/${fileId}`, { token, body: { path } })).toMatchObject({
        ok: true,
      }),
    remove: async (fileId: string) =>
      expect(await call(server.url, `DELETE /api/files/${fileId}`, { token })).toMatchObject({ ok: true }),
    content: async (fileId: string): Promise<string> =>
      (await call(server.url, `GET /api/files/${fileId}/content`, { token })).data.content,
  };
}

type Room = Awaited<ReturnType<typeof stage>>;

const holds = (stock: Stock, text: string): Promise<unknown> =>
  until(() => stock.text.toString() === text, { what: `"${text}"` });

test.each<[string, (room: Room) => Promise<string>]>([
  [
    'a new file in the place of a deleted one',
    async ({ main, remove, create }) => {
      await remove(main);
      return create('main.js', 'new text');
    },
  ],
  [
    'a new file in the place of one that has another name',
    async ({ main, rename, create }) => {
      await rename(main, 'moved.js');
      return create('main.js', 'new text');
    },
  ],
  [
    'another file that was renamed to the place of a deleted one',
    async ({ main, remove, rename, create }) => {
      const other = await create('other.js', 'new text');
      await remove(main);
      await rename(other, 'main.js');
      return other;
    },
  ],
  [
    'another file that was moved, with the place, from a folder',
    async ({ main, rename, create }) => {
      const other = await create('folder/other.js', 'new text');
      await rename(main, 'old/main.js');
      await rename(other, 'main.js');
      return other;
    },
  ],
])('[DOC27] %s: who comes with the old text is told to reset, who comes anew is not', async (_what, change) => {
  const room = await stage();
  const away = room.open();
  await holds(away, 'old text');
  away.provider.disconnect();
  away.text.insert(0, 'typed while away, ');
  const fileId = await change(room);
  away.provider.connect();
  await until(() => away.codes.includes(4409), { what: 'it to be told' });
  const fresh = room.open();
  await holds(fresh, 'new text');
  fresh.text.insert(8, '!');
  await until(async () => (await room.content(fileId)) === 'new text!', { what: 'the edit' });
  expect(fresh.codes).toEqual([]);
});

test('[DOC27] whoever has the renamed file open stays, and comes back to it', async () => {
  const room = await stage();
  const other = await room.create('other.js', 'new text');
  const stock = room.open('other.js');
  const [stays, leaves] = [await bareClient(server.url, room.token), await bareClient(server.url, room.token)];
  for (const client of [stays, leaves]) await client.ask('room.join', { roomCode: room.roomCode });
  const [open, left] = [await openDoc(stays, other), await openDoc(leaves, other)];
  await holds(stock, 'new text');
  leaves.close();
  const kept = new Y.Doc();
  Y.applyUpdate(kept, Y.encodeStateAsUpdate(left.doc));
  kept.getText('content').insert(0, 'away, ');
  await room.remove(room.main);
  await room.rename(other, 'main.js');
  stock.text.insert(8, '!');
  open.text.insert(0, 'the ');
  await Promise.all(open.saved);
  // Who knows the lineage is known by that.
  const back = await bareClient(server.url, room.token);
  const update = Y.encodeStateAsUpdate(kept);
  const known = { stateVector: Y.encodeStateVector(kept), lineage: left.opened.lineage };
  expect(await back.call('doc.open', { fileId: other, ...known })).toMatchObject({ ok: true });
  expect(await back.call('doc.update', { fileId: other, update })).toMatchObject({ ok: true });
  const whole = (text: string): boolean => text.length === 'away, the new text!'.length && text.endsWith('new text!');
  await until(() => whole(stock.text.toString()), { what: 'everything' });
  expect(stock.codes).toEqual([]);
  // A page that was connected when the file was renamed knows the mark, and may look for it at its new place.
  const moved = new WebsocketProvider(stock.provider.serverUrl, 'main.js', stock.text.doc as Y.Doc, {
    params: { token: room.token },
    WebSocketPolyfill: WebSocket as never,
    disableBc: true,
  });
  const codes: unknown[] = [];
  moved.on('connection-close', (event) => void codes.push(event?.code));
  await until(() => moved.synced, { what: 'it to be in step' });
  stock.provider.disconnect();
  stock.text.insert(0, 'moved: ');
  await until(async () => (await room.content(other)).startsWith('moved: '), { what: 'the edit at the new place' });
  expect(codes).toEqual([]);
  moved.destroy();
  stays.close();
  back.close();
});

test('[DOC27] the mark of a renamed file is there after a restart', async () => {
  const room = await stage();
  const away = room.open();
  await holds(away, 'old text');
  away.provider.disconnect();
  const other = await room.create('other.js', 'new text');
  await room.remove(room.main);
  await room.rename(other, 'main.js');
  await server.restart();
  away.provider.connect();
  await until(() => away.codes.includes(4409), { what: 'it to be told' });
  expect(await room.content(other)).toBe('new text');
});
