// How input is read: unknown fields are dropped, ids are the same in any case, what is addressed cannot be changed by
// what is sent.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { z } from 'zod';
import { call } from '../support/api.ts';
import { openDoc } from '../support/bare-client.ts';
import { COMMAND_NAMES, declarationOf, openStage, overHttp, type Stage, validInput } from './stage.ts';

let stage: Stage;
let token: string;

beforeAll(async () => {
  stage = await openStage();
  ({ token } = stage.people.owner);
});
afterAll(() => stage.close());

async function raw(route: string, body: string | Uint8Array, type = 'application/json'): Promise<any> {
  const [method, path] = route.split(' ') as [string, string];
  const headers = { authorization: `Bearer ${token}`, 'content-type': type };
  const response = await fetch(stage.url + path, { method, headers, body: body as string });
  return { status: response.status, ...((await response.json()) as object) };
}

describe('unknown fields are dropped', () => {
  const FIELDS = { admin: true, role: 'owner', ownerId: crypto.randomUUID(), user: { id: 1 }, constructor: 'x' };
  test.each(COMMAND_NAMES)('by %s', async (name) => {
    const { shape } = (declarationOf(name) as unknown as { input: z.ZodObject }).input;
    const unknown = Object.fromEntries(Object.entries(FIELDS).filter(([field]) => !Object.hasOwn(shape, field)));
    const valid = await validInput(stage, name, 'owner');
    const socket = await stage.socketOf('owner');
    expect(await socket.call(name, { ...unknown, ...valid })).toMatchObject({ ok: true });
    const again = await validInput(stage, name, 'owner');
    const input = { ...unknown, ...again };
    // Refused in JSON, under whatever name it could reach a prototype.
    delete (input as Partial<typeof FIELDS>).constructor;
    expect(await overHttp(stage, name, { input, token })).toMatchObject({ status: 200 });
  });
});

describe('HTTP', () => {
  test('the room of the address wins over one in the body or the query', async () => {
    const other = crypto.randomUUID();
    const { id } = stage.room;
    const route = `POST /api/rooms/${id}/files?roomId=${other}`;
    const { data } = await call(stage.url, route, { token, body: { roomId: other, path: 'addressed.js' } });
    expect(data.file.roomId).toBe(id);
  });

  test.each([
    ['names of a prototype', '{"__proto__":{"admin":true},"name":"x"}'],
    ['a constructor with a prototype', '{"constructor":{"prototype":{"admin":true}},"name":"x"}'],
    ['half of an object', '{"name":"x"'],
    ['nothing', ''],
    ['bytes', '\u0001\u0002'],
    ['NaN', '{"name":NaN}'],
    ['a very deep array', `${'['.repeat(300_000)}${']'.repeat(300_000)}`],
    ['a very deep object', `${'{"a":'.repeat(200_000)}1${'}'.repeat(200_000)}`],
  ])('a body with %s is refused with a code', async (_what, body) => {
    expect(await raw('POST /api/rooms', body)).toMatchObject({ status: 400, error: { code: 'invalid_input' } });
    expect(({} as any).admin).toBeUndefined();
  });

  test('a body that is not JSON, or too large, is refused with a code', async () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data', 'application/xml']) {
      expect(await raw('POST /api/rooms', 'name=x', type)).toMatchObject({ error: { code: 'invalid_input' } });
    }
    const large = JSON.stringify({ name: 'x'.repeat(6 * 1024 * 1024) });
    expect(await raw('POST /api/rooms', large)).toMatchObject({ status: 413, error: { code: 'too_large' } });
  });
});

describe('ids in capital letters mean the same', () => {
  test('a document opened by either is one document', async () => {
    const { id } = await stage.file('text');
    const [owner, collaborator] = [await stage.socketOf('owner'), await stage.socketOf('collaborator')];
    const one = await openDoc(owner, id);
    const opened = await collaborator.ask('doc.open', { fileId: id.toUpperCase() });
    expect(opened.lineage).toBe(one.opened.lineage);
    one.text.insert(0, 'more ');
    const { update } = await collaborator.event('doc.update', ({ fileId }) => fileId === id);
    expect(Buffer.from(update).toString()).toContain('more ');
    expect(await collaborator.ask('doc.close', { fileId: id.toUpperCase() })).toEqual({});
    const { canWrite } = await collaborator.ask('doc.open', { fileId: id });
    expect(canWrite).toBe(true);
  });

  test('a role changed by either reaches documents and the room', async () => {
    const { id } = await stage.file();
    const [owner, viewer] = [await stage.socketOf('owner'), await stage.socketOf('viewer')];
    await viewer.ask('room.join', { roomCode: stage.room.roomCode });
    await openDoc(viewer, id);
    const { room, people } = stage;
    const input = { roomId: room.id.toUpperCase(), userId: people.viewer.id.toUpperCase(), role: 'collaborator' };
    await owner.ask('participant.setRole', input);
    await viewer.event('doc.access', ({ fileId, canWrite }) => fileId === id && canWrite);
    await viewer.event('participant.changed', ({ roomId }) => roomId === room.id);
    await owner.ask('participant.setRole', { ...input, role: 'viewer' });
  });
});
