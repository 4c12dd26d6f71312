// Files by name: created, renamed, deleted; what a path may be; what happens at the same time.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { FILE_CONTENT_LENGTH, FILES_PER_ROOM } from '../../src/protocol/files.ts';
import { PATH_LENGTH } from '../../src/protocol/ids.ts';
import { openDoc } from '../support/bare-client.ts';
import type { TestDatabase } from '../support/db.ts';
import { until } from '../support/until.ts';
import { type House, namesOf, type OwnedRoom, openHouse, type Visitor } from './people.ts';

let house: House;
let db: TestDatabase;
let room: OwnedRoom;
let owner: Visitor;
let bob: Visitor;

beforeAll(async () => {
  house = await openHouse();
  db = house.db;
  room = await house.room();
  ({ owner } = room);
  bob = await room.member();
});
afterAll(() => house.close());

const create = (input: object): Promise<any> => owner.client.call('file.create', { roomId: room.id, ...input });
const isFile =
  (id: string) =>
  (payload: any): boolean =>
    (payload.file?.id ?? payload.fileId) === id;

test('everybody hears of a file that is created, renamed and deleted', async () => {
  const { file } = await owner.client.ask('file.create', { roomId: room.id, path: 'src/a.js', content: 'let a' });
  expect(file).toMatchObject({ path: 'src/a.js', roomId: room.id, language: 'javascript', sizeBytes: 5 });
  expect(await bob.client.event('file.created', isFile(file.id))).toEqual({ roomId: room.id, file });
  const renamed = await owner.client.ask('file.rename', { fileId: file.id, path: 'lib/b.ts' });
  expect(renamed.file).toMatchObject({ id: file.id, path: 'lib/b.ts', language: 'typescript' });
  expect(await bob.client.event('file.renamed', isFile(file.id))).toEqual({
    roomId: room.id,
    file: renamed.file,
    previousPath: 'src/a.js',
  });
  const { doc } = await openDoc(bob.client, file.id);
  expect(doc.getText('content').toString()).toBe('let a');
  expect(await owner.client.ask('file.delete', { fileId: file.id })).toEqual({});
  const gone = { roomId: room.id, fileId: file.id, path: 'lib/b.ts' };
  expect(await bob.client.event('file.deleted', isFile(file.id))).toEqual(gone);
  expect(await bob.client.event('doc.closed')).toEqual({ fileId: file.id, reason: 'deleted' });
  for (const name of ['file.content', 'file.delete', 'file.versions', 'doc.open']) {
    expect(await owner.client.call(name, { fileId: file.id })).toMatchObject({ error: { code: 'not_found' } });
  }
  expect((await db.query('select content from file_versions where file_id = $1', [file.id])).rows).toEqual([
    { content: 'let a' },
  ]);
  expect(await create({ path: 'lib/b.ts' })).toMatchObject({ ok: true });
});

describe('a path that is taken', () => {
  beforeAll(() => create({ path: 'taken/deep/file.js' }));

  test.each([
    'taken/deep/file.js',
    'taken',
    'taken/deep',
    'taken/deep/file.js/more.js',
    'taken/deep/file.js/even/more.js',
  ])('is refused: %s', async (path) => {
    expect(await create({ path })).toMatchObject({
      error: { code: 'conflict', details: { path: 'taken/deep/file.js' } },
    });
    const other = await owner.client.ask('file.create', { roomId: room.id, path: `${crypto.randomUUID()}.js` });
    const rename = await owner.client.call('file.rename', { fileId: other.file.id, path });
    expect(rename).toMatchObject({ error: { code: 'conflict' } });
  });

  test.each(['taken.js', 'take', 'taken/deep2', 'Taken', 'taken/deep/file.jsx'])(
    'is not this one: %s',
    async (path) => {
      expect(await create({ path })).toMatchObject({ ok: true });
    },
  );

  test('is one’s own: renaming a file to the name it has is fine', async () => {
    const { file } = await owner.client.ask('file.create', { roomId: room.id, path: 'same.js' });
    expect(await owner.client.call('file.rename', { fileId: file.id, path: 'same.js' })).toMatchObject({ ok: true });
  });
});

describe('at the same time', () => {
  test.each([
    ['the same path', () => 'race/one.js'],
    ['a file and the folder of that name', (index: number) => (index % 2 ? 'race/two' : 'race/two/file.js')],
  ])('%s: exactly one wins', async (_what, pathOf) => {
    const answers = await Promise.all(Array.from({ length: 10 }, (_, index) => create({ path: pathOf(index) })));
    const paths = new Set(answers.filter(({ ok }) => ok).map(({ data }) => data.file.path));
    expect(paths.size).toBe(1);
    expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
    for (const { ok, error } of answers) if (!ok) expect(error.code).toBe('conflict');
  });

  test('renaming two files to one name: exactly one wins', async () => {
    const files = await Promise.all(['x', 'y', 'z'].map((name) => create({ path: `race/${name}.js` })));
    const answers = await Promise.all(
      files.map(({ data }) => owner.client.call('file.rename', { fileId: data.file.id, path: 'race/winner.js' })),
    );
    expect(answers.map(({ ok, error }) => (ok ? 'ok' : error.code)).sort()).toEqual(['conflict', 'conflict', 'ok']);
  });

  test('deleting a file twice: it is deleted once', async () => {
    const { data } = await create({ path: 'race/deleted.js' });
    const fileId = data.file.id;
    const calls = [owner, bob, owner, bob].map(({ client }) => client.call('file.delete', { fileId }));
    const codes = (await Promise.all(calls)).map(({ ok, error }) => (ok ? 'ok' : error.code)).sort();
    expect(codes).toEqual(['not_found', 'not_found', 'not_found', 'ok']);
    const { file } = (await create({ path: 'race/after.js' })).data;
    await bob.client.event('file.created', isFile(file.id));
    expect(
      bob.client.events.filter(({ name, payload }) => name === 'file.deleted' && isFile(fileId)(payload)),
    ).toHaveLength(1);
  });
});

test('[DOC9] an edit of a file that goes meanwhile is not told as saved', async () => {
  const { file } = await owner.client.ask('file.create', { roomId: room.id, path: 'race/gone.js', content: 'here' });
  const { text, saved } = await openDoc(bob.client, file.id);
  text.insert(0, 'first, ');
  expect(await saved[0]).toMatchObject({ ok: true });
  const held = new pg.Client({ connectionString: db.url });
  await held.connect();
  await held.query('begin');
  await held.query('delete from files where id = $1', [file.id]);
  // It waits for the row that its own refers to.
  text.insert(0, 'second, ');
  const waiting = `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
  await until(async () => (await db.query(waiting)).rowCount, { what: 'the edit to wait' });
  await held.query('commit');
  await held.end();
  expect(await saved[1]).toMatchObject({ ok: false, error: { code: 'not_found' } });
  const closed = await bob.client.event('doc.closed', isFile(file.id));
  expect(closed).toEqual({ fileId: file.id, reason: 'failed' });
  expect(await bob.client.call('doc.open', { fileId: file.id })).toMatchObject({ error: { code: 'not_found' } });
});

describe('an id that the caller gives', () => {
  test('makes a retry harmless, also while the first try is under way', async () => {
    const fileId = crypto.randomUUID();
    const before = namesOf(owner.client, 'file.created').length;
    const input = { fileId, path: 'retried.js', content: 'once' };
    const answers = [...(await Promise.all(Array.from({ length: 5 }, () => create(input)))), await create(input)];
    for (const answer of answers) expect(answer).toMatchObject({ ok: true, data: { file: { id: fileId } } });
    expect(new Set(answers.map(({ data }) => data.file.createdAt)).size).toBe(1);
    expect(namesOf(owner.client, 'file.created')).toHaveLength(before + 1);
    expect(await owner.client.ask('file.versions', { fileId })).toMatchObject({ versions: [{ versionNumber: 1 }] });
  });

  test('belongs to one file for good', async () => {
    const fileId = crypto.randomUUID();
    await create({ fileId, path: 'first.js' });
    const other = await house.room();
    const elsewhere = { fileId, roomId: other.id, path: 'first.js' };
    expect(await other.owner.client.call('file.create', elsewhere)).toMatchObject({ error: { code: 'conflict' } });
    expect(await create({ fileId, path: 'second.js' })).toMatchObject({ error: { code: 'conflict' } });
    await owner.client.ask('file.delete', { fileId });
    expect(await create({ fileId, path: 'first.js' })).toMatchObject({ error: { code: 'conflict' } });
  });

  test('given in two rooms at the same time, makes one file', async () => {
    const other = await house.room();
    for (let round = 0; round < 5; round++) {
      const fileId = crypto.randomUUID();
      const elsewhere = { fileId, roomId: other.id, path: `${round}.js` };
      const answers = await Promise.all([
        create({ fileId, path: `${round}.js` }),
        other.owner.client.call('file.create', elsewhere),
      ]);
      expect(answers.map(({ ok, error }) => (ok ? 'ok' : error.code)).sort()).toEqual(['conflict', 'ok']);
    }
  });
});

describe('a path', () => {
  test.each([
    '',
    ' ',
    '/absolute.js',
    'folder/',
    'a//b.js',
    '.',
    '..',
    '../up.js',
    'a/../b.js',
    // Shown as exe.js, and as a.js.
    '\u202esj.exe',
    'a\u200b.js',
    `${'a/'.repeat(32)}b.js`,
    'a/./b.js',
    'a\\b.js',
    'C:\\windows',
    'a\0b.js',
    'a\nb.js',
    'a\u007fb.js',
    'a\u0085b.js',
    'a\ud800b.js',
    ' leading.js',
    'trailing.js ',
    'e\u0301.js',
  ])('is refused: %j', async (path) => {
    expect(await create({ path })).toMatchObject({ error: { code: 'invalid_input' } });
  });

  test.each([
    'Makefile',
    '.env',
    '...',
    'a..b/c.d',
    'a b/c d.js',
    'é.js',
    '文件/代码.ts',
    '👩‍🚀.js',
    '__proto__',
    'constructor/prototype.js',
    '%2e%2e%2f',
    "quote'.js",
  ])('is taken as it is: %j', async (path) => {
    const { file } = await owner.client.ask('file.create', { roomId: room.id, path });
    expect(file.path).toBe(path);
    const { files } = await owner.client.ask('file.list', { roomId: room.id });
    expect(files.find(({ id }: { id: string }) => id === file.id)).toEqual(file);
  });
});

describe('limits', () => {
  test.each(['x', 'é', '語'])('the longest path is taken, one more is not: %s', async (letter) => {
    const path = letter.repeat(PATH_LENGTH);
    expect(await create({ path })).toMatchObject({ data: { file: { path } } });
    expect(await create({ path: `${path}x` })).toMatchObject({ error: { code: 'invalid_input' } });
  });

  test('the largest content is taken, one more is not', async () => {
    const content = 'ü'.repeat(FILE_CONTENT_LENGTH);
    const { file } = await owner.client.ask('file.create', { roomId: room.id, path: 'largest.txt', content });
    expect(file.sizeBytes).toBe(2 * FILE_CONTENT_LENGTH);
    expect((await owner.client.ask('file.content', { fileId: file.id })).content).toBe(content);
    const larger = `${content}x`;
    expect(await create({ path: 'larger.txt', content: larger })).toMatchObject({ error: { code: 'invalid_input' } });
    const write = await owner.client.call('file.write', { fileId: file.id, content: larger });
    expect(write).toMatchObject({ error: { code: 'invalid_input' } });
  });

  test('a room holds so many files and no more, also when two come at once', async () => {
    const full = await house.room();
    await db.query(`insert into files (session_id, path) select $1, 'file-' || n from generate_series(1, $2::int) n`, [
      full.id,
      FILES_PER_ROOM - 1,
    ]);
    const { client } = full.owner;
    const last = ['one.js', 'two.js'].map((path) => client.call('file.create', { roomId: full.id, path }));
    const codes = (await Promise.all(last)).map(({ ok, error }) => (ok ? 'ok' : error.code)).sort();
    expect(codes).toEqual(['limit_exceeded', 'ok']);
    const { files } = await client.ask('file.list', { roomId: full.id });
    expect(files).toHaveLength(FILES_PER_ROOM);
    await client.ask('file.rename', { fileId: files[0].id, path: 'renamed.js' });
    await client.ask('file.delete', { fileId: files[1].id });
    await client.ask('file.create', { roomId: full.id, path: 'again.js' });
  });
});
