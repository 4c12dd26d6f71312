// Going back to an earlier version while somebody types: nothing of theirs is lost, and going back can be gone back on.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import * as Y from 'yjs';
import { openDoc } from '../support/bare-client.ts';
import { until } from '../support/until.ts';
import { type House, openHouse, type Visitor } from './people.ts';

let house: House;
let owner: Visitor;
let bob: Visitor;
let viewer: Visitor;
let roomId: string;

beforeAll(async () => {
  house = await openHouse();
  const room = await house.room();
  ({ owner, id: roomId } = room);
  bob = await room.member('collaborator');
  viewer = await room.member('viewer');
});
afterAll(() => house.close());

const create = async (content: string): Promise<string> =>
  (await owner.client.ask('file.create', { roomId, path: `${crypto.randomUUID()}.txt`, content })).file.id;
const contentOf = async (fileId: string): Promise<string> =>
  (await owner.client.ask('file.content', { fileId })).content;
const versionsOf = async (fileId: string): Promise<any[]> =>
  (await owner.client.ask('file.versions', { fileId })).versions;
const textsOf = async (fileId: string): Promise<string[]> =>
  Promise.all(
    (await versionsOf(fileId)).map(
      async ({ versionNumber }) => (await owner.client.ask('version.content', { fileId, versionNumber })).content,
    ),
  );
const restore = (fileId: string, versionNumber: number) =>
  owner.client.ask('version.restore', { fileId, versionNumber });

test('what somebody types meanwhile and the cursor stay; the state before is a version, and comes back', async () => {
  const first = 'head\nmiddle\ntail\n';
  const fileId = await create(first);
  await owner.client.ask('file.write', { fileId, content: 'head\nanother middle\ntail\n' });
  const peer = await openDoc(bob.client, fileId);
  const cursor = Y.createRelativePositionFromTypeIndex(peer.text, 'he'.length);
  // Typed before the restore was heard of, and sent after it.
  const typing = new Y.Doc();
  Y.applyUpdate(typing, Y.encodeStateAsUpdate(peer.doc));
  typing.getText('content').insert(typing.getText('content').length, 'typed at the end\n');
  expect(await restore(fileId, 1)).toEqual({ changed: true });
  Y.applyUpdate(peer.doc, Y.encodeStateAsUpdate(typing));
  await Promise.all(peer.saved);
  const merged = `${first}typed at the end\n`;
  await until(() => peer.text.toString() === merged);
  expect(await contentOf(fileId)).toBe(merged);
  expect(Y.createAbsolutePositionFromRelativePosition(cursor, peer.doc)?.index).toBe('he'.length);
  peer.doc.destroy();

  const found = await versionsOf(fileId);
  const restored = found.find(({ kind }) => kind === 'restore');
  expect(restored).toMatchObject({ authorId: owner.id });
  const before = found.find(({ versionNumber }) => versionNumber === restored.versionNumber - 1);
  expect(await restore(fileId, before.versionNumber)).toEqual({ changed: true });
  expect(await contentOf(fileId)).toBe('head\nanother middle\ntail\n');
  // What was typed in between is not lost by that: it stands in the version before.
  const texts = await textsOf(fileId);
  expect(texts).toContain(merged);
});

test('somebody who types all the while keeps every letter', async () => {
  const fileId = await create('one\ntwo\nthree\n');
  await owner.client.ask('file.write', { fileId, content: 'one\ntwo changed\nthree\n' });
  const peer = await openDoc(bob.client, fileId);
  // Each another one, so that each can be looked for.
  const letters = Array.from({ length: 60 }, (_, at) => String.fromCodePoint(0x4e00 + at));
  const going = [1, 2, 1, 2].reduce<Promise<unknown>>(
    (earlier, versionNumber) => earlier.then(() => restore(fileId, versionNumber)),
    Promise.resolve(),
  );
  for (const letter of letters) {
    peer.text.insert(0, letter);
    await new Promise(setImmediate);
  }
  await going;
  await Promise.all(peer.saved);
  const content = await contentOf(fileId);
  await until(() => peer.text.toString() === content);
  // In the text as it is, or in a version that was kept of it.
  const kept = content + (await textsOf(fileId)).join('');
  expect(letters.filter((letter) => !kept.includes(letter))).toEqual([]);
  peer.doc.destroy();
});

test('a version that is the text already changes nothing; one that is not there, and viewers, are refused', async () => {
  const fileId = await create('same\n');
  expect(await restore(fileId, 1)).toEqual({ changed: false });
  expect((await versionsOf(fileId)).map(({ kind }) => kind)).toEqual(['import']);
  expect(await owner.client.call('version.restore', { fileId, versionNumber: 9 })).toMatchObject({
    error: { code: 'not_found' },
  });
  expect(await viewer.client.call('version.restore', { fileId, versionNumber: 1 })).toMatchObject({
    error: { code: 'forbidden' },
  });
  expect(await contentOf(fileId)).toBe('same\n');
});
