// The text of files: what survives, writing beside others who type, and versions.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import * as Y from 'yjs';
import { openDoc } from '../support/bare-client.ts';
import type { TestDatabase } from '../support/db.ts';
import { until } from '../support/until.ts';
import { type House, type OwnedRoom, openHouse, type Visitor } from './people.ts';

let house: House;
let db: TestDatabase;
let room: OwnedRoom;
let owner: Visitor;
let bob: Visitor;
let files = 0;

beforeAll(async () => {
  house = await openHouse();
  db = house.db;
  room = await house.room();
  ({ owner } = room);
  bob = await room.member();
});
afterAll(() => house.close());

async function create(content = ''): Promise<string> {
  const { file } = await owner.client.ask('file.create', { roomId: room.id, path: `text-${files++}.txt`, content });
  return file.id;
}
const contentOf = async (fileId: string): Promise<string> =>
  (await owner.client.ask('file.content', { fileId })).content;
const versionsOf = async (fileId: string): Promise<any[]> =>
  (await owner.client.ask('file.versions', { fileId })).versions;

const TEXTS = [
  ['CRLF becomes LF', 'a\r\nb\r\n', 'a\nb\n'],
  ['CR becomes LF', 'a\rb\r\n\rc', 'a\nb\n\nc'],
  ['U+0000', 'a\0b', 'a\0b'],
  ['half of a surrogate pair is replaced', 'a\ud83db\ude00', 'a\ufffdb\ufffd'],
  ['emoji', '👩‍🚀👨‍👩‍👧🏴', '👩‍🚀👨‍👩‍👧🏴'],
  ['both forms of é', 'é e\u0301', 'é e\u0301'],
  ['a byte order mark', '\ufeffa', '\ufeffa'],
  ['separators and controls', '\u2028\u2029\u0085\x1b[31m\x7f', '\u2028\u2029\u0085\x1b[31m\x7f'],
  ['right to left', 'a\u202eb\u202c', 'a\u202eb\u202c'],
] as const;

describe('what is in a text', () => {
  test.each(TEXTS)('%s: as created, as written, at others, in the database', async (_what, given, kept) => {
    const [created, written] = [await create(given), await create('before')];
    const peer = await openDoc(bob.client, written);
    expect(await owner.client.ask('file.write', { fileId: written, content: given })).toEqual({ changed: true });
    expect(await owner.client.ask('file.write', { fileId: written, content: given })).toEqual({ changed: false });
    expect(await contentOf(created)).toBe(kept);
    expect(await contentOf(written)).toBe(kept);
    await until(() => peer.text.toString() === kept);
    const stored = kept.replaceAll('\0', '\ufffd');
    expect((await owner.client.ask('version.content', { fileId: created, versionNumber: 1 })).content).toBe(stored);
    await bob.client.ask('doc.close', { fileId: written });
    const { rows } = await db.query('select state from document_states where file_id = $1', [created]);
    const doc = new Y.Doc();
    Y.applyUpdate(doc, rows[0].state);
    expect(doc.getText('content').toString()).toBe(kept);
  });
});

describe('file.write', () => {
  test('changes only what differs: what others type meanwhile and their cursors stay', async () => {
    const fileId = await create('head\nmiddle\ntail\n');
    const peer = await openDoc(bob.client, fileId);
    const cursor = Y.createRelativePositionFromTypeIndex(peer.text, 'head\nmid'.length);
    // Typed before the write was heard of, and sent after it.
    const typing = new Y.Doc();
    Y.applyUpdate(typing, Y.encodeStateAsUpdate(peer.doc));
    typing.getText('content').insert(0, 'typed ');
    typing.getText('content').insert('typed head\nmiddle\ntail\n'.length, 'typed at the end\n');
    await owner.client.ask('file.write', { fileId, content: 'head\nmiddle\nnew tail\n' });
    Y.applyUpdate(peer.doc, Y.encodeStateAsUpdate(typing));
    await Promise.all(peer.saved);
    const merged = 'typed head\nmiddle\nnew tail\ntyped at the end\n';
    await until(() => peer.text.toString() === merged);
    expect(await contentOf(fileId)).toBe(merged);
    const { index } = Y.createAbsolutePositionFromRelativePosition(cursor, peer.doc) as { index: number };
    expect(merged.slice(0, index)).toBe('typed head\nmid');
  });

  test.each([
    ['a\u{1F600}b', 'a\u{1F601}b'],
    ['\u{1F600}', '\u{1F600}\u{1F600}'],
    ['\u{1F468}\u{1F469}', '\u{1F469}'],
    ['x\u{10000}', 'x\u{10400}'],
    ['aaaa', 'aa'],
    ['abcabc', 'abc'],
    ['abc', ''],
    ['', 'abc'],
  ])('makes %j exactly %j, for others as well', async (before, after) => {
    const fileId = await create(before);
    const peer = await openDoc(bob.client, fileId);
    await owner.client.ask('file.write', { fileId, content: after });
    await until(() => peer.text.toString() === after);
    expect(await contentOf(fileId)).toBe(after);
    await bob.client.ask('doc.close', { fileId });
  });

  test('several at the same time leave one of the texts, the same for all', async () => {
    const fileId = await create('start');
    const texts = ['aaaa', 'bbbb', 'cccc', 'dddd'];
    await Promise.all(texts.map((content) => owner.client.ask('file.write', { fileId, content })));
    expect(texts).toContain(await contentOf(fileId));
  });
});

describe('versions', () => {
  test('appear by themselves when the last one leaves, with author and text, and the file has their size', async () => {
    const fileId = await create('first');
    const peer = await openDoc(bob.client, fileId);
    peer.text.insert(5, ' and sécond');
    await Promise.all(peer.saved);
    expect(await versionsOf(fileId)).toHaveLength(1);
    await bob.client.ask('doc.close', { fileId });
    const versions = await until(async () => {
      const found = await versionsOf(fileId);
      return found.length === 2 && found;
    });
    expect(versions).toMatchObject([
      { versionNumber: 2, kind: 'auto', authorId: bob.id, sizeBytes: 17 },
      { versionNumber: 1, kind: 'import', authorId: owner.id, sizeBytes: 5 },
    ]);
    const read = (versionNumber: number): Promise<any> =>
      owner.client.call('version.content', { fileId, versionNumber });
    expect((await read(2)).data).toEqual({ version: (versions as any[])[0], content: 'first and sécond' });
    expect((await read(1)).data.content).toBe('first');
    expect(await read(3)).toMatchObject({ error: { code: 'not_found' } });
    const { files: list } = await owner.client.ask('file.list', { roomId: room.id });
    expect(list.find(({ id }: { id: string }) => id === fileId).sizeBytes).toBe(17);
  });

  test('are not written when the text comes out the same, U+0000 included', async () => {
    const fileId = await create('same\0');
    const peer = await openDoc(bob.client, fileId);
    peer.text.insert(0, 'x');
    peer.text.delete(0, 1);
    await Promise.all(peer.saved);
    await bob.client.ask('doc.close', { fileId });
    await owner.client.ask('file.write', { fileId, content: 'other' });
    const versions = await until(async () => {
      const found = await versionsOf(fileId);
      return found[0].sizeBytes === 5 && found;
    });
    expect(versions).toMatchObject([{ versionNumber: 2 }, { versionNumber: 1 }]);
  });

  test('come in pages, the newest first, each exactly once, also when they are of the same moment', async () => {
    const fileId = await create('first');
    await db.query(
      `insert into file_versions (file_id, version_number, content, content_hash, created_at)
       select $1, n, n::text, ''::bytea, now() + (n / 4) * interval '1 second' from generate_series(2, 23) n`,
      [fileId],
    );
    const numbers: number[] = [];
    const sizes: number[] = [];
    let cursor: string | null | undefined;
    do {
      const input = { fileId, limit: 5, ...(cursor ? { cursor } : {}) };
      const page = await owner.client.ask('file.versions', input);
      numbers.push(...page.versions.map(({ versionNumber }: any) => versionNumber));
      sizes.push(page.versions.length);
      cursor = page.nextCursor;
    } while (cursor);
    expect(sizes).toEqual([5, 5, 5, 5, 3]);
    expect([...numbers].sort((a, b) => a - b)).toEqual(Array.from({ length: 23 }, (_, index) => index + 1));
    expect(numbers.map((number) => Math.floor(number / 4))).toEqual(
      numbers.map((number) => Math.floor(number / 4)).sort((a, b) => b - a),
    );
    for (const wrong of [{ cursor: 'x' }, { cursor: '' }, { limit: 0 }, { limit: 101 }]) {
      const answer = await owner.client.call('file.versions', { fileId, ...wrong });
      expect(answer).toMatchObject({ error: { code: 'invalid_input' } });
    }
  });
});
