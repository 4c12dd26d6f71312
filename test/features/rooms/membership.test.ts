// Membership: invited, taken out, banned; handed over; the code, the settings, closing and opening again. Every change
// holds for the next frame of whoever it is about, on every connection they have.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { WebSocket } from 'ws';
import { connect } from '../../../src/client/index.ts';
import { call } from '../../support/api.ts';
import { openDoc } from '../../support/bare-client.ts';
import { until } from '../../support/until.ts';
import { type House, type OwnedRoom, openHouse, present, type Visitor } from '../people.ts';

let house: House;

beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());

const NOTHING = Uint8Array.of(0, 0);
const refused = (code: string): object => ({ ok: false, error: { code } });

async function roomWithFile(options: { visibility?: string; maxParticipants?: number } = {}) {
  const room = await house.room(options);
  const { file } = await room.owner.client.ask('file.create', { roomId: room.id, path: 'a.js' });
  return { room, fileId: file.id as string };
}

/** A stock provider's socket on a file of the room: open once the server has sent something. */
async function stockSocket(room: OwnedRoom, { token }: Visitor): Promise<{ closed: () => number | undefined }> {
  const socket = new WebSocket(`${house.url.replace('http', 'ws')}/yjs/${room.roomCode}/a.js?token=${token}`);
  let code: number | undefined;
  socket.on('close', (given) => {
    code = given;
  });
  await new Promise((resolve) => socket.once('message', resolve));
  return { closed: () => code };
}

describe.each([
  ['participant.remove', false],
  ['participant.ban', true],
] as const)('%s', (name, banned) => {
  test('ends everything they have of the room at once, on every connection, and their seat is free', async () => {
    const { room, fileId } = await roomWithFile({ maxParticipants: 2 });
    const { owner, id: roomId } = room;
    const bob = await room.member();
    const second = await house.another(bob.token);
    await second.ask('room.join', room.entry);
    await openDoc(bob.client, fileId);
    await openDoc(second, fileId);
    const stock = await stockSocket(room, bob);
    const run = await bob.client.ask('run.start', { roomId, code: 'console.log(1)', language: 'javascript' });

    expect(await owner.client.ask(name, { roomId, userId: bob.id })).toEqual({});

    // Sent before anything else of theirs could be answered.
    const gone = { roomId, userId: bob.id, banned };
    for (const client of [bob.client, second]) {
      expect(await client.call('doc.update', { fileId, update: NOTHING })).toMatchObject(refused('not_joined'));
      expect(await client.call('file.write', { fileId, content: 'x' })).toMatchObject(refused('forbidden'));
      expect(await client.call('room.get', { roomId })).toMatchObject(refused('forbidden'));
      expect(await client.event('participant.removed')).toEqual(gone);
      expect(await client.event('doc.closed')).toEqual({ fileId, reason: 'forbidden' });
    }
    expect(await owner.client.event('participant.removed')).toEqual(gone);
    expect(await until(() => stock.closed())).toBe(4403);
    expect((await present(house.url, room)).map(({ userId }) => userId)).toEqual([owner.id]);
    // Nothing of the room reaches them any more; what they did stays.
    await owner.client.ask('file.create', { roomId, path: 'after.js' });
    await bob.client.ask('me.get');
    expect(bob.client.events.some((event) => event.name === 'file.created')).toBe(false);
    const { execution } = await owner.client.ask('run.get', { executionId: run.execution.id });
    expect(execution.userId).toBe(bob.id);
    const eve = await room.member();
    expect((await present(house.url, room)).map(({ userId }) => userId)).toEqual([owner.id, eve.id]);
  });

  test(`${banned ? 'keeps' : 'does not keep'} them from coming back with the code`, async () => {
    const { room } = await roomWithFile();
    const bob = await room.member();
    const { owner, id: roomId } = room;
    await owner.client.ask(name, { roomId, userId: bob.id });
    const again = await bob.client.call('room.join', room.entry);
    if (!banned) return expect(again).toMatchObject({ ok: true, data: { participant: { role: 'collaborator' } } });
    expect(again).toMatchObject({ error: { code: 'forbidden', details: { reason: 'banned' } } });
    const path = `/yjs/${room.roomCode}/a.js?token=${bob.token}`;
    const socket = new WebSocket(house.url.replace('http', 'ws') + path);
    expect(await new Promise((resolve) => socket.once('close', resolve))).toBe(4403);
    const username = await usernameOf(bob);
    expect(await owner.client.call('participant.admit', { roomId, userId: bob.id })).toMatchObject(refused('conflict'));
    expect(await owner.client.call('participant.invite', { roomId, username })).toMatchObject(refused('conflict'));
    const { bans } = await owner.client.ask('participant.bans', { roomId });
    expect(bans).toMatchObject([{ userId: bob.id, displayName: bob.displayName, bannedBy: owner.id }]);
    await owner.client.ask('participant.unban', { roomId, userId: bob.id });
    expect(await owner.client.call('participant.unban', { roomId, userId: bob.id })).toMatchObject(
      refused('not_found'),
    );
    expect(await bob.client.ask('room.join', room.entry)).toMatchObject({ participant: { role: 'collaborator' } });
  });

  test('of the owner, or of nobody that is there, is refused', async () => {
    const { room } = await roomWithFile();
    const { owner, id: roomId } = room;
    expect(await owner.client.call(name, { roomId, userId: owner.id })).toMatchObject(refused('conflict'));
    const nobody = { roomId, userId: crypto.randomUUID() };
    expect(await owner.client.call(name, nobody)).toMatchObject(refused('not_found'));
  });
});

async function usernameOf({ id }: Visitor): Promise<string> {
  const { rows } = await house.db.query('select username from users where id = $1', [id]);
  return rows[0].username;
}

test('who is taken out while coming in is not left inside without a membership', async () => {
  const room = await house.room();
  const visitors = await Promise.all(Array.from({ length: 6 }, () => room.member()));
  await Promise.all(visitors.map(({ client }) => client.ask('room.leave', { roomId: room.id })));
  await Promise.all(
    visitors.flatMap(({ client, id: userId }) => [
      client.call('room.join', room.entry),
      room.owner.client.call('participant.ban', { roomId: room.id, userId }),
    ]),
  );
  await room.owner.client.ask('file.create', { roomId: room.id, path: 'after.js' });
  await Promise.all(visitors.map(({ client }) => client.ask('me.get')));
  expect(visitors.flatMap(({ client }) => client.events).filter(({ name }) => name === 'file.created')).toEqual([]);
  expect((await present(house.url, room)).length).toBe(1);
});

test('one who banned knocks at a private room in vain, and the owner hears nothing of it', async () => {
  const room = await house.room({ visibility: 'private' });
  const bob = await house.somebody('Bob');
  await room.owner.client.ask('participant.ban', { roomId: room.id, userId: bob.id });
  expect(await bob.client.call('room.join', room.entry)).toMatchObject({ error: { details: { reason: 'banned' } } });
  await room.owner.client.ask('me.get');
  expect(room.owner.client.events.filter(({ name }) => name === 'room.knocked')).toEqual([]);
});

test('an invitation by user name makes a member, who hears of it, finds the room in the list and may come in', async () => {
  const room = await house.room({ visibility: 'private' });
  const bob = await house.somebody('Bob');
  const { owner, id: roomId } = room;
  const username = (await usernameOf(bob)).toUpperCase();
  const invited = await owner.client.ask('participant.invite', { roomId, username, role: 'participant' });
  expect(invited).toMatchObject({ participant: { userId: bob.id, role: 'participant', online: false } });
  expect(await bob.client.event('room.invited')).toMatchObject({
    room: { id: roomId, roomCode: room.roomCode },
    role: 'participant',
    by: { id: owner.id, displayName: 'Owner' },
  });
  const list = async () => (await bob.client.ask('room.list')).rooms;
  expect(await list()).toMatchObject([{ id: roomId, role: 'participant', invitedAt: expect.any(String) }]);
  const { rows } = await house.db.query(`select type, data from notifications where user_id = $1`, [bob.id]);
  expect(rows).toEqual([{ type: 'participant.invited', data: { roomId, by: owner.id, role: 'participant' } }]);
  expect(await bob.client.ask('room.join', room.entry)).toMatchObject({ participant: { role: 'participant' } });
  expect(await list()).toMatchObject([{ id: roomId, invitedAt: null }]);
  const nobody = { roomId, username: 'nobody-like-that' };
  expect(await owner.client.call('participant.invite', nobody)).toMatchObject(refused('not_found'));
});

test('a room that is handed over has another owner from the next call on, who is told', async () => {
  const { room, fileId } = await roomWithFile();
  const { owner, id: roomId } = room;
  const bob = await room.member('viewer');
  const opened = await openDoc(bob.client, fileId);
  expect(opened.opened.canWrite).toBe(false);
  expect(await owner.client.ask('room.handOver', { roomId, userId: bob.id })).toMatchObject({
    room: { id: roomId, ownerId: bob.id },
  });
  expect(await bob.client.event('doc.access')).toEqual({ fileId, canWrite: true });
  for (const { client } of [owner, bob]) {
    await client.event('room.changed', ({ room: { ownerId } }) => ownerId === bob.id);
    await client.event('participant.changed', ({ participant }) => participant.role === 'owner');
  }
  expect(await owner.client.call('room.close', { roomId })).toMatchObject(refused('forbidden'));
  expect(await owner.client.ask('room.get', { roomId })).toMatchObject({ participant: { role: 'collaborator' } });
  expect(await bob.client.call('room.handOver', { roomId, userId: bob.id })).toMatchObject(refused('conflict'));
  const stranger = { roomId, userId: crypto.randomUUID() };
  expect(await bob.client.call('room.handOver', stranger)).toMatchObject(refused('not_found'));
  expect(await bob.client.ask('room.close', { roomId })).toEqual({});
});

test('two hand-overs at once leave one owner', async () => {
  const room = await house.room();
  const [bob, eve] = [await room.member(), await room.member()];
  const { owner, id: roomId } = room;
  const answers = await Promise.all(
    [bob, eve].map(({ id: userId }) => owner.client.call('room.handOver', { roomId, userId })),
  );
  expect(answers.map(({ ok }) => ok).sort()).toEqual([false, true]);
  const { data } = await call(house.url, `GET /api/rooms/${roomId}`, { token: owner.token });
  expect(data.participants.filter(({ role }: { role: string }) => role === 'owner')).toHaveLength(1);
});

describe('the code', () => {
  test('that is new works, the one before leads nowhere, and members are told', async () => {
    const room = await house.room();
    const bob = await room.member();
    const { owner, id: roomId } = room;
    const { room: changed } = await owner.client.ask('room.rotateCode', { roomId });
    expect(changed.roomCode).toMatch(/^[2-9A-Z]{4}-[2-9A-Z]{4}$/);
    expect(changed.roomCode).not.toBe(room.roomCode);
    expect(await bob.client.event('room.changed')).toMatchObject({ room: { roomCode: changed.roomCode } });
    const eve = await house.somebody();
    expect(await eve.client.call('room.join', room.entry)).toMatchObject(refused('room_unavailable'));
    expect(await bob.client.call('room.join', room.entry)).toMatchObject(refused('room_unavailable'));
    await eve.client.ask('room.join', { roomCode: changed.roomCode });
    const { rows } = await house.db.query(
      `select new_values from audit_logs where action = 'room.code_rotated' and session_id = $1`,
      [roomId],
    );
    expect(JSON.stringify(rows)).not.toContain(changed.roomCode.replace('-', ''));
  });
});

test('settings: name, visibility and seats change for those who come, nobody loses a seat', async () => {
  const room = await house.room();
  const bob = await room.member();
  const { owner, id: roomId } = room;
  const change = { name: 'Other name', visibility: 'public', maxParticipants: 1 };
  expect(await owner.client.ask('room.update', { roomId, ...change })).toMatchObject({ room: change });
  expect(await bob.client.event('room.changed')).toMatchObject({ roomId, room: change });
  expect((await present(house.url, room)).length).toBe(2);
  const eve = await house.somebody();
  expect(await eve.client.call('room.join', room.entry)).toMatchObject(refused('room_full'));
  await owner.client.ask('room.update', { roomId, maxParticipants: 10 });
  expect(await eve.client.ask('room.join', room.entry)).toMatchObject({
    room: { name: 'Other name' },
    participant: { role: 'viewer' },
  });
  const { rows } = await house.db.query(
    `select old_values, new_values from audit_logs where action = 'room.changed' and session_id = $1 order by created_at`,
    [roomId],
  );
  expect(rows[0]).toEqual({
    old_values: { name: 'Room', visibility: 'collaborative', maxParticipants: 200 },
    new_values: change,
  });
});

test('a closed room is in its owner’s list, opens again with code, members and contents, and for the owner only', async () => {
  const { room, fileId } = await roomWithFile();
  const bob = await room.member('participant');
  const { owner, id: roomId } = room;
  await owner.client.ask('file.write', { fileId, content: 'kept' });
  await owner.client.ask('room.close', { roomId });
  expect((await owner.client.ask('room.list', { state: 'closed' })).rooms).toMatchObject([
    { id: roomId, closedAt: expect.any(String) },
  ]);
  expect((await bob.client.ask('room.list', { state: 'closed' })).rooms).toEqual([]);
  expect(await bob.client.call('room.reopen', { roomId })).toMatchObject(refused('forbidden'));
  for (const _ of ['once', 'again']) {
    expect(await owner.client.ask('room.reopen', { roomId })).toMatchObject({ room: { id: roomId, closedAt: null } });
  }
  expect(await bob.client.ask('room.join', room.entry)).toMatchObject({ participant: { role: 'participant' } });
  expect(await bob.client.ask('file.content', { fileId })).toEqual({ content: 'kept' });
});

test('the SDK says that it was taken out, shows others without the one who was, and follows the settings', async () => {
  const room = await house.room();
  const [bob, eve] = [await house.somebody('Bob'), await house.somebody('Eve')];
  const [one, other] = [bob, eve].map(({ token }) => connect({ url: house.url, token }));
  const [mine, theirs] = [await one!.join(room.roomCode), await other!.join(room.roomCode)];
  const { owner, id: roomId } = room;
  await owner.client.ask('room.update', { roomId, name: 'Renamed' });
  await until(() => mine.info.name === 'Renamed');
  await owner.client.ask('participant.ban', { roomId, userId: bob.id });
  await until(() => mine.state === 'removed');
  expect(mine.error).toMatchObject({ code: 'forbidden', details: { banned: true } });
  await until(() => !theirs.participants.has(bob.id));
  expect(theirs.state).toBe('joined');
  await Promise.all([one!.close(), other!.close()]);
});
