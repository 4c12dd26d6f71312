import { describe, expect, test } from '@jest/globals';
import * as encoding from 'lib0/encoding';
import * as Y from 'yjs';
import { IdSet } from '../../src/documents/id-set.ts';
import { walkUpdate } from '../../src/documents/update-walk.ts';
import { seededRandom } from '../support/random.ts';

/** A document that uses every kind of content, edited at random. */
function randomUpdates(seed: number, count: number): Uint8Array[] {
  const random = seededRandom(seed);
  const docs = [1, 2, 3].map((clientID) => Object.assign(new Y.Doc(), { clientID }));
  const updates: Uint8Array[] = [];
  for (const doc of docs) {
    doc.on('update', (update: Uint8Array) => {
      updates.push(update);
      for (const other of docs) if (other !== doc) Y.applyUpdate(other, update);
    });
  }
  for (let i = 0; i < count; i++) editAtRandom(docs[random.below(docs.length)] as Y.Doc, random);
  return updates;
}

function editAtRandom(doc: Y.Doc, random: ReturnType<typeof seededRandom>): void {
  const text = doc.getText('content');
  const map = doc.getMap('map');
  const edits: (() => void)[] = [
    () => text.insert(random.below(text.length + 1), random.pick(['a', 'häß', '日本', '😀x', '\n', '\uFEFF1'])),
    () => text.length > 2 && text.delete(random.below(text.length - 2), 2),
    () => text.insert(0, 'b', { bold: true }),
    () => text.insertEmbed(0, { image: 'x' }),
    () => map.set('k', random.pick<unknown>([1, -5.5, 'text', null, true, undefined, 2n ** 40n, { a: [1, 'b'] }])),
    () => map.set('bytes', new Uint8Array([1, 2, 3])),
    () => map.set('child', new Y.Map([['x', 1]])),
    () => doc.getArray('list').push([new Y.Text('t'), 4, 'five']),
    () => doc.getXmlFragment('xml').push([new Y.XmlElement('p'), new Y.XmlText('y')]),
    () => map.set('sub', new Y.Doc({ guid: 'sub' })),
  ];
  random.pick(edits)();
}

/** An update of one item with this content. */
function updateOf(kind: number, write: (encoder: encoding.Encoder) => void): Uint8Array {
  const encoder = encoding.createEncoder();
  for (const number of [1, 1, 77, 0, kind, 1]) encoding.writeVarUint(encoder, number);
  encoding.writeVarString(encoder, 'content');
  write(encoder);
  encoding.writeVarUint(encoder, 0);
  return encoding.toUint8Array(encoder);
}

const embedOf = (json: string) => updateOf(5, (encoder) => encoding.writeVarString(encoder, json));
const formatOf = (json: string) =>
  updateOf(6, (encoder) => {
    encoding.writeVarString(encoder, 'bold');
    encoding.writeVarString(encoder, json);
  });
const jsonOf = (json: string) =>
  updateOf(2, (encoder) => {
    encoding.writeVarUint(encoder, 1);
    encoding.writeVarString(encoder, json);
  });
const subdocumentOf = (options: Record<string, null> | null | undefined) =>
  updateOf(9, (encoder) => {
    encoding.writeVarString(encoder, 'guid');
    encoding.writeAny(encoder, options);
  });

/** Reads an update and writes what it read, as every merge does. */
const throughYjs = (update: Uint8Array): void => {
  const doc = new Y.Doc();
  Y.applyUpdate(doc, update);
  Y.encodeStateAsUpdate(doc);
};
const deep = '['.repeat(20_000) + ']'.repeat(20_000);

const triples = (flat: readonly number[]): number[][] =>
  Array.from({ length: flat.length / 3 }, (_, i) => flat.slice(i * 3, i * 3 + 3));

describe('walking an update', () => {
  test.each([1, 2, 3, 4, 5])('[DOC1] reads what Yjs itself reads, seed %i', (seed) => {
    for (const update of randomUpdates(seed, 200)) {
      const known = Y.decodeUpdate(update);
      const structs = known.structs.map(({ id, length }) => [id.client, id.clock, length] as const);
      const total = structs.reduce((sum, [, , length]) => sum + length, 0);
      const shape = walkUpdate(update);
      expect(triples(shape.ranges).reduce((sum, [, , length]) => sum + (length as number), 0)).toBe(total);
      for (const [client, clock] of structs) {
        const within = triples(shape.ranges).some(
          ([c, from, length]) =>
            c === client && clock >= (from as number) && clock < (from as number) + (length as number),
        );
        expect(within).toBe(true);
      }
      const deletes = [...known.ds.clients].flatMap(([client, items]) =>
        items.map(({ clock, len }) => [client, clock, len]),
      );
      expect(triples(shape.deletes)).toEqual(deletes);
    }
  });

  test('[DOC1] reads merged states with garbage and gaps', () => {
    const updates = randomUpdates(9, 300);
    const merged = Y.mergeUpdates(updates);
    expect(() => walkUpdate(merged)).not.toThrow();
    const holes = Y.mergeUpdates(updates.filter((_, i) => i % 3 !== 1));
    expect(() => walkUpdate(holes)).not.toThrow();
    const doc = new Y.Doc();
    Y.applyUpdate(doc, merged);
    expect(() => walkUpdate(Y.encodeStateAsUpdate(doc))).not.toThrow();
  });

  test('[DOC2] refuses every truncation and never throws anything but malformed_update', () => {
    for (const update of randomUpdates(11, 60)) {
      for (let length = 0; length < update.length; length++) {
        expect(() => walkUpdate(update.subarray(0, length))).toThrow(
          expect.objectContaining({ code: 'malformed_update' }),
        );
      }
    }
  });

  test('[DOC2] what it lets through, Yjs can read: random damage', () => {
    const random = seededRandom(5);
    let survived = 0;
    for (const update of randomUpdates(12, 150)) {
      for (let round = 0; round < 20; round++) {
        const damaged = Uint8Array.from(update);
        damaged[random.below(damaged.length)] = random.below(256);
        try {
          walkUpdate(damaged);
        } catch (error) {
          expect(error).toMatchObject({ code: 'malformed_update' });
          continue;
        }
        survived++;
        expect(() => Y.decodeUpdate(damaged)).not.toThrow();
      }
    }
    expect(survived).toBeGreaterThan(0);
  });

  test.each([
    ['an embed of no value', embedOf('undefined')],
    ['a format of no value', formatOf('undefined')],
    ['JSON behind a byte order mark', embedOf('\uFEFF{}')],
    ['an embed that is nested without end', embedOf(deep)],
    ['a format that is', formatOf(deep)],
    ['JSON that is', jsonOf(deep)],
    ['a subdocument without options', subdocumentOf(null)],
    ['a subdocument with none', subdocumentOf(undefined)],
  ])('[DOC2] refuses what Yjs stumbles over: %s', (_what, update) => {
    expect(() => walkUpdate(update)).toThrow(expect.objectContaining({ code: 'malformed_update' }));
    expect(() => throughYjs(update)).toThrow();
  });

  test.each([
    ['an embed', embedOf('{"image":[1,{"x":null}]}')],
    ['a format that ends', formatOf('null')],
    ['JSON of no value', jsonOf('undefined')],
    ['a subdocument', subdocumentOf({ meta: null })],
  ])('[DOC1] lets %s through', (_what, update) => {
    expect(() => walkUpdate(update)).not.toThrow();
    expect(() => throughYjs(update)).not.toThrow();
  });

  test('[DOC1] a byte order mark counts as the character that it is', () => {
    const doc = new Y.Doc();
    doc.getText('content').insert(0, '\uFEFFusing System;');
    expect(walkUpdate(Y.encodeStateAsUpdate(doc)).ranges[2]).toBe(14);
  });

  test.each([
    ['nothing', []],
    ['a client without structs behind it', [1]],
    ['an endless number', [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1]],
    ['bytes behind the end', [0, 0, 0]],
    ['an empty string struct', [1, 1, 5, 0, 4, 1, 1, 97, 0, 0]],
    ['a skip with an origin', [1, 2, 5, 0, 0x8a, 1, 4, 1, 1, 97, 1, 98, 0]],
    ['an unknown content', [1, 1, 5, 0, 15, 1, 1, 97, 0, 0]],
    ['a delete of nothing', [0, 1, 5, 1, 0, 0]],
  ])('[DOC2] refuses %s', (_what, bytes) => {
    expect(() => walkUpdate(Uint8Array.from(bytes))).toThrow(expect.objectContaining({ code: 'malformed_update' }));
  });
});

test('[DOC3] an id set knows exactly what was added', () => {
  const random = seededRandom(3);
  for (let round = 0; round < 50; round++) {
    const set = new IdSet();
    const model = new Set<number>();
    for (let i = 0; i < 60; i++) {
      const [clock, length] = [random.below(200), 1 + random.below(8)];
      set.add(7, clock, length);
      for (let k = clock; k < clock + length; k++) model.add(k);
      const [from, count] = [random.below(200), 1 + random.below(6)];
      const all = Array.from({ length: count }, (_, k) => model.has(from + k)).every(Boolean);
      expect(set.has(7, from, count)).toBe(all);
    }
  }
});
