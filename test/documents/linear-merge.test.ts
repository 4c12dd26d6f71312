import { describe, expect, test } from '@jest/globals';
import * as Y from 'yjs';
import { mergeBatch, mergeLayouts } from '../../src/documents/linear-merge.ts';
import { walkUpdate } from '../../src/documents/update-walk.ts';
import { type Random, seededRandom } from '../support/random.ts';

/** Several people in one document, each seeing some of the others' edits: all updates in an order that holds. */
function session(seed: number, edits: number): Uint8Array[] {
  const random = seededRandom(seed);
  const updates: Uint8Array[] = [];
  const people = Array.from({ length: 4 }, (_, i) => {
    const doc = new Y.Doc();
    doc.clientID = [7, 300, 70_000, 2 ** 31][i] as number;
    const own = { doc, seen: 0 };
    doc.on('update', (update: Uint8Array, origin: unknown) => origin !== 'remote' && updates.push(update));
    return own;
  });
  for (let i = 0; i < edits; i++) {
    const person = random.pick(people);
    for (; person.seen < updates.length; person.seen++)
      Y.applyUpdate(person.doc, updates[person.seen] as Uint8Array, 'remote');
    edit(person.doc, random);
  }
  return updates;
}

function edit(doc: Y.Doc, random: Random): void {
  const text = doc.getText('content');
  const at = random.below(text.length + 1);
  const kind = random.next();
  if (kind < 0.6) text.insert(at, 'añ😀b'.slice(0, 1 + random.below(2)));
  else if (kind < 0.8 && at < text.length) text.delete(at, Math.min(text.length - at, 1 + random.below(4)));
  else if (kind < 0.9) doc.getMap('map').set('key', { n: random.below(10) });
  else doc.transact(() => [text.insert(0, 'x'), text.delete(0, 1), doc.getArray('list').push([random.below(2 ** 31)])]);
}

function contentOf(updates: readonly Uint8Array[]) {
  const doc = new Y.Doc();
  for (const update of updates) Y.applyUpdate(doc, update);
  expect(doc.store.pendingStructs).toBeNull();
  const shown = { map: doc.getMap('map').toJSON(), list: doc.getArray('list').toJSON() };
  return { text: doc.getText('content').toJSON(), ...shown, all: Y.encodeStateAsUpdate(doc) };
}

const batchOf = (updates: readonly Uint8Array[]) => mergeBatch(updates.map(walkUpdate));

describe('[DOC5] updates merged by their bytes', () => {
  test.each(Array.from({ length: 40 }, (_, seed) => seed))('give what they give one by one (seed %i)', (seed) => {
    const updates = session(seed, 60);
    const merged = mergeLayouts(updates.map(walkUpdate));
    expect(merged).toBeDefined();
    expect(contentOf([merged as Uint8Array])).toEqual(contentOf(updates));
    const half = batchOf(updates.slice(0, 30));
    expect(contentOf([half, batchOf(updates.slice(30))])).toEqual(contentOf(updates));
    expect(contentOf([batchOf([half, ...updates.slice(30)])])).toEqual(contentOf(updates));
  });

  test('leave out what the receiver has, deletions excepted', () => {
    const updates = session(3, 60);
    const known = updates.slice(0, 40);
    const has = Y.decodeStateVector(Y.encodeStateVectorFromUpdate(Y.mergeUpdates(known)));
    const rest = mergeLayouts(updates.map(walkUpdate), has) as Uint8Array;
    expect(walkUpdate(rest).sections.every(({ client, clock }) => clock >= (has.get(client) ?? 0))).toBe(true);
    expect(contentOf([...known, rest])).toEqual(contentOf(updates));
  });

  test('are left to Yjs where one was sent again with more', () => {
    const doc = new Y.Doc();
    const one: Uint8Array[] = [];
    doc.on('update', (update: Uint8Array) => one.push(update));
    doc.getText('content').insert(0, 'a');
    doc.getText('content').insert(1, 'b');
    const again = [one[0] as Uint8Array, Y.encodeStateAsUpdate(doc)];
    expect(mergeLayouts(again.map(walkUpdate))).toBeUndefined();
    expect(contentOf([batchOf(again)]).text).toBe('ab');
  });
});
