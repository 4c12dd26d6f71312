// A large update in pieces: each can be applied as it comes, together they are the whole.
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import * as Y from 'yjs';
import { initialUpdate } from '../../src/documents/update-merge.ts';
import { piecesOf, sharedPiecesOf } from '../../src/documents/update-pieces.ts';
import { type Random, seededRandom } from '../support/random.ts';

const TRACE = path.join(import.meta.dirname, '../support/traces/sveltecomponent.json');

/** Applies the pieces one after the other; nothing may wait for anything in between. */
function applyAll(pieces: Iterable<Uint8Array>, doc: Y.Doc): number[] {
  const sizes: number[] = [];
  for (const piece of pieces) {
    Y.applyUpdate(doc, piece);
    sizes.push(piece.length);
    expect(doc.store.pendingStructs).toBeNull();
    expect(doc.store.pendingDs).toBeNull();
  }
  return sizes;
}

/** People who write all over each other’s text, with long pastes and much deleted. */
function crowd(random: Random, edits: number): { docs: Y.Doc[]; early: Uint8Array; had: Uint8Array } {
  const docs = Array.from({ length: 6 }, (_, i) =>
    Object.assign(new Y.Doc({ gc: i > 0 }), { clientID: 1 + random.below(2 ** 31) }),
  );
  const [first] = docs as [Y.Doc];
  let early: Uint8Array = Uint8Array.of(0);
  let had: Uint8Array = Uint8Array.of(0, 0);
  for (let i = 0; i < edits; i++) {
    const doc = random.pick(docs);
    const text = doc.getText('content');
    if (text.length > 20 && random.below(3) === 0) text.delete(random.below(text.length - 10), 1 + random.below(9));
    else
      text.insert(
        random.below(text.length + 1),
        random.pick(['a', 'bc\n', 'ö', '😀', 'long '.repeat(random.below(300))]),
      );
    if (random.below(5) === 0) doc.getMap('notes').set(`k${random.below(9)}`, { at: i, deep: [1, 'x', null] });
    if (random.below(3) === 0) {
      const [from, to] = [random.pick(docs), random.pick(docs)];
      Y.applyUpdate(to, Y.encodeStateAsUpdate(from, Y.encodeStateVector(to)));
    }
    if (i !== Math.floor(edits / 3)) continue;
    early = Y.encodeStateVector(first);
    had = Y.encodeStateAsUpdate(first);
  }
  for (const doc of docs) Y.applyUpdate(first, Y.encodeStateAsUpdate(doc));
  return { docs, early, had };
}

describe('[DOC29] the pieces of a difference', () => {
  test('are made once for all who fetch them, each at a pace of their own', () => {
    const shared = sharedPiecesOf(initialUpdate('x'.repeat(300_000)));
    const slow = shared[Symbol.iterator]();
    const got = [slow.next().value as Uint8Array];
    const all = [...shared];
    expect(all.length).toBeGreaterThan(3);
    const doc = new Y.Doc();
    applyAll(all, doc);
    expect(doc.getText('content').toString()).toBe('x'.repeat(300_000));
    for (let next = slow.next(); !next.done; next = slow.next()) got.push(next.value);
    expect(got.length).toBe(all.length);
    expect(got.every((piece, i) => piece === all[i])).toBe(true);
  });

  test.each([1, 2, 3, 4, 5, 6, 7, 8])('can be applied one by one and are the whole in the end, seed %i', (seed) => {
    const random = seededRandom(seed);
    const { docs, early, had } = crowd(random, 400);
    const [doc] = docs as [Y.Doc];
    const whole = Y.encodeStateAsUpdate(doc);
    for (const limit of [300, 1000, 5000]) {
      const fresh = new Y.Doc();
      const sizes = applyAll(piecesOf(whole, limit), fresh);
      expect(fresh.getText('content').toString()).toBe(doc.getText('content').toString());
      expect(fresh.getMap('notes').toJSON()).toEqual(doc.getMap('notes').toJSON());
      expect(Y.encodeStateVector(fresh)).toEqual(Y.encodeStateVector(doc));
      expect(Math.max(...sizes)).toBeLessThan(limit * 1.2);
      expect(sizes.length).toBeGreaterThan(whole.length / limit / 2);
    }
    // Somebody who has a part of it already.
    const part = new Y.Doc();
    const difference = Y.diffUpdate(whole, early);
    Y.applyUpdate(part, had);
    expect(applyAll(piecesOf(difference, 400), part).length).toBeGreaterThan(1);
    expect(part.getText('content').toString()).toBe(doc.getText('content').toString());
  });

  test('and so they are for what somebody lacks', () => {
    const random = seededRandom(99);
    const { docs } = crowd(random, 100);
    const [doc] = docs as [Y.Doc];
    const behind = new Y.Doc();
    Y.applyUpdate(behind, Y.encodeStateAsUpdate(doc));
    for (let i = 0; i < 300; i++) {
      const text = doc.getText('content');
      if (i % 3 === 0) text.delete(random.below(text.length - 5), 5);
      else text.insert(random.below(text.length), 'more ');
    }
    const difference = Y.encodeStateAsUpdate(doc, Y.encodeStateVector(behind));
    const sizes = applyAll(piecesOf(difference, 300), behind);
    expect(behind.getText('content').toString()).toBe(doc.getText('content').toString());
    expect(sizes.length).toBeGreaterThan(3);
  });

  test('cut one long string where characters end', () => {
    const text = 'añ漢😀'.repeat(20_000);
    const doc = new Y.Doc();
    const sizes = applyAll(piecesOf(initialUpdate(text), 4_001), doc);
    expect(doc.getText('content').toString()).toBe(text);
    expect(Math.max(...sizes)).toBeLessThan(4_100);
    // Cut, it is still one string to whoever goes on from it.
    doc.getText('content').insert(3, '!');
    expect(doc.getText('content').toString()).toBe(`${text.slice(0, 3)}!${text.slice(3)}`);
  });

  test('hold for what people really typed', () => {
    const { patches: transactions } = JSON.parse(fs.readFileSync(TRACE, 'utf8')) as {
      patches: (readonly [number, number, string])[][];
    };
    const doc = new Y.Doc({ gc: false });
    const text = doc.getText('content');
    for (const patches of transactions.slice(0, 6_000)) {
      doc.transact(() => {
        for (const [at, remove, insert] of patches) {
          text.delete(Math.min(at, text.length), Math.min(remove, text.length - Math.min(at, text.length)));
          text.insert(Math.min(at, text.length), insert);
        }
      });
    }
    const fresh = new Y.Doc();
    const whole = Y.encodeStateAsUpdate(doc);
    const sizes = applyAll(piecesOf(whole, 2_000), fresh);
    expect(fresh.getText('content').toString()).toBe(text.toString());
    expect(sizes.reduce((sum, size) => sum + size)).toBeLessThan(whole.length * 1.2);
  });

  test('of deletions alone are bounded as well', () => {
    const doc = new Y.Doc();
    doc.getText('content').insert(0, 'x'.repeat(20_000));
    const behind = new Y.Doc();
    Y.applyUpdate(behind, Y.encodeStateAsUpdate(doc));
    for (let i = 0; i < 5_000; i++) doc.getText('content').delete(2 * i, 1);
    const sizes = applyAll(piecesOf(Y.encodeStateAsUpdate(doc, Y.encodeStateVector(behind)), 1_000), behind);
    expect(behind.getText('content').toString()).toBe(doc.getText('content').toString());
    expect(Math.max(...sizes)).toBeLessThanOrEqual(1_000);
  });
});
