// A large document over a slow line, to the stock provider and to our client.
import { type ChildProcess, spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import readline from 'node:readline';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import WebSocket from 'ws';
import { WebsocketProvider } from 'y-websocket';
import * as Y from 'yjs';
import { connect } from '../../src/client/index.ts';
import { LIMITS } from '../../src/documents/limits.ts';
import { readMessage, stateVectorMessage } from '../../src/transport/sync-wire.ts';
import { guest, roomWithFile } from '../support/api.ts';
import { bareClient, openDoc } from '../support/bare-client.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { type SlowLine, slowLine } from '../support/slow-line.ts';
import { until } from '../support/until.ts';

const TRACE = path.join(import.meta.dirname, '../support/traces/sveltecomponent.json');
const HASTY = path.join(import.meta.dirname, '../support/hasty-client.ts');
/** How much faster time passes for the hasty client: its 30 s are 1.5 s. */
const FASTER = 20;

let server: TestServer;
let place: Awaited<ReturnType<typeof roomWithFile>>;
let text = '';
let size = 0;
/** A connection on which nobody shows a cursor or types, and what it hears. */
let quiet: WebSocket;
const heard: string[] = [];
const closing: (() => unknown)[] = [];

beforeAll(async () => {
  server = await startServer();
  place = await roomWithFile(server.url, { path: 'App.svelte' });
  const author = await bareClient(server.url, place.owner.token);
  await author.ask('room.join', { roomCode: place.room.roomCode });
  const whole = longDocument();
  await author.ask('doc.open', { fileId: place.file.id });
  await author.ask('doc.update', { fileId: place.file.id, update: Y.encodeStateAsUpdate(whole) });
  text = whole.getText('content').toString();
  size = Y.encodeStateAsUpdate(whole).length;
  expect(size).toBeGreaterThan(2 * LIMITS.wholeBytes);
  author.close();
  const elsewhere = await roomWithFile(server.url, { path: 'quiet.js' });
  const address = `/yjs/${elsewhere.room.roomCode}/quiet.js?token=${elsewhere.owner.token}`;
  quiet = new WebSocket(`${server.url.replace('http', 'ws')}${address}`);
  quiet.on('message', (data: Buffer) => heard.push(readMessage(data).type));
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});
afterAll(async () => {
  quiet.terminate();
  expect(await server.stop()).toBe(true);
});

/** What somebody typed, over and over, by three people. */
function longDocument(): Y.Doc {
  const { patches: transactions } = JSON.parse(fs.readFileSync(TRACE, 'utf8')) as {
    patches: (readonly [number, number, string])[][];
  };
  const doc = new Y.Doc();
  const content = doc.getText('content');
  for (let round = 0; round < 50; round++) {
    if (round % 4 === 0) doc.clientID = 1000 + round;
    doc.transact(() => {
      for (const [at, remove, insert] of transactions.flat()) {
        const start = Math.min(at, content.length);
        content.delete(start, Math.min(remove, content.length - start));
        content.insert(start, insert);
      }
    });
  }
  return doc;
}

async function line(rate: number): Promise<SlowLine> {
  const slow = await slowLine(server.url, rate);
  closing.push(() => slow.close());
  return slow;
}

const yjsUrl = ({ url }: { url: string }): string => `${url.replace('http', 'ws')}/yjs/${place.room.roomCode}`;

type Told = { readonly event: string; readonly after: number; readonly text?: string };

function hasty(slow: SlowLine): Told[] {
  const args = [HASTY, yjsUrl(slow), 'App.svelte', place.owner.token, String(FASTER)];
  const child: ChildProcess = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  closing.push(async () => {
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
  });
  const told: Told[] = [];
  readline
    .createInterface({ input: child.stdout as NodeJS.ReadableStream })
    .on('line', (text) => told.push(JSON.parse(text)));
  return told;
}

test('[DOC29] the stock provider gets a document that takes longer than its patience, in one go', async () => {
  const slow = await line(size / 4);
  const told = hasty(slow);
  const synced = await until(() => told.find(({ event }) => event === 'synced'), { timeoutMs: 30_000 });
  expect(synced?.text === text).toBe(true);
  // Sent as one message it would have been given up after 30 s, again and again.
  expect(synced?.after).toBeGreaterThan(45_000);
  expect(told.filter(({ event }) => event === 'closed')).toEqual([]);
});

test('[DOC29] edits of others wait for the last piece, and nothing ever waits for anything else', async () => {
  const slow = await line(2 * size);
  const socket = new WebSocket(`${yjsUrl(slow)}/App.svelte?token=${place.owner.token}`);
  closing.push(() => socket.close());
  const updates: Uint8Array[] = [];
  socket.on('message', (data: Buffer) => {
    const message = readMessage(data);
    if (message.type === 'step1') socket.send(stateVectorMessage(Uint8Array.of(0)));
    if (message.type === 'update') updates.push(message.update);
  });
  await until(() => updates.length > 0);
  const other = await bareClient(server.url, place.owner.token);
  closing.push(() => other.close());
  await other.ask('room.join', { roomCode: place.room.roomCode });
  const live = await openDoc(other, place.file.id);
  live.text.insert(100, 'typed meanwhile');
  live.text.insert(live.text.length - 10, 'and at the end');
  await Promise.all(live.saved);
  const doc = new Y.Doc();
  let applied = 0;
  await until(
    () => {
      for (; applied < updates.length; applied++) {
        Y.applyUpdate(doc, updates[applied] as Uint8Array);
        if (doc.store.pendingStructs) throw new Error('An update waits for another.');
      }
      return doc.getText('content').toString() === live.text.toString();
    },
    { timeoutMs: 20_000, what: 'the text arrives' },
  );
  expect(Math.max(...updates.map(({ length }) => length))).toBeLessThan(LIMITS.pieceBytes * 1.1);
  live.text.delete(live.text.length - 10 - 'and at the end'.length, 'and at the end'.length);
  live.text.delete(100, 'typed meanwhile'.length);
  await Promise.all(live.saved);
});

test('[DOC29] our client and the stock provider go on where a connection broke', async () => {
  const [slow, other] = [await line(2 * size), await line(2 * size)];
  const client = connect({ url: slow.url, token: place.owner.token });
  closing.push(() => client.close());
  const room = await client.join(place.room.roomCode);
  const document = room.openPath('App.svelte');
  const doc = new Y.Doc();
  const { token } = await guest(server.url, 'Bob');
  const provider = new WebsocketProvider(yjsUrl(other), 'App.svelte', doc, {
    params: { token },
    WebSocketPolyfill: WebSocket as never,
    disableBc: true,
  });
  closing.push(() => {
    provider.destroy();
    doc.destroy();
  });
  for (const way of [slow, other]) {
    await until(() => way.bytes > 0.8 * size);
    way.cut();
  }
  expect(document.status.synced).toBe(false);
  await document.ready();
  await until(() => provider.synced, { timeoutMs: 20_000 });
  expect(document.text.toString() === text).toBe(true);
  expect(doc.getText('content').toString() === text).toBe(true);
  // All of it again would be more; deletions are always told whole.
  for (const way of [slow, other]) expect(way.bytes).toBeLessThan(1.6 * size);
});

test('[DOC29] a connection on which nothing happens hears something within the patience of a provider', async () => {
  const atFirst = ['step1', 'awareness'];
  await until(() => heard.length > atFirst.length, { timeoutMs: 25_000 });
  expect(heard.slice(0, 3)).toEqual([...atFirst, 'awareness']);
});
