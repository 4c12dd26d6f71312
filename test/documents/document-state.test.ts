import { describe, expect, test } from '@jest/globals';
import * as Y from 'yjs';
import { DocumentState } from '../../src/documents/document-state.ts';
import { initialUpdate, mergeAll } from '../../src/documents/update-merge.ts';
import { seededRandom } from '../support/random.ts';

/** Three people who type and delete in turns; every update, in order, and snapshots of what one of them had. */
function session(seed: number, edits: number) {
  const random = seededRandom(seed);
  const docs = [1, 2, 3].map((clientID) => Object.assign(new Y.Doc(), { clientID }));
  const updates: Uint8Array[] = [];
  for (const doc of docs) {
    doc.on('update', (update: Uint8Array, origin: unknown) => {
      if (origin === 'other') return;
      updates.push(update);
      for (const other of docs) if (other !== doc) Y.applyUpdate(other, update, 'other');
    });
  }
  for (let i = 0; i < edits; i++) {
    const text = (docs[random.below(3)] as Y.Doc).getText('content');
    if (text.length > 5 && random.next() < 0.3) text.delete(random.below(text.length - 3), 1 + random.below(3));
    else text.insert(random.below(text.length + 1), random.pick(['a', 'bc', 'def ', '\n', '😀']));
  }
  return { updates, text: (docs[0] as Y.Doc).getText('content').toString() };
}

/** What a document does when it is quiet. */
function rest(state: DocumentState): void {
  state.adopt(mergeAll(state.parts()), state.tailLength);
}

function docOf(...updates: Uint8Array[]): Y.Doc {
  const doc = new Y.Doc();
  for (const update of updates) Y.applyUpdate(doc, update);
  return doc;
}

describe('the difference', () => {
  test.each([1, 2, 3, 4])('[DOC13] brings anybody with a part of the document up to date, seed %i', (seed) => {
    const { updates, text } = session(seed, 120);
    const state = new DocumentState(new Uint8Array([0, 0]));
    for (const [i, update] of updates.entries()) {
      expect(state.take(update)).toBe(true);
      // Merged now and then, as a document at rest is; with and without a Y.Doc at hand.
      if (i === 40 || i === 80) rest(state);
      if (i % 50 === 49) state.text();
    }
    expect(state.text()).toBe(text);
    for (let known = 0; known <= updates.length; known += 7) {
      const doc = docOf(...updates.slice(0, known));
      const difference = state.difference(Y.encodeStateVector(doc));
      Y.applyUpdate(doc, difference);
      expect(doc.getText('content').toString()).toBe(text);
      expect(doc.store.pendingStructs).toBeNull();
    }
    expect(docOf(state.difference()).getText('content').toString()).toBe(text);
  });

  test('[DOC15] costs somebody who has everything the deletions, not the text', () => {
    const state = new DocumentState(initialUpdate('x'.repeat(100_000)));
    const doc = docOf(state.difference());
    expect(state.difference(Y.encodeStateVector(doc)).length).toBeLessThan(50);
    rest(state);
    expect(state.difference(state.stateVector()).length).toBeLessThan(50);
  });

  test('[DOC13] brings deletions to somebody who has all the text', () => {
    const { updates } = session(8, 10);
    const before = docOf(...updates);
    const deleter = docOf(...updates);
    const state = new DocumentState(Y.encodeStateAsUpdate(before));
    deleter.once('update', (update: Uint8Array) => state.take(update));
    deleter.getText('content').delete(0, 3);
    for (const rested of [false, true]) {
      if (rested) rest(state);
      const late = docOf(...updates);
      Y.applyUpdate(late, state.difference(Y.encodeStateVector(late)));
      expect(late.getText('content').toString()).toBe(deleter.getText('content').toString());
    }
  });

  test('[DOC2] to a state vector that cannot be read is refused', () => {
    const state = new DocumentState(initialUpdate('x'));
    expect(() => state.difference(Uint8Array.of(5, 1, 2))).toThrow(expect.objectContaining({ code: 'invalid_input' }));
  });
});

test('[DOC15] a merge takes the place of what was merged, and what came meanwhile stays', () => {
  const { updates, text } = session(6, 300);
  const state = new DocumentState(new Uint8Array([0, 0]));
  for (const update of updates.slice(0, 100)) state.take(update);
  const [parts, count] = [state.parts(), state.tailLength];
  for (const update of updates.slice(100)) state.take(update);
  state.adopt(mergeAll(parts), count);
  expect(state.tailLength).toBe(updates.length - 100);
  expect(docOf(state.difference()).getText('content').toString()).toBe(text);
  const late = docOf(...updates.slice(0, 50));
  Y.applyUpdate(late, state.difference(Y.encodeStateVector(late)));
  expect(late.getText('content').toString()).toBe(text);
});

test('[DOC3] what is there already is known, deletions too', () => {
  const { updates } = session(5, 60);
  const state = new DocumentState(new Uint8Array([0, 0]));
  for (const update of updates) state.take(update);
  for (const update of updates) expect(state.take(update)).toBe(false);
  expect(state.take(Y.mergeUpdates(updates))).toBe(false);
  rest(state);
  expect(state.take(Y.encodeStateAsUpdate(docOf(...updates)))).toBe(false);
  expect(state.tailLength).toBe(0);
});
