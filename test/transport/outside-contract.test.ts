// The contract as clients use it that have nothing of ours: fetch, bare socket.io-client, the stock y-websocket provider.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import WebSocket from 'ws';
import { WebsocketProvider } from 'y-websocket';
import * as Y from 'yjs';
import { call, guest, roomWithFile } from '../support/api.ts';
import { type BareClient, bareClient, includes, openDoc } from '../support/bare-client.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { until } from '../support/until.ts';

let server: TestServer;
const clients: BareClient[] = [];
const providers: WebsocketProvider[] = [];

beforeAll(async () => {
  server = await startServer();
});
afterAll(async () => {
  for (const client of clients) client.close();
  for (const provider of providers) {
    provider.destroy();
    // The awareness that the provider made has a timer; it ends with the document.
    provider.doc.destroy();
  }
  expect(await server.stop()).toBe(true);
});

async function connect(token: string): Promise<BareClient> {
  const client = await bareClient(server.url, token);
  clients.push(client);
  return client;
}

function provide(room: string, path: string, token: string): { provider: WebsocketProvider; doc: Y.Doc; text: Y.Text } {
  const doc = new Y.Doc();
  const provider = new WebsocketProvider(`${server.url.replace('http', 'ws')}/yjs/${room}`, path, doc, {
    params: { token },
    WebSocketPolyfill: WebSocket as never,
    disableBc: true,
  });
  providers.push(provider);
  return { provider, doc, text: doc.getText('content') };
}

describe('over HTTP', () => {
  test('a guest opens a room, another joins by the code in any writing, files and content', async () => {
    const { owner, room, file } = await roomWithFile(server.url, { content: 'let a = 1\r\n' });
    expect(room.roomCode).toMatch(/^[2-9A-Z]{4}-[2-9A-Z]{4}$/);
    const bob = await guest(server.url, 'Bob');
    const written = ` ${room.roomCode.toLowerCase().replace('-', ' ')} `;
    const joined = await call(server.url, 'POST /api/rooms/join', { token: bob.token, body: { roomCode: written } });
    expect(joined).toMatchObject({
      status: 200,
      ok: true,
      data: { participant: { role: 'collaborator', online: true } },
    });
    expect(joined.data.files).toMatchObject([{ id: file.id, path: 'main.js' }]);
    const content = await call(server.url, `GET /api/files/${file.id}/content`, { token: bob.token });
    expect(content.data).toEqual({ content: 'let a = 1\n' });
    const versions = await call(server.url, `GET /api/files/${file.id}/versions`, { token: owner.token });
    expect(versions.data.versions).toMatchObject([{ versionNumber: 1 }]);
  });

  test('[DOC25] lines end with LF inside, however a file came', async () => {
    const { owner, file } = await roomWithFile(server.url, { content: 'a\r\nb\rc\n' });
    const { token } = owner;
    const read = async () => (await call(server.url, `GET /api/files/${file.id}/content`, { token })).data.content;
    expect(await read()).toBe('a\nb\nc\n');
    const same = await call(server.url, `PUT /api/files/${file.id}/content`, {
      token,
      body: { content: 'a\r\nb\r\nc\r\n' },
    });
    expect(same.data).toEqual({ changed: false });
    await call(server.url, `PUT /api/files/${file.id}/content`, { token, body: { content: 'a\r\nB\r\n' } });
    expect(await read()).toBe('a\nB\n');
  });

  test('errors have a code and the matching status', async () => {
    const bob = await guest(server.url, 'Bob');
    const { token } = bob;
    expect(await call(server.url, 'POST /api/rooms', { body: { name: 'x' } })).toMatchObject({
      status: 401,
      error: { code: 'unauthenticated' },
    });
    expect(await call(server.url, 'POST /api/rooms', { token, body: {} })).toMatchObject({
      status: 400,
      error: { code: 'invalid_input' },
    });
    expect(await call(server.url, 'POST /api/rooms/join', { token, body: { roomCode: 'AAAA-AAAA' } })).toMatchObject({
      status: 404,
      error: { code: 'room_unavailable' },
    });
    expect(await call(server.url, 'GET /api/nothing', { token })).toMatchObject({
      status: 404,
      error: { code: 'not_found' },
    });
    const { room, file } = await roomWithFile(server.url);
    expect(await call(server.url, `GET /api/rooms/${room.id}/files`, { token })).toMatchObject({
      status: 403,
      error: { code: 'forbidden' },
    });
    expect(await call(server.url, `GET /api/files/${file.id}/content`, { token })).toMatchObject({ status: 403 });
  });
});

describe('bare socket.io-client', () => {
  test('two people type in the same file at once, and it is saved', async () => {
    const { owner, room, file } = await roomWithFile(server.url);
    const bob = await guest(server.url, 'Bob');
    const [one, two] = [await connect(owner.token), await connect(bob.token)];
    await one.ask('room.join', { roomCode: room.roomCode });
    await two.ask('room.join', { roomCode: room.roomCode });
    expect(await one.event('participant.joined', includes(bob.id))).toMatchObject({
      participants: [{ displayName: 'Bob', role: 'collaborator' }],
    });
    const [a, b] = [await openDoc(one, file.id), await openDoc(two, file.id)];
    expect(a.opened).toMatchObject({ canWrite: true, saved: true, lineage: b.opened.lineage });
    for (let i = 0; i < 20; i++) {
      a.text.insert(0, `a${i} `);
      b.text.insert(b.text.length, `b${i} `);
    }
    await until(() => a.text.toString() === b.text.toString() && a.text.length === 2 * (10 * 3 + 10 * 4));
    const answers = await Promise.all([...a.saved, ...b.saved]);
    expect(new Set(answers.map((answer) => JSON.stringify(answer)))).toEqual(
      new Set(['{"ok":true,"data":{"saved":true}}']),
    );
    const { data } = await call(server.url, `GET /api/files/${file.id}/content`, { token: owner.token });
    expect(data.content).toBe(a.text.toString());
  });

  test('every call is answered, also one that makes no sense', async () => {
    const bob = await connect((await guest(server.url, 'Bob')).token);
    expect(await bob.call('no.such.call', {})).toMatchObject({ ok: false, error: { code: 'not_found' } });
    expect(await bob.call('room.join', 'text')).toMatchObject({ ok: false, error: { code: 'invalid_input' } });
    expect(await bob.call('room.join')).toMatchObject({ ok: false, error: { code: 'invalid_input' } });
    expect(await bob.call('doc.open', { fileId: 7 })).toMatchObject({ ok: false, error: { code: 'invalid_input' } });
    expect(await bob.call('doc.update', { fileId: crypto.randomUUID(), update: new Uint8Array([0, 0]) })).toMatchObject(
      { error: { code: 'not_joined' } },
    );
    expect(await bob.call('__proto__', {})).toMatchObject({ ok: false, error: { code: 'not_found' } });
  });

  test('a wrong token is refused with a code', async () => {
    await expect(bareClient(server.url, 'wrong')).rejects.toMatchObject({ data: { code: 'unauthenticated' } });
  });

  test('a viewer reads and keeps a cursor but cannot write, until the owner changes the role', async () => {
    const { owner, room, file } = await roomWithFile(server.url, { visibility: 'public', content: 'x' });
    const bob = await guest(server.url, 'Bob');
    const [one, two] = [await connect(owner.token), await connect(bob.token)];
    await one.ask('room.join', { roomCode: room.roomCode });
    const { participant } = await two.ask('room.join', { roomCode: room.roomCode });
    expect(participant.role).toBe('viewer');
    await openDoc(one, file.id);
    const viewer = await openDoc(two, file.id);
    expect(viewer.opened.canWrite).toBe(false);
    viewer.text.insert(0, 'no');
    expect(await viewer.saved[0]).toMatchObject({ ok: false, error: { code: 'read_only' } });
    await one.ask('participant.setRole', { roomId: room.id, userId: bob.id, role: 'collaborator' });
    expect(await two.event('doc.access')).toMatchObject({ fileId: file.id, canWrite: true });
    const update = Y.encodeStateAsUpdate(viewer.doc, new Uint8Array(viewer.opened.stateVector));
    expect(await two.call('doc.update', { fileId: file.id, update })).toMatchObject({ ok: true });
    expect((await call(server.url, `GET /api/files/${file.id}/content`, { token: owner.token })).data.content).toBe(
      'nox',
    );
  });

  test('a broken update is refused to its sender and changes nothing', async () => {
    const { owner, room, file } = await roomWithFile(server.url, { content: 'whole' });
    const one = await connect(owner.token);
    await one.ask('room.join', { roomCode: room.roomCode });
    await openDoc(one, file.id);
    for (const bytes of [[], [1], [1, 2, 3, 4, 5], [255, 255, 255, 255, 255, 255, 255, 255, 255, 255]]) {
      expect(await one.call('doc.update', { fileId: file.id, update: Uint8Array.from(bytes) })).toMatchObject({
        error: { code: 'malformed_update' },
      });
    }
    expect((await call(server.url, `GET /api/files/${file.id}/content`, { token: owner.token })).data.content).toBe(
      'whole',
    );
  });

  test('leaving, closing and vanishing all remove a participant', async () => {
    const { owner, room } = await roomWithFile(server.url);
    const one = await connect(owner.token);
    await one.ask('room.join', { roomCode: room.roomCode });
    for (const how of ['leave', 'close', 'vanish'] as const) {
      const bob = await guest(server.url, how);
      const client = await connect(bob.token);
      await client.ask('room.join', { roomCode: room.roomCode });
      await one.event('participant.joined', includes(bob.id));
      if (how === 'leave') await client.ask('room.leave', { roomId: room.id });
      else if (how === 'close') client.close();
      else client.socket.io.engine.transport.close();
      const left = await one.event('participant.left', includes(bob.id));
      expect(left.participants).toMatchObject([{ online: false }]);
    }
  });
});

describe('the stock y-websocket provider', () => {
  test('edits the same file live with a Socket.io client, cursors included', async () => {
    const { owner, room, file } = await roomWithFile(server.url, { path: 'src/deep/main.js', content: 'start ' });
    const bob = await guest(server.url, 'Bob');
    const one = await connect(owner.token);
    await one.ask('room.join', { roomCode: room.roomCode });
    const a = await openDoc(one, file.id);
    const { provider, text } = provide(room.roomCode, 'src/deep/main.js', bob.token);
    provider.awareness.setLocalStateField('cursor', { anchor: 3 });
    provider.awareness.setLocalStateField('user', { name: 'The Owner', color: '#f00' });
    await until(() => provider.synced && text.toString() === 'start ');
    text.insert(text.length, 'from the provider ');
    a.text.insert(0, 'from the socket ');
    await until(
      () => a.text.toString() === text.toString() && text.toString() === 'from the socket start from the provider ',
    );
    const { update } = await one.event('doc.awareness', ({ update: bytes }) =>
      Buffer.from(bytes).toString().includes('anchor'),
    );
    expect(Buffer.from(update).toString()).toContain(`"user":{"id":"${bob.id}","name":"Bob"`);
    expect(Buffer.from(update).toString()).not.toContain('The Owner');
    await until(
      async () =>
        (await call(server.url, `GET /api/files/${file.id}/content`, { token: owner.token })).data.content ===
        text.toString(),
    );
  });

  test('is refused for good with a final close code', async () => {
    const { room } = await roomWithFile(server.url);
    const bob = await guest(server.url, 'Bob');
    for (const [code, path, token] of [
      [4401, 'main.js', 'wrong'],
      [4404, 'nothing.js', bob.token],
    ] as const) {
      const { provider } = provide(room.roomCode, path, token);
      const closed = await new Promise<{ code: number }>((resolve) =>
        provider.on('connection-close', (event: any) => resolve(event)),
      );
      expect(closed.code).toBe(code);
    }
  });
});

test('everything typed before a restart is there after it, once', async () => {
  const { owner, room, file } = await roomWithFile(server.url);
  const one = await bareClient(server.url, owner.token);
  await one.ask('room.join', { roomCode: room.roomCode });
  const a = await openDoc(one, file.id);
  for (let i = 0; i < 50; i++) a.text.insert(a.text.length, `line ${i}\n`);
  await Promise.all(a.saved);
  one.close();
  await server.restart();
  const content = await call(server.url, `GET /api/files/${file.id}/content`, { token: owner.token });
  expect(content.data.content).toBe(a.text.toString());
  const again = await connect(owner.token);
  const reopened = await again.ask('doc.open', {
    fileId: file.id,
    stateVector: Y.encodeStateVector(a.doc),
    lineage: a.opened.lineage,
  });
  Y.applyUpdate(a.doc, new Uint8Array(reopened.update));
  expect(a.text.toString()).toBe(content.data.content);
});
