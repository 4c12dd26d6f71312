// Rooms: what the code gives, roles, closing, and the list.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { call } from '../support/api.ts';
import { openDoc } from '../support/bare-client.ts';
import { type House, namesOf, openHouse } from './people.ts';

let house: House;

beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());

describe('visibility decides what the code gives:', () => {
  test.each([
    ['collaborative', 'collaborator'],
    ['public', 'viewer'],
  ])('%s → %s', async (visibility, role) => {
    const room = await house.room({ visibility });
    const bob = await house.somebody();
    expect(await bob.client.ask('room.join', room.entry)).toMatchObject({
      participant: { role },
      room: { visibility },
    });
  });

  test('private → refused, and only the connections of the owner hear of it', async () => {
    const room = await house.room({ visibility: 'private' });
    const { owner, id } = room;
    const secondTab = await house.another(owner.token);
    const admitted = await house.somebody('Admitted');
    await owner.client.ask('participant.admit', { roomId: id, userId: admitted.id });
    await admitted.client.ask('room.join', room.entry);
    const bob = await house.somebody('Bob');
    expect(await bob.client.call('room.join', room.entry)).toMatchObject({ error: { code: 'forbidden' } });
    const knock = { roomId: id, user: { id: bob.id, displayName: 'Bob', kind: 'guest' } };
    expect(await owner.client.event('room.knocked')).toEqual(knock);
    expect(await secondTab.event('room.knocked')).toEqual(knock);
    await owner.client.ask('file.create', { roomId: id, path: 'after.js' });
    await admitted.client.event('file.created');
    expect(namesOf(admitted.client, 'room.')).toEqual(['room.invited']);
    expect(bob.client.events).toEqual([]);
    expect(await bob.client.call('room.get', { roomId: id })).toMatchObject({ error: { code: 'forbidden' } });
  });

  test('private → open for whom the owner has let in, with the role the owner gave', async () => {
    const room = await house.room({ visibility: 'private' });
    const bob = await house.somebody();
    const { roomCode, id: roomId, owner } = room;
    await bob.client.call('room.join', { roomCode });
    const admit = { roomId, userId: bob.id, role: 'participant' };
    expect(await owner.client.ask('participant.admit', admit)).toMatchObject({
      participant: { userId: bob.id, role: 'participant', online: false },
    });
    await owner.client.event('participant.changed', ({ participant }) => participant.userId === bob.id);
    expect(await bob.client.ask('room.join', { roomCode })).toMatchObject({ participant: { role: 'participant' } });
    // Letting somebody in twice changes nothing.
    expect(await owner.client.ask('participant.admit', { roomId, userId: bob.id })).toMatchObject({
      participant: { role: 'participant', online: true },
    });
    const nobody = { roomId, userId: crypto.randomUUID() };
    expect(await owner.client.call('participant.admit', nobody)).toMatchObject({ error: { code: 'not_found' } });
  });
});

describe('roles', () => {
  test('are changed live, with one event for everybody', async () => {
    const room = await house.room();
    const { id: roomId, owner } = room;
    const [bob, eve] = [await room.member(), await room.member()];
    const { file } = await owner.client.ask('file.create', { roomId, path: 'a.js' });
    expect((await openDoc(bob.client, file.id)).opened.canWrite).toBe(true);
    for (const role of ['viewer', 'participant', 'collaborator']) {
      await owner.client.ask('participant.setRole', { roomId, userId: bob.id, role });
      for (const { client } of [owner, bob, eve]) {
        const hears = ({ participant }: any): boolean => participant.userId === bob.id && participant.role === role;
        expect(await client.event('participant.changed', hears)).toMatchObject({ roomId });
      }
      const write = await bob.client.call('file.write', { fileId: file.id, content: role });
      expect(write.ok).toBe(role === 'collaborator');
    }
    const access = bob.client.events.filter(({ name }) => name === 'doc.access').map(({ payload }) => payload.canWrite);
    expect(access).toEqual([false, true]);
  });

  test('the owner stays the owner, and nobody else becomes one', async () => {
    const room = await house.room();
    const { id: roomId, owner } = room;
    const bob = await room.member('collaborator');
    const change = { roomId, userId: owner.id, role: 'viewer' };
    expect(await owner.client.call('participant.setRole', change)).toMatchObject({ error: { code: 'conflict' } });
    const become = { roomId, userId: bob.id, role: 'owner' };
    for (const name of ['participant.setRole', 'participant.admit']) {
      expect(await owner.client.call(name, become)).toMatchObject({ error: { code: 'invalid_input' } });
      expect(await bob.client.call(name, { ...change, role: 'viewer' })).toMatchObject({
        error: { code: 'forbidden', details: { role: 'collaborator', action: 'room.manage' } },
      });
    }
    const stranger = { roomId, userId: crypto.randomUUID(), role: 'viewer' };
    expect(await owner.client.call('participant.setRole', stranger)).toMatchObject({ error: { code: 'not_found' } });
    expect(await owner.client.ask('room.get', { roomId })).toMatchObject({ participant: { role: 'owner' } });
  });

  test('of one room mean nothing in another', async () => {
    const [one, two] = [await house.room(), await house.room()];
    const { file } = await one.owner.client.ask('file.create', { roomId: one.id, path: 'a.js' });
    for (const [name, input] of [
      ['participant.setRole', { roomId: one.id, userId: one.owner.id, role: 'viewer' }],
      ['room.close', { roomId: one.id }],
      ['file.write', { fileId: file.id, content: 'x' }],
      ['file.delete', { fileId: file.id, roomId: two.id }],
      ['doc.open', { fileId: file.id }],
      ['run.start', { roomId: one.id, fileId: file.id }],
    ] as const) {
      expect(await two.owner.client.call(name, input)).toMatchObject({ error: { code: 'forbidden' } });
    }
    const run = await two.owner.client.call('run.start', { roomId: two.id, fileId: file.id });
    expect(run).toMatchObject({ error: { code: 'not_found' } });
  });
});

describe('closing', () => {
  test('tells everybody, closes documents, ends runs, and the code is dead', async () => {
    const room = await house.room();
    const { id: roomId, owner, roomCode } = room;
    const bob = await room.member();
    const { file } = await owner.client.ask('file.create', { roomId, path: 'a.js' });
    await openDoc(bob.client, file.id);
    const loop = { roomId, language: 'javascript', code: 'for (;;);' };
    const { execution } = await bob.client.ask('run.start', loop);
    expect(await owner.client.ask('room.close', { roomId })).toEqual({});
    for (const { client } of [owner, bob]) expect(await client.event('room.closed')).toEqual({ roomId });
    expect(await bob.client.event('doc.closed')).toEqual({ fileId: file.id, reason: 'forbidden' });
    const update = await bob.client.call('doc.update', { fileId: file.id, update: new Uint8Array([0, 0]) });
    expect(update).toMatchObject({ error: { code: 'not_joined' } });
    for (const [name, input] of [
      ['room.join', { roomCode }],
      ['room.get', { roomId }],
      ['room.leave', { roomId }],
      ['file.list', { roomId }],
      ['file.create', { roomId, path: 'b.js' }],
      ['file.content', { fileId: file.id }],
      ['run.start', { roomId, fileId: file.id }],
      ['run.get', { executionId: execution.id }],
      ['doc.open', { fileId: file.id }],
    ] as const) {
      expect(await owner.client.call(name, input)).toMatchObject({ error: { code: 'room_unavailable' } });
    }
    expect(await owner.client.call('room.close', { roomId })).toMatchObject({ error: { code: 'room_unavailable' } });
    expect(await bob.client.ask('room.list')).toEqual({ rooms: [], nextCursor: null });
  });

  test('while people come in leaves nobody inside', async () => {
    const room = await house.room();
    const visitors = await Promise.all(Array.from({ length: 8 }, () => house.somebody()));
    const joining = visitors.map(({ client }) => client.call('room.join', room.entry));
    const closing = room.owner.client.call('room.close', { roomId: room.id });
    const answers = await Promise.all(joining);
    expect((await closing).ok).toBe(true);
    for (const [index, answer] of answers.entries()) {
      const { client } = visitors[index]!;
      if (answer.ok) await client.event('room.closed');
      else expect(answer.error.code).toBe('room_unavailable');
    }
  });

  test('a wrong code and the code of a closed room are answered byte for byte the same', async () => {
    const room = await house.room();
    await room.owner.client.ask('room.close', { roomId: room.id });
    const { token } = await house.somebody();
    const bodies = await Promise.all(
      [room.roomCode, 'AAAA-AAAA', 'not a code', '', '\0', 'ＡＡＡＡＡＡＡＡ'].map(async (roomCode) => {
        const response = await fetch(`${house.url}/api/rooms/join`, {
          method: 'POST',
          headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
          body: JSON.stringify({ roomCode }),
        });
        return `${response.status} ${await response.text()}`;
      }),
    );
    expect(new Set(bodies)).toEqual(
      new Set(['404 {"ok":false,"error":{"code":"room_unavailable","message":"No open room has this code."}}']),
    );
  });
});

test('the list has the open rooms of the caller, the last joined first', async () => {
  const bob = await house.somebody();
  const rooms = [await house.room(), await house.room({ visibility: 'public' }), await house.room()];
  for (const room of rooms) await bob.client.ask('room.join', room.entry);
  await rooms[0]!.owner.client.ask('room.close', { roomId: rooms[0]!.id });
  const { data } = await call(house.url, 'GET /api/rooms', { token: bob.token });
  expect(data.rooms).toMatchObject([
    { id: rooms[2]!.id, role: 'collaborator', ownerId: rooms[2]!.owner.id, roomCode: rooms[2]!.roomCode },
    { id: rooms[1]!.id, role: 'viewer' },
  ]);
});

describe('guessing codes', () => {
  test('is slowed down per address, with the time to wait, and then a right code says no more than a wrong one', async () => {
    const limited = await openHouse({ RATE_LIMIT_FACTOR: '0.02' });
    try {
      const room = await limited.room();
      const members = await room.member();
      const guessers = await Promise.all([limited.somebody(), limited.somebody()]);
      const guess = async (index: number, roomCode: string): Promise<Response> =>
        fetch(`${limited.url}/api/rooms/join`, {
          method: 'POST',
          headers: {
            authorization: `Bearer ${guessers[index % 2]!.token}`,
            'content-type': 'application/json',
            'x-forwarded-for': `10.0.0.${index}`,
          },
          body: JSON.stringify({ roomCode }),
        });
      const answers: Response[] = [];
      for (let index = 0; index < 40; index++) answers.push(await guess(index, 'AAAA-AAAA'));
      expect(new Set(answers.slice(0, 1).map(({ status }) => status))).toEqual(new Set([404]));
      expect(new Set(answers.slice(1).map(({ status }) => status))).toEqual(new Set([429]));
      const right = await guess(0, room.roomCode);
      expect(right.status).toBe(429);
      expect(Number(right.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(Number(right.headers.get('retry-after'))).toBeLessThanOrEqual(600);
      expect(await right.json()).toMatchObject({
        error: { code: 'rate_limited', details: { retryAfterMs: expect.any(Number) } },
      });
      // People who are members already come back all the same.
      expect(await members.client.call('room.join', room.entry)).toMatchObject({ ok: true });
    } finally {
      await limited.close();
    }
  });
});

test('the list comes in pages, the last joined first', async () => {
  const ada = await house.somebody();
  const made: string[] = [];
  for (const name of ['one', 'two', 'three']) made.unshift((await ada.client.ask('room.create', { name })).room.id);
  const first = await ada.client.ask('room.list', { limit: 2 });
  const second = await ada.client.ask('room.list', { limit: 2, cursor: first.nextCursor });
  expect([...first.rooms, ...second.rooms].map(({ id }: { id: string }) => id)).toEqual(made);
  expect(second.nextCursor).toBeNull();
});
