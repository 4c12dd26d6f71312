// The client on the real server: two people and a bot in one room, a restart in the middle of a sentence.
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { type Client, connect, createGuest, type Room } from '../../src/client/index.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { until } from '../support/until.ts';

let server: TestServer;
const clients = new Set<Client>();

beforeAll(async () => {
  server = await startServer();
});
afterEach(async () => {
  for (const client of clients) await client.close();
  clients.clear();
});
afterAll(async () => {
  expect(await server.stop()).toBe(true);
});

async function person(name: string): Promise<Client> {
  const { token } = await createGuest(server.url, name);
  const client = connect({ url: server.url, token });
  clients.add(client);
  return client;
}

/** Two people in a room with one file. */
async function twoInARoom(content: string): Promise<{ owner: Room; guest: Room; ownerClient: Client; fileId: string }> {
  const [ownerClient, guestClient] = await Promise.all([person('Ada'), person('Bob')]);
  const { room } = await ownerClient.call('room.create', { name: 'Two' });
  const owner = await ownerClient.join(room.roomCode);
  const guest = await guestClient.join(room.roomCode.toLowerCase());
  const { file } = await ownerClient.call('file.create', { roomId: room.id, path: 'main.js', content });
  await until(() => guest.files.has(file.id));
  return { owner, guest, ownerClient, fileId: file.id };
}

test('two people type in one file at once, and see each other', async () => {
  const { owner, guest } = await twoInARoom('middle');
  const [one, two] = [owner.openPath('main.js'), guest.openPath('main.js')];
  await Promise.all([one.ready(), two.ready()]);
  for (let i = 0; i < 20; i++) {
    one.text.insert(0, 'a');
    two.text.insert(two.text.length, 'b');
    if (i % 5 === 0) await one.saved();
  }
  await Promise.all([one.saved(), two.saved()]);
  await until(() => one.text.toJSON() === `${'a'.repeat(20)}middle${'b'.repeat(20)}`);
  await until(() => two.text.toJSON() === one.text.toJSON());
  one.awareness.setLocalStateField('cursor', { at: 3 });
  const state = await until(() => two.awareness.getStates().get(one.awareness.clientID));
  await until(() => two.awareness.getStates().get(one.awareness.clientID)?.['cursor']);
  expect(state?.['user']).toMatchObject({ id: owner.me.userId, name: 'Ada' });
  one.close();
  await until(() => !two.awareness.getStates().has(one.awareness.clientID));
});

test('a viewer reads along and writes as soon as the right comes, live', async () => {
  const { owner, guest, ownerClient } = await twoInARoom('text');
  const about = { roomId: owner.info.id, userId: guest.me.userId };
  await ownerClient.call('participant.setRole', { ...about, role: 'viewer' });
  const document = guest.openPath('main.js');
  await document.ready();
  expect(document.status.canWrite).toBe(false);
  document.text.insert(0, 'my ');
  expect(document.status).toMatchObject({ saved: 'not_saved', error: { code: 'read_only' } });
  await ownerClient.call('participant.setRole', { ...about, role: 'collaborator' });
  await until(() => document.status.canWrite && document.status.saved === 'saved');
  expect(guest.me.role).toBe('collaborator');
  const { content } = await ownerClient.call('file.content', { fileId: document.fileId });
  expect(content).toBe('my text');
});

test('a restart in the middle of typing loses nothing and doubles nothing', async () => {
  const { owner, guest, ownerClient, fileId } = await twoInARoom('');
  const [one, two] = [owner.openPath('main.js'), guest.openPath('main.js')];
  await Promise.all([one.ready(), two.ready()]);
  one.text.insert(0, 'before ');
  await one.saved();
  two.text.insert(two.text.length, 'during ');
  const restarted = server.restart();
  await until(() => one.status.phase === 'offline' && two.status.phase === 'offline');
  one.text.insert(one.text.length, 'offline ');
  await restarted;
  await Promise.all([one.saved(), two.saved()]);
  await until(() => one.text.toJSON() === two.text.toJSON());
  expect(one.text.toJSON().trim().split(' ').sort()).toEqual(['before', 'during', 'offline']);
  await until(() => owner.state === 'joined');
  const { content } = await ownerClient.call('file.content', { fileId });
  expect(content).toBe(one.text.toJSON());
});

test('a run is seen by both, with its output', async () => {
  const { owner, guest } = await twoInARoom('console.log("one"); console.error("two"); 40 + 2');
  const { id } = await owner.run({ fileId: [...owner.files.keys()][0]! });
  const [mine, theirs] = await Promise.all([owner.finished(id), guest.finished(id)]);
  expect(mine).toMatchObject({ status: 'completed', outcome: { result: '42' } });
  expect(mine.pieces.map(({ stream, text }) => [stream, text.trim()])).toEqual([
    ['stdout', 'one'],
    ['stderr', 'two'],
  ]);
  expect(theirs.pieces).toEqual(mine.pieces);
});

test('the bot of the README does what it says', async () => {
  const { owner, fileId, ownerClient } = await twoInARoom('console.log("from a person");');
  const bot = path.join(import.meta.dirname, 'example-bot.ts');
  const { stdout } = await promisify(execFile)(process.execPath, [bot, server.url, owner.info.roomCode, 'main.js']);
  expect(stdout).toBe('from a person\nhello from a bot\n');
  const { content } = await ownerClient.call('file.content', { fileId });
  expect(content).toMatch(/hello from a bot/);
});
