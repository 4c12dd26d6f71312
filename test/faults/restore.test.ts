// A restore while people still hold what came after the backup: they are told to begin anew; nothing is doubled, nothing
// of the old future comes back.
import fs from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import WebSocket from 'ws';
import { WebsocketProvider } from 'y-websocket';
import * as Y from 'yjs';
import { type Client, connect, createGuest } from '../../src/client/index.ts';
import { databaseCommand } from '../db/command.ts';
import { call } from '../support/api.ts';
import { bareClient } from '../support/bare-client.ts';
import { type ServerProcess, startProcess, temporaryFolder } from '../support/server-process.ts';
import { until } from '../support/until.ts';

const folders: ReturnType<typeof temporaryFolder>[] = [];
const closing: (() => unknown)[] = [];
let server: ServerProcess;
let first: string;
let second: string;
let file: string;

const folder = (): string => {
  const made = temporaryFolder();
  folders.push(made);
  return made.path;
};

beforeAll(async () => {
  first = folder();
  second = folder();
  file = path.join(folder(), 'room.backup');
  server = await startProcess({ DATA_DIR: first });
}, 60_000);
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});
afterAll(async () => {
  await server.end('SIGTERM');
  for (const { remove } of folders) remove();
});

function stock(code: string, token: string): { provider: WebsocketProvider; text: Y.Text; codes: number[] } {
  const doc = new Y.Doc();
  const url = `${server.url.replace('http', 'ws')}/yjs/${code}`;
  const options = { params: { token }, WebSocketPolyfill: WebSocket as never, disableBc: true };
  const provider = new WebsocketProvider(url, 'main.js', doc, options);
  const codes: number[] = [];
  provider.on('connection-close', (event) => void (event && codes.push(event.code)));
  closing.push(() => {
    provider.destroy();
    doc.destroy();
  });
  return { provider, text: doc.getText('content'), codes };
}

async function person(token: string): Promise<Client> {
  const client = connect({ url: server.url, token });
  closing.push(() => client.close());
  return client;
}

test('[DOC27] [DOC13] clients of the old future are told to reset, with lineage and without', async () => {
  const { token } = await createGuest(server.url, 'Ada');
  const ada = await person(token);
  const { room } = await ada.call('room.create', { name: 'R', visibility: 'collaborative' });
  const inRoom = await ada.join(room.roomCode);
  const { file: main } = await ada.call('file.create', { roomId: room.id, path: 'main.js', content: 'kept' });
  await until(() => inRoom.files.has(main.id));
  const document = inRoom.openPath('main.js');
  closing.push(() => document.doc.destroy());
  await document.ready();
  const old = stock(room.roomCode, token);
  await until(() => old.text.toString() === 'kept');
  document.text.insert(4, ' too');
  await document.saved();

  // While the server works.
  expect(await databaseCommand({ DATA_DIR: first }, 'backup', file)).toMatchObject({ code: 0, complained: '' });
  const busy = await databaseCommand({ DATA_DIR: first }, 'restore', file);
  expect(busy.complained).toMatch(/in use by another Coderoom server/);

  document.text.insert(8, ' but not this');
  await document.saved();
  await until(() => old.text.toString() === 'kept too but not this');
  const newer = Y.encodeStateVector(document.doc);
  await server.end('SIGTERM');
  expect(await databaseCommand({ DATA_DIR: second }, 'restore', file)).toMatchObject({ code: 0, complained: '' });
  server = await startProcess({ DATA_DIR: second, PORT: new URL(server.url).port });

  await until(() => document.status.phase === 'refused', { timeoutMs: 20_000, what: 'the client is told' });
  expect(document.status.error).toMatchObject({ code: 'lineage_changed' });
  await until(() => old.codes.includes(4409), { timeoutMs: 20_000, what: 'the stock client is told' });

  // A bare client that names no lineage is recognised by its state vector.
  const bare = await bareClient(server.url, token);
  closing.push(() => bare.close());
  await bare.ask('room.join', { roomCode: room.roomCode });
  const refused = { ok: false, error: { code: 'lineage_changed' } };
  expect(await bare.call('doc.open', { fileId: main.id, stateVector: newer })).toMatchObject(refused);
  expect(await bare.call('doc.update', { fileId: main.id, update: Y.encodeStateAsUpdate(document.doc) })).toMatchObject(
    {
      ok: false,
    },
  );

  const contentNow = async () => (await call(server.url, `GET /api/files/${main.id}/content`, { token })).data.content;
  expect(await contentNow()).toBe('kept too');
  // Who begins anew has the restored text, once, and types on: in the SDK, and in the stock provider.
  const again = await person(token);
  const anew = (await again.join(room.roomCode)).openPath('main.js');
  await anew.ready();
  anew.text.insert(8, '!');
  await anew.saved();
  const fresh = stock(room.roomCode, token);
  await until(() => fresh.text.toString() === 'kept too!');
  fresh.text.insert(0, '> ');
  await until(() => anew.text.toString() === '> kept too!');
  // Coming back with what was received since the restore is as ever.
  fresh.provider.disconnect();
  fresh.text.insert(0, '>');
  fresh.provider.connect();
  await until(() => anew.text.toString() === '>> kept too!');
  expect(fresh.codes).not.toContain(4409);
  expect(await contentNow()).toBe('>> kept too!');
  expect(fs.existsSync(`${file}.partial`)).toBe(false);
}, 90_000);
