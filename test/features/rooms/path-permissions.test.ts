// Rules by path, at every public door: commands, documents that are open, runs, events, stock providers.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { WebSocket } from 'ws';
import { connect } from '../../../src/client/index.ts';
import { type BareClient, openDoc } from '../../support/bare-client.ts';
import { until } from '../../support/until.ts';
import { type House, type OwnedRoom, openHouse, type Visitor } from '../people.ts';

let house: House;

beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());

type Right = 'read' | 'write' | 'delete';
interface Rule {
  readonly path: string;
  readonly allow?: readonly Right[];
  readonly deny?: readonly Right[];
}

interface Place {
  readonly room: OwnedRoom;
  readonly open: string;
  readonly secret: string;
  /** Without `userId` for everybody. */
  readonly give: (rules: readonly Rule[], userId?: string) => Promise<void>;
}

/** A room with /open.js and /private/secret.js. */
async function place(options: { visibility?: string } = {}): Promise<Place> {
  const room = await house.room(options);
  const { owner, id: roomId } = room;
  const make = async (path: string): Promise<string> =>
    (await owner.client.ask('file.create', { roomId, path, content: `export const text = "${path}";` })).file.id;
  return {
    room,
    open: await make('open.js'),
    secret: await make('private/secret.js'),
    give: async (rules, userId) => {
      await owner.client.ask('permission.set', { roomId, rules, ...(userId && { userId }) });
    },
  };
}

const HIDDEN: Rule[] = [{ path: '/private/**', deny: ['read'] }];
const FIXED: Rule[] = [{ path: '/private/**', deny: ['write', 'delete'] }];
const UNDELETED: Rule[] = [{ path: '/private/**', deny: ['delete'] }];

const pathsIn = ({ files }: { files: { path: string }[] }): string[] => files.map(({ path }) => path);
const codeOf = (answer: { ok: boolean; error?: { code: string } }): string => (answer.ok ? 'ok' : answer.error!.code);

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
    const { room, secret, open, give } = await place();
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

test('a rule gives what the role does not', async () => {
  const { room, open, secret, give } = await place({ visibility: 'public' });
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

describe('while a document is open', () => {
  test('a rule makes it read-only in place, closes it, and gives it back', async () => {
    const { room, secret, open, give } = await place();
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
    const { room, open, secret, give } = await place();
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
    const { room, give } = await place();
    const bob = await room.member('collaborator');
    const stock = async (path: string) => {
      const socket = new WebSocket(
        `${house.url.replace('http', 'ws')}/yjs/${room.roomCode}/${path}?token=${bob.token}`,
      );
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
});

test('nobody hears of files, or of runs of files, that they may not read', async () => {
  const { room, secret, open, give } = await place();
  const { owner, id: roomId } = room;
  const [bob, eve] = [await room.member('collaborator'), await room.member('collaborator')];
  await give(HIDDEN, bob.id);
  const tell = async (): Promise<void> => {
    const { file } = await owner.client.ask('file.create', { roomId, path: `private/${crypto.randomUUID()}.js` });
    await owner.client.ask('file.rename', { fileId: file.id, path: `private/${crypto.randomUUID()}.js` });
    await owner.client.ask('file.delete', { fileId: file.id });
  };
  await tell();
  const code = 'import { text } from "./private/secret.js"; console.log(text);';
  const runs = [
    await owner.client.ask('run.start', { roomId, fileId: secret }),
    await owner.client.ask('run.start', { roomId, code, language: 'javascript' }),
    await owner.client.ask('run.start', { roomId, fileId: open }),
  ].map(({ execution }) => execution.id as string);
  for (const id of runs) await eve.client.event('run.finished', ({ execution }) => execution.id === id);
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
  const { room, secret, give } = await place();
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

test('the SDK shows the files that are there for one now', async () => {
  const { room, secret, give } = await place();
  const bob = await house.somebody('Bob');
  const client = connect({ url: house.url, token: bob.token });
  const joined = await client.join(room.roomCode);
  const document = client.openDocument(secret);
  await document.ready();
  expect(joined.files.has(secret)).toBe(true);
  await give(HIDDEN, bob.id);
  await until(() => !joined.files.has(secret));
  await until(() => document.status.phase === 'refused');
  await room.owner.client.ask('permission.remove', { roomId: room.id, userId: bob.id });
  await until(() => joined.files.has(secret));
  await client.close();
});
