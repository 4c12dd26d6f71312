// The log of a whole session, at its most talkative, holds ids and no secrets.
import { expect, test } from '@jest/globals';
import { openLog } from '../../src/observe/log.ts';
import { normalizeRoomCode } from '../../src/protocol/room-code.ts';
import { call, guest, roomWithFile } from '../support/api.ts';
import { bareClient, openDoc } from '../support/bare-client.ts';
import { startServer } from '../support/server.ts';
import { until } from '../support/until.ts';

test('no token, room code or text is logged at the level debug', async () => {
  const lines: string[] = [];
  const server = await startServer({}, openLog('debug', { write: (line) => void lines.push(line) }));
  const { owner, room, file } = await roomWithFile(server.url, { content: 'secretcontent', path: 'secretpath.js' });
  const bob = await guest(server.url, 'Secretname');
  const client = await bareClient(server.url, bob.token);
  await client.ask('room.join', { roomCode: room.roomCode });
  const { text, saved } = await openDoc(client, file.id);
  text.insert(0, 'secretedit');
  await Promise.all(saved);
  const code = 'console.log("secretoutput"); throw new Error("secreterror")';
  await client.ask('run.start', { roomId: room.id, code, language: 'javascript', stdin: 'secretinput' });
  // A sandbox has to start first, on a loaded machine perhaps.
  await until(() => client.events.some(({ name }) => name === 'run.finished'), { timeoutMs: 25_000 });
  for (const [name, input] of [
    ['room.join', { roomCode: 'secretcode' }],
    ['room.create', { name: 'secretroom\0' }],
    ['doc.update', { fileId: file.id, update: Buffer.from('secretbytes') }],
    ['doc.open', { fileId: 'secretid' }],
    ['secretcommand', { token: owner.token }],
  ] as const) {
    expect(await client.call(name, input)).toMatchObject({ ok: false });
  }
  await call(server.url, 'GET /api/rooms?secretquery=1', { token: owner.token });
  await call(server.url, 'POST /api/secretroute', { token: owner.token, body: { password: 'secretpassword' } });
  await expect(bareClient(server.url, 'secrettoken')).rejects.toMatchObject({ message: 'unauthenticated' });
  // More garbage than a connection may send: it is closed, and that is a line in the log.
  while (client.socket.connected) await client.call('doc.open', { fileId: 'secretid' }).catch(() => undefined);
  client.close();
  await server.stop();
  const log = lines.join('');
  expect(log).toContain('a connection that sends garbage was closed');
  const written = [owner.token, bob.token, room.roomCode, normalizeRoomCode(room.roomCode) as string];
  for (const secret of written) expect(log).not.toContain(secret);
  expect(log).not.toMatch(/secret/i);
});
