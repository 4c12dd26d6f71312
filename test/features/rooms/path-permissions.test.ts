// Rules by path, at every public door: commands, lists, runs, events.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openDoc } from '../../support/bare-client.ts';
import { type House, openHouse, type Visitor } from '../people.ts';
import { codeOf, FIXED, HIDDEN, pathsIn, place, type Right, UNDELETED } from './ruled-room.ts';

let house: House;

beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());

/** Every door to one file, by what it takes. */
const DOORS: readonly [Right, string, (room: string, fileId: string) => [string, object]][] = [
  ['read', 'its text', (_, fileId) => ['file.content', { fileId }]],
  ['read', 'its versions', (_, fileId) => ['file.versions', { fileId }]],
  ['read', 'a version', (_, fileId) => ['version.content', { fileId, versionNumber: 1 }]],
  ['read', 'its test cases', (_, fileId) => ['test.list', { fileId }]],
  ['read', 'its document', (_, fileId) => ['doc.open', { fileId }]],
  ['read', 'a run of it', (roomId, fileId) => ['run.start', { roomId, fileId }]],
  ['read', 'a run of its tests', (_, fileId) => ['run.test', { fileId, cases: [{ name: 'a', expectedOutput: '' }] }]],
  ['write', 'another text', (_, fileId) => ['file.write', { fileId, content: 'x' }]],
  ['write', 'another name', (_, fileId) => ['file.rename', { fileId, path: 'private/renamed.js' }]],
  [
    'write',
    'a test case',
    (_, fileId) => ['test.save', { fileId, name: 'a', stdin: '', args: [], expectedOutput: '' }],
  ],
  ['delete', 'moving it away', (_, fileId) => ['file.rename', { fileId, path: 'moved.js' }]],
  ['delete', 'deleting it', (_, fileId) => ['file.delete', { fileId }]],
];

describe.each([
  ['hidden', HIDDEN, { read: false, write: false, delete: false }],
  ['fixed', FIXED, { read: true, write: false, delete: false }],
  ['not to be deleted', UNDELETED, { read: true, write: true, delete: false }],
] as const)('what is %s', (_, rules, may) => {
  test('is so at every door, for the one it is meant for and for nobody else', async () => {
    const { room, secret, open, give } = await place(house);
    const { id: roomId, owner } = room;
    const [bob, eve] = [await room.member('collaborator'), await room.member('collaborator')];
    await give(rules, bob.id);
    const found: Record<string, string> = {};
    const wanted: Record<string, string> = {};
    for (const [right, what, inputOf] of DOORS) {
      // Renaming takes deleting as well: it is a door of its own below.
      if (what === 'another name') continue;
      const [name, input] = inputOf(roomId, secret);
      const answer = await bob.client.call(name, input);
      // A file that is hidden is not there for a run.
      wanted[what] = may[right] ? 'ok' : what === 'a run of it' ? 'not_found' : 'forbidden';
      found[what] = codeOf(answer);
      if (what === 'its document') await bob.client.call('doc.close', { fileId: secret });
    }
    expect(found).toEqual(wanted);
    const [rename, away] = DOORS.find(([, what]) => what === 'another name')![2](roomId, secret);
    expect(codeOf(await bob.client.call(rename, away))).toBe('forbidden');
    expect(codeOf(await bob.client.call('file.create', { roomId, path: 'private/new.js' }))).toBe(
      may.write ? 'ok' : 'forbidden',
    );
    expect(codeOf(await bob.client.call('file.rename', { fileId: open, path: 'private/in.js' }))).toBe(
      may.write ? 'ok' : 'forbidden',
    );
    const listed = pathsIn(await bob.client.ask('file.list', { roomId })).includes('private/secret.js');
    expect(listed).toBe(may.read);
    const again = [await bob.client.ask('room.get', { roomId }), await bob.client.ask('room.join', room.entry)];
    for (const answer of again) expect(pathsIn(answer).includes('private/secret.js')).toBe(may.read);
    expect(pathsIn(await eve.client.ask('file.list', { roomId }))).toContain('private/secret.js');
    expect(codeOf(await owner.client.call('file.delete', { fileId: secret }))).toBe('ok');
  });
});

test('what is in the way of a new file is not named to those who may not read it', async () => {
  const { room, open, give } = await place(house);
  const bob = await room.member('collaborator');
  await give([{ path: '/private/*', deny: ['read'] }], bob.id);
  const { id: roomId } = room;
  const answers = [
    await bob.client.call('file.create', { roomId, path: 'private' }),
    await bob.client.call('file.rename', { fileId: open, path: 'private' }),
  ];
  for (const answer of answers) {
    expect(codeOf(answer)).toBe('conflict');
    expect(JSON.stringify(answer)).not.toContain('secret');
  }
});

test('a rule gives what the role does not', async () => {
  const { room, open, secret, give } = await place(house, { visibility: 'public' });
  const bob = await room.member();
  await give([{ path: '/sandbox/**', allow: ['write', 'delete'] }], bob.id);
  const { id: roomId } = room;
  const { file } = await bob.client.ask('file.create', { roomId, path: 'sandbox/mine.js', content: 'a' });
  const { doc, text, saved } = await openDoc(bob.client, file.id);
  text.insert(0, 'b');
  expect(await Promise.all(saved)).toMatchObject([{ ok: true }]);
  doc.destroy();
  expect(codeOf(await bob.client.call('file.create', { roomId, path: 'elsewhere.js' }))).toBe('forbidden');
  for (const fileId of [open, secret])
    expect(codeOf(await bob.client.call('file.write', { fileId, content: '' }))).toBe('forbidden');
  expect(codeOf(await bob.client.call('file.delete', { fileId: file.id }))).toBe('ok');
});

test('nobody hears of files, or of runs of files, that they may not read', async () => {
  const { room, secret, open, give } = await place(house);
  const { owner, id: roomId } = room;
  const [bob, eve] = [await room.member('collaborator'), await room.member('collaborator')];
  await give(HIDDEN, bob.id);
  const tell = async (): Promise<void> => {
    const { file } = await owner.client.ask('file.create', { roomId, path: `private/${crypto.randomUUID()}.js` });
    await owner.client.ask('file.rename', { fileId: file.id, path: `private/${crypto.randomUUID()}.js` });
    await owner.client.ask('file.delete', { fileId: file.id });
  };
  await tell();
  // What a program reads and prints is told by its tests.
  for (const fileId of [secret, open]) {
    const given = { fileId, name: 'a', stdin: fileId === secret ? 'private/' : '', args: [], expectedOutput: '' };
    const { case: made } = await owner.client.ask('test.save', given);
    await owner.client.ask('test.remove', { fileId, caseId: made.id });
  }
  const code = 'import { text } from "./private/secret.js"; console.log(text);';
  const runs: string[] = [];
  // One after the other: only so many of a person wait.
  for (const input of [{ fileId: secret }, { code, language: 'javascript' }, { fileId: open }]) {
    const { execution: begun } = await owner.client.ask('run.start', { roomId, ...input });
    await eve.client.event('run.finished', ({ execution }) => execution.id === begun.id);
    runs.push(begun.id);
  }
  await bob.client.event('run.finished', ({ execution }) => execution.id === runs[2]);
  await bob.client.ask('me.get');
  const heard = JSON.stringify(bob.client.events);
  expect([heard.includes('private/'), heard.includes(runs[0]!), heard.includes(runs[1]!)]).toEqual([
    false,
    false,
    false,
  ]);
  const listed = async ({ client }: Visitor): Promise<string[]> =>
    (await client.ask('run.list', { roomId })).executions.map(({ id }: { id: string }) => id).sort();
  expect(await listed(bob)).toEqual([runs[2]]);
  expect(await listed(eve)).toEqual([...runs].sort());
  for (const executionId of runs.slice(0, 2)) {
    for (const name of ['run.get', 'run.repeat'])
      expect(codeOf(await bob.client.call(name, { executionId }))).toBe('forbidden');
  }
  // What one starts oneself does not read it either.
  const own = await bob.client.ask('run.start', { roomId, code, language: 'javascript' });
  const { execution } = await bob.client.event('run.finished', (event) => event.execution.id === own.execution.id);
  expect(execution.status).toBe('failed');
  expect(JSON.stringify(execution)).not.toContain('export const');
  // And back: from the next event on.
  await owner.client.ask('permission.remove', { roomId, userId: bob.id });
  await tell();
  await bob.client.event('file.deleted');
});

test('rules for everybody hold for who comes later too, under those of a person; the owner is held back by none', async () => {
  const { room, secret, give } = await place(house);
  const { id: roomId, owner } = room;
  const bob = await room.member('collaborator');
  await give(HIDDEN);
  await give([{ path: '/private/secret.js', allow: ['read'] }], bob.id);
  const eve = await room.member();
  expect(pathsIn(await eve.client.ask('file.list', { roomId }))).toEqual(['open.js']);
  expect(pathsIn(await bob.client.ask('file.list', { roomId }))).toEqual(['open.js', 'private/secret.js']);
  expect(pathsIn(await owner.client.ask('file.list', { roomId }))).toEqual(['open.js', 'private/secret.js']);
  expect(codeOf(await eve.client.call('doc.open', { fileId: secret }))).toBe('forbidden');
  const { permissions } = await owner.client.ask('permission.list', { roomId });
  expect(permissions).toMatchObject([
    { userId: null, displayName: null, rules: [{ path: '/private/**', allow: [], deny: ['read'] }] },
    { userId: bob.id, displayName: bob.displayName },
  ]);
  const own = { roomId, userId: owner.id, rules: HIDDEN };
  expect(codeOf(await owner.client.call('permission.set', own))).toBe('conflict');
  // Rules outlive being taken out and coming back.
  await owner.client.ask('participant.remove', { roomId, userId: bob.id });
  expect(pathsIn(await bob.client.ask('room.join', room.entry))).toEqual(['open.js', 'private/secret.js']);
  // Who gets the room is held back no more, who had it is.
  await owner.client.ask('room.handOver', { roomId, userId: eve.id });
  expect(pathsIn(await eve.client.ask('file.list', { roomId }))).toEqual(['open.js', 'private/secret.js']);
  expect(pathsIn(await owner.client.ask('file.list', { roomId }))).toEqual(['open.js']);
});
