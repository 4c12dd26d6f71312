// Seats: how many there are, who holds one, and when it is free again.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { call, guest } from '../support/api.ts';
import { includes } from '../support/bare-client.ts';
import { until } from '../support/until.ts';
import { type House, namesOf, openHouse, present } from './people.ts';

let house: House;

beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());

describe('the participant limit', () => {
  test('holds when twenty come at the same time, half over HTTP and half over sockets', async () => {
    const room = await house.room({ maxParticipants: 5 });
    const { roomCode } = room;
    const knocking = await Promise.all(
      Array.from({ length: 20 }, async (_, index) => {
        if (index % 2 === 0) {
          const { token } = await guest(house.url, 'Bob');
          return () => call(house.url, 'POST /api/rooms/join', { token, body: { roomCode } });
        }
        const { client } = await house.somebody();
        return () => client.call('room.join', { roomCode });
      }),
    );
    const answers = await Promise.all(knocking.map((join) => join()));
    expect(answers.filter(({ ok }) => ok)).toHaveLength(4);
    const refused = answers.filter(({ ok }) => !ok).map(({ error }) => error);
    expect(new Set(refused.map((error) => JSON.stringify(error)))).toEqual(
      new Set(['{"code":"room_full","message":"The room is full.","details":{"maxParticipants":5}}']),
    );
    expect(await present(house.url, room)).toHaveLength(5);
  });

  test('keeps the seat of the owner, who may be away', async () => {
    const room = await house.room({ maxParticipants: 3 });
    await room.owner.client.ask('room.leave', { roomId: room.id });
    const visitors = await Promise.all(Array.from({ length: 6 }, () => house.somebody()));
    const answers = await Promise.all(visitors.map(({ client }) => client.call('room.join', room.entry)));
    expect(answers.filter(({ ok }) => ok)).toHaveLength(2);
    expect(await room.owner.client.call('room.join', room.entry)).toMatchObject({ ok: true });
    expect(await present(house.url, room)).toHaveLength(3);
  });

  test('of one is for the owner alone', async () => {
    const room = await house.room({ maxParticipants: 1 });
    const bob = await house.somebody();
    expect(await bob.client.call('room.join', room.entry)).toMatchObject({ error: { code: 'room_full' } });
  });

  test('lets the next one in as soon as somebody leaves or vanishes', async () => {
    const room = await house.room({ maxParticipants: 2 });
    const [first, second, third] = [await house.somebody(), await house.somebody(), await house.somebody()];
    await first.client.ask('room.join', room.entry);
    expect(await second.client.call('room.join', room.entry)).toMatchObject({ error: { code: 'room_full' } });
    await first.client.ask('room.leave', { roomId: room.id });
    await second.client.ask('room.join', room.entry);
    second.client.close();
    await room.owner.client.event('participant.left', includes(second.id));
    await third.client.ask('room.join', room.entry);
  });

  test('does not count a user twice who joins again', async () => {
    const room = await house.room({ maxParticipants: 2 });
    const bob = await house.somebody();
    const answers = await Promise.all(Array.from({ length: 8 }, () => bob.client.call('room.join', room.entry)));
    expect(answers.every(({ ok }) => ok)).toBe(true);
    expect(await present(house.url, room)).toHaveLength(2);
    const joined = (): string[] => namesOf(room.owner.client, 'participant.joined');
    await until(() => joined().length > 0);
    await bob.client.ask('room.leave', { roomId: room.id });
    await room.owner.client.event('participant.left');
    expect(joined()).toHaveLength(2);
  });
});

describe('two tabs', () => {
  test('are one seat: closing or leaving in one keeps the user in the room', async () => {
    const room = await house.room();
    const bob = await house.somebody();
    const tabs = [bob.client, await house.another(bob.token), await house.another(bob.token)] as const;
    for (const tab of tabs) await tab.ask('room.join', room.entry);
    expect(await present(house.url, room)).toHaveLength(2);
    tabs[0].close();
    await tabs[1].ask('room.leave', { roomId: room.id });
    expect(await present(house.url, room)).toHaveLength(2);
    await room.owner.client.ask('file.create', { roomId: room.id, path: 'heard.js' });
    await tabs[2].event('file.created');
    expect(namesOf(tabs[1], 'file.')).toEqual([]);
    tabs[2].close();
    await room.owner.client.event('participant.left');
    expect(namesOf(room.owner.client, 'participant.')).toEqual([
      'participant.joined',
      'participant.joined',
      'participant.left',
    ]);
  });

  test('closing the last tab while another one joins leaves the user in the room', async () => {
    const room = await house.room();
    const bob = await house.somebody();
    let tab = bob.client;
    await tab.ask('room.join', room.entry);
    for (let round = 0; round < 10; round++) {
      const next = await house.another(bob.token);
      const joining = next.ask('room.join', room.entry);
      tab.close();
      await joining;
      tab = next;
    }
    await room.owner.client.ask('file.create', { roomId: room.id, path: 'after.js' });
    await tab.event('file.created');
    await until(async () => (await present(house.url, room)).length === 2);
  });
});

test('leaving and joining again keeps the role', async () => {
  const room = await house.room();
  const bob = await room.member('participant');
  await bob.client.ask('room.leave', { roomId: room.id });
  expect(await bob.client.ask('room.join', room.entry)).toMatchObject({
    participant: { role: 'participant', online: true },
  });
  bob.client.close();
  await until(async () => (await present(house.url, room)).length === 1);
  const again = await house.another(bob.token);
  expect(await again.ask('room.join', room.entry)).toMatchObject({ participant: { role: 'participant' } });
});

test('whoever has left hears nothing more of the room', async () => {
  const room = await house.room();
  const bob = await room.member();
  await bob.client.ask('room.leave', { roomId: room.id });
  const heard = bob.client.events.length;
  await room.owner.client.ask('file.create', { roomId: room.id, path: 'unheard.js' });
  await room.owner.client.event('file.created');
  await bob.client.ask('me.get');
  expect(bob.client.events).toHaveLength(heard);
});

test('twelve people in a room have twelve colours, also after some came and went', async () => {
  const room = await house.room();
  const visitors = await Promise.all(Array.from({ length: 11 }, () => house.somebody()));
  await Promise.all(visitors.map(({ client }) => client.ask('room.join', room.entry)));
  const colors = async (): Promise<number> => new Set((await present(house.url, room)).map(({ color }) => color)).size;
  expect(await colors()).toBe(12);
  for (const { client } of visitors.slice(0, 5)) await client.ask('room.leave', { roomId: room.id });
  const others = await Promise.all(Array.from({ length: 5 }, () => house.somebody()));
  await Promise.all(others.map(({ client }) => client.ask('room.join', room.entry)));
  expect(await colors()).toBe(12);
  const { participant } = await (await house.somebody()).client.ask('room.join', room.entry);
  expect(participant.color).toBeGreaterThanOrEqual(0);
  expect(participant.color).toBeLessThan(12);
});

test('a restart frees the seats of people who are not there', async () => {
  const own = await openHouse();
  try {
    const room = await own.room({ maxParticipants: 2 });
    const { token } = await guest(own.url, 'Bob');
    await call(own.url, 'POST /api/rooms/join', { token, body: { roomCode: room.roomCode } });
    expect(await present(own.url, room)).toHaveLength(2);
    await own.server.restart();
    expect(await present(own.url, room)).toHaveLength(0);
  } finally {
    await own.close();
  }
});
