// Rights that change while somebody types: what is sent after the change was answered counts on no connection of theirs,
// and where one edit was refused none after it is taken.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { WebSocket } from 'ws';
import * as Y from 'yjs';
import { openDoc } from '../../support/bare-client.ts';
import { until } from '../../support/until.ts';
import { type House, type OwnedRoom, openHouse, type Visitor } from '../people.ts';

let house: House;

beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());

/** Edits that are under way when the right changes, and sent after it did. */
const BEFORE = 40;
const AFTER = 20;

const aMoment = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A stock provider that types: every update in a message of its own. */
async function stockTyper(room: OwnedRoom, { token }: Visitor) {
  const socket = new WebSocket(`${house.url.replace('http', 'ws')}/yjs/${room.roomCode}/a.js?token=${token}`);
  let closed = false;
  socket.on('close', () => {
    closed = true;
  });
  await new Promise((resolve) => socket.once('message', resolve));
  const doc = new Y.Doc();
  // sync (0), update (2), length, bytes; an update of one letter is shorter than 128 bytes.
  doc.on('update', (update: Uint8Array) => socket.send(Uint8Array.of(0, 2, update.length, ...update)));
  return { type: () => doc.getText('content').insert(0, 's'), isClosed: () => closed };
}

interface Change {
  readonly command: string;
  readonly input: object;
  /** What an edit is answered from then on. */
  readonly code: string;
  /** Whether the stock provider stays, and reads. */
  readonly keepsStock: boolean;
}

const CHANGES: readonly [what: string, Change][] = [
  ['being taken out', { command: 'participant.remove', input: {}, code: 'not_joined', keepsStock: false }],
  ['a ban', { command: 'participant.ban', input: {}, code: 'not_joined', keepsStock: false }],
  ['another role', { command: 'participant.setRole', input: { role: 'viewer' }, code: 'read_only', keepsStock: true }],
  [
    'a rule against writing',
    {
      command: 'permission.set',
      input: { rules: [{ path: '/*', deny: ['write'] }] },
      code: 'read_only',
      keepsStock: true,
    },
  ],
  [
    'a rule against reading',
    {
      command: 'permission.set',
      input: { rules: [{ path: '/**', deny: ['read'] }] },
      code: 'not_joined',
      keepsStock: false,
    },
  ],
  [
    'a rule for everybody',
    {
      command: 'permission.set',
      input: { userId: null, rules: [{ path: '/a.js', deny: ['write'] }] },
      code: 'read_only',
      keepsStock: true,
    },
  ],
  ['closing the room', { command: 'room.close', input: { userId: undefined }, code: 'not_joined', keepsStock: false }],
];

test.each(CHANGES)('%s holds for the very next frame', async (_, { command, input, code, keepsStock }) => {
  const room = await house.room();
  const { owner, id: roomId } = room;
  const { file } = await owner.client.ask('file.create', { roomId, path: 'a.js' });
  const bob = await room.member('collaborator');
  const { text, saved, doc } = await openDoc(bob.client, file.id);
  const stock = await stockTyper(room, bob);
  const type = async (edits: number): Promise<void> => {
    for (let edit = 0; edit < edits; edit++) {
      text.insert(text.length, 'b');
      stock.type();
      await aMoment();
    }
  };
  await type(BEFORE / 2);
  const changing = owner.client.ask(command, { roomId, userId: bob.id, ...input });
  await type(BEFORE / 2);
  await changing;
  const sentBefore = saved.length;
  if (command === 'room.close') await owner.client.ask('room.reopen', { roomId });
  const read = async (): Promise<string> => (await owner.client.ask('file.content', { fileId: file.id })).content;
  const then = await read();
  await type(AFTER);
  const answers = await Promise.all(saved);
  if (!keepsStock) await until(() => stock.isClosed());

  const codes = answers.map((answer) => (answer.ok ? 'ok' : answer.error.code));
  const taken = codes.filter((each) => each === 'ok').length;
  expect(taken).toBeGreaterThan(0);
  expect(codes).toEqual([...Array(taken).fill('ok'), ...Array(codes.length - taken).fill(code)]);
  expect(taken).toBeLessThanOrEqual(sentBefore);
  // Read over another connection than the one that typed: a socket of the stock provider says nothing back.
  await until(async () => (await bob.client.call('me.get')).ok);
  const now = await read();
  expect(now).toBe(then);
  expect(now.match(/b/g)?.length).toBe(taken);
  expect(now).toContain('s');
  doc.destroy();
});
