// The owner's commands that wait while the room gets another owner: they are the old owner's no more.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { holdRows } from '../../support/held-row.ts';
import { type House, openHouse } from '../people.ts';
import { codeOf } from './ruled-room.ts';

let house: House;

beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());

test('who has just handed a room over neither bans its owner nor decides anything else there', async () => {
  const room = await house.room({ visibility: 'private' });
  const { owner, id: roomId } = room;
  const [heir, other] = [await house.somebody(), await house.somebody()];
  for (const { id: userId } of [heir, other])
    await owner.client.ask('participant.admit', { roomId, userId, role: 'viewer' });
  const { room: before } = await heir.client.ask('room.join', room.entry);
  const { environments } = await owner.client.ask('environment.list');
  const late: [string, object][] = [
    ['participant.ban', { roomId, userId: heir.id }],
    ['participant.setRole', { roomId, userId: other.id, role: 'collaborator' }],
    ['participant.remove', { roomId, userId: other.id }],
    ['permission.set', { roomId, rules: [{ path: '/**', deny: ['read'] }] }],
    ['environment.choose', { roomId, language: 'javascript', environmentId: environments[0].id }],
    ['room.update', { roomId, visibility: 'collaborative' }],
    ['room.close', { roomId }],
  ];
  const held = await holdRows(house.server.database.url, 'coding_sessions', [roomId]);
  const handedOver = owner.client.call('room.handOver', { roomId, userId: heir.id });
  await held.queued(1);
  const answers = late.map(([name, input]) => owner.client.call(name, input));
  await held.queued(1 + late.length);
  await held.release();
  expect(codeOf(await handedOver)).toBe('ok');
  expect((await Promise.all(answers)).map(codeOf)).toEqual(late.map(() => 'forbidden'));
  const { room: after } = await heir.client.ask('room.join', room.entry);
  expect(after).toEqual({ ...before, ownerId: heir.id });
  expect((await heir.client.ask('participant.bans', { roomId })).bans).toEqual([]);
  expect((await other.client.ask('room.join', room.entry)).participant.role).toBe('viewer');
});
