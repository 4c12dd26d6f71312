// Managing a room with the SDK, and what it tells those it is about.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Client, connect, register } from '../../../src/client/index.ts';
import { type Guest, guest } from '../../support/api.ts';
import { PASSWORD } from '../../support/password.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { until } from '../../support/until.ts';

let server: TestServer;
const clients: Client[] = [];

beforeAll(async () => {
  server = await startServer();
});
afterAll(async () => {
  await Promise.all(clients.map((client) => client.close()));
  await server.stop();
});

interface Visitor extends Guest {
  readonly client: Client;
}

async function somebody(name: string): Promise<Visitor> {
  const known = await guest(server.url, name);
  const client = connect({ url: server.url, token: known.token });
  clients.push(client);
  return { ...known, client };
}

async function ownedRoom(visibility: 'private' | 'public' | 'collaborative' = 'collaborative') {
  const owner = await somebody('Owner');
  const { room } = await owner.client.call('room.create', { name: 'Room', visibility });
  return { owner, room: await owner.client.join(room.roomCode) };
}

const make = async ({ client }: Visitor, roomId: string, path: string): Promise<string> =>
  (await client.call('file.create', { roomId, path })).file.id;

test('rules by path: the files that are there for one, and what may be done with them, at once', async () => {
  const { owner, room } = await ownedRoom();
  const [open, secret] = [
    await make(owner, room.info.id, 'open.js'),
    await make(owner, room.info.id, 'private/secret.js'),
  ];
  const bob = await somebody('Bob');
  const joined = await bob.client.join(room.info.roomCode);
  const document = bob.client.openDocument(secret);
  await document.ready();
  expect([joined.files.has(secret), joined.may('write', secret), joined.may('write')]).toEqual([true, true, true]);
  await room.manage.setPermission(bob.id, [{ path: '/private/**', deny: ['read'] }]);
  await until(() => !joined.files.has(secret));
  await until(() => document.status.phase === 'refused');
  await room.manage.setPermission(null, [{ path: '/**', deny: ['delete', 'write'] }]);
  await until(() => !joined.may('write', open) && !joined.may('delete', open));
  // Their own rules say nothing about it, so those for everybody decide.
  expect(joined.may('write')).toBe(true);
  expect(room.may('delete', open)).toBe(true);
  expect(await room.manage.permissions()).toMatchObject([
    { userId: null },
    { userId: bob.id, rules: [{ path: '/private/**', allow: [], deny: ['read'] }] },
  ]);
  const made = await make(owner, room.info.id, 'made-meanwhile.js');
  await until(() => joined.files.has(made) && !joined.may('write', made));
  await room.manage.removePermission(null);
  await until(() => joined.may('write', open));
  // Handed over, both see other files: the owner is held back by no rule.
  await room.manage.setPermission(null, [{ path: '/private/**', deny: ['read'] }]);
  await room.manage.handOver(bob.id);
  await until(() => joined.files.has(secret) && !room.files.has(secret));
  await expect(room.manage.removePermission(null)).rejects.toMatchObject({ code: 'forbidden' });
});

test('a viewer may write where a rule says so, and no longer than that', async () => {
  const { owner, room } = await ownedRoom('public');
  const bob = await somebody('Bob');
  const joined = await bob.client.join(room.info.roomCode);
  const fileId = await make(owner, room.info.id, 'sandbox/a.js');
  await until(() => joined.files.has(fileId));
  expect([joined.may('write', fileId), joined.may('write')]).toEqual([false, false]);
  await room.manage.setPermission(bob.id, [{ path: '/sandbox/**', allow: ['write'] }]);
  await until(() => joined.may('write', fileId) && joined.may('write'));
  expect(joined.may('delete', fileId)).toBe(false);
  await room.manage.remove(bob.id);
  await until(() => joined.state === 'removed');
  expect(joined.may('write', fileId)).toBe(false);
});

test('people, settings and the code of a room', async () => {
  const { owner, room } = await ownedRoom('private');
  const { manage } = room;
  const bob = await somebody('Bob');
  const knocks: string[] = [];
  owner.client.on('room.knocked', ({ user }) => knocks.push(user.id));
  const invited: string[] = [];
  bob.client.on('room.invited', ({ room: { id } }) => invited.push(id));
  await expect(bob.client.join(room.info.roomCode)).rejects.toMatchObject({ code: 'forbidden' });
  await until(() => knocks.includes(bob.id));
  expect(await manage.admit(bob.id, 'participant')).toMatchObject({ role: 'participant' });
  await until(() => invited.includes(room.info.id));
  const joined = await bob.client.join(room.info.roomCode);
  await manage.setRole(bob.id, 'viewer');
  await until(() => joined.me.role === 'viewer');
  expect(await manage.update({ name: 'Other', maxParticipants: 5 })).toMatchObject({ name: 'Other' });
  const { roomCode } = await manage.rotateCode();
  await until(() => joined.info.roomCode === roomCode && joined.info.name === 'Other');
  await manage.ban(bob.id);
  await until(() => joined.state === 'removed');
  expect(joined.error).toMatchObject({ details: { banned: true } });
  expect(await manage.bans()).toMatchObject([{ userId: bob.id, displayName: 'Bob' }]);
  await manage.unban(bob.id);
  expect(await manage.bans()).toEqual([]);
  const eve = await register(server.url, { username: 'eve', password: PASSWORD });
  expect(await manage.invite('Eve')).toMatchObject({ userId: eve.user.id, role: 'collaborator', online: false });
  eve.close();
  await manage.close();
  await until(() => room.state === 'closed');
  expect(await owner.client.reopen(room.info.id)).toMatchObject({ roomCode, closedAt: null });
  await expect(bob.client.join(roomCode)).rejects.toMatchObject({ code: 'forbidden' });
});
