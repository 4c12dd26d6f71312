// Rules by path while a document is open: the next frame obeys, on every connection, stock providers included.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { WebSocket } from 'ws';
import { type BareClient, openDoc } from '../../support/bare-client.ts';
import { type House, openHouse } from '../people.ts';
import { codeOf, FIXED, HIDDEN, place, UNDELETED } from './ruled-room.ts';

let house: House;

beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());

test('a rule makes it read-only in place, closes it, and gives it back', async () => {
  const { room, secret, open, give } = await place(house);
  const bob = await room.member('collaborator');
  const second = await house.another(bob.token);
  await second.ask('room.join', room.entry);
  const NOTHING = Uint8Array.of(0, 0);
  const update = (client: BareClient, fileId = secret) => client.call('doc.update', { fileId, update: NOTHING });
  for (const client of [bob.client, second]) {
    for (const fileId of [secret, open]) await openDoc(client, fileId);
    expect(codeOf(await update(client))).toBe('ok');
  }
  await give(FIXED, bob.id);
  for (const client of [bob.client, second]) {
    expect(codeOf(await update(client))).toBe('read_only');
    expect(codeOf(await update(client, open))).toBe('ok');
    expect(await client.event('doc.access')).toEqual({ fileId: secret, canWrite: false });
  }
  // A role that changes does not bring it back.
  const { owner, id: roomId } = room;
  await owner.client.ask('participant.setRole', { roomId, userId: bob.id, role: 'viewer' });
  await owner.client.ask('participant.setRole', { roomId, userId: bob.id, role: 'collaborator' });
  expect(codeOf(await update(bob.client))).toBe('read_only');
  expect(codeOf(await update(bob.client, open))).toBe('ok');
  await owner.client.ask('permission.remove', { roomId, userId: bob.id });
  expect(codeOf(await update(bob.client))).toBe('ok');
  await give(HIDDEN, bob.id);
  for (const client of [bob.client, second]) {
    expect(codeOf(await update(client))).toBe('not_joined');
    expect(await client.event('doc.closed')).toEqual({ fileId: secret, reason: 'forbidden' });
    expect(codeOf(await update(client, open))).toBe('ok');
  }
});

test('moving its file takes it away from those who may not read the new place, and gives writing by the new one', async () => {
  const { room, open, secret, give } = await place(house);
  const { owner } = room;
  const bob = await room.member('collaborator');
  await give(
    [
      { path: '/private/**', deny: ['read'] },
      { path: '/fixed/**', deny: ['write'] },
    ],
    bob.id,
  );
  await openDoc(bob.client, open);
  await owner.client.ask('file.rename', { fileId: open, path: 'fixed/open.js' });
  expect(await bob.client.event('doc.access')).toEqual({ fileId: open, canWrite: false });
  await owner.client.ask('file.rename', { fileId: open, path: 'private/open.js' });
  expect(await bob.client.event('doc.closed')).toEqual({ fileId: open, reason: 'forbidden' });
  await owner.client.ask('file.rename', { fileId: secret, path: 'public.js' });
  expect(codeOf(await bob.client.call('doc.open', { fileId: secret }))).toBe('ok');
  // Where it went is nobody's business, where it came from neither.
  const heard = JSON.stringify(bob.client.events.filter(({ name }) => name.startsWith('file.')));
  expect(heard).not.toContain('private/');
});

test('a stock provider is closed for good, or reads on', async () => {
  const { room, give } = await place(house);
  const bob = await room.member('collaborator');
  const stock = async (path: string) => {
    const socket = new WebSocket(`${house.url.replace('http', 'ws')}/yjs/${room.roomCode}/${path}?token=${bob.token}`);
    const closed = new Promise<number>((resolve) => socket.once('close', resolve));
    const first = await Promise.race([
      closed,
      new Promise<string>((resolve) => socket.once('message', () => resolve('open'))),
    ]);
    return { socket, closed, first };
  };
  const before = await stock('private/secret.js');
  expect(before.first).toBe('open');
  await give(HIDDEN, bob.id);
  expect(await before.closed).toBe(4403);
  expect((await stock('private/secret.js')).first).toBe(4404);
  const other = await stock('open.js');
  expect(other.first).toBe('open');
  other.socket.close();
});

test('who gets the room of an owner that is erased is held back by no rule any more, in what is open too', async () => {
  const { room, secret, give } = await place(house);
  const { owner, id: roomId } = room;
  const bob = await room.member('collaborator');
  await openDoc(bob.client, secret);
  await give(FIXED, bob.id);
  await give(FIXED);
  expect(await bob.client.event('doc.access')).toEqual({ fileId: secret, canWrite: false });
  await owner.client.ask('me.erase', { displayName: owner.displayName });
  expect(await bob.client.event('doc.access', ({ canWrite }) => canWrite)).toMatchObject({ fileId: secret });
  expect(codeOf(await bob.client.call('file.delete', { fileId: secret }))).toBe('ok');
  expect((await bob.client.ask('permission.list', { roomId })).permissions).toMatchObject([{ userId: null }]);
});

test('a file that is moved away while somebody renames it is not moved by who may not', async () => {
  const { room, open, give } = await place(house);
  const bob = await room.member('collaborator');
  await give(UNDELETED, bob.id);
  // Whichever comes first: once it is in there, it stays.
  const [moved, renamed] = await Promise.all([
    room.owner.client.call('file.rename', { fileId: open, path: 'private/open.js' }),
    bob.client.call('file.rename', { fileId: open, path: 'taken.js' }),
  ]);
  const { files } = await room.owner.client.ask('file.list', { roomId: room.id });
  const path = files.find(({ id }: { id: string }) => id === open).path;
  expect(codeOf(moved)).toBe('ok');
  expect(path).toBe('private/open.js');
  expect(['ok', 'forbidden']).toContain(codeOf(renamed));
});
