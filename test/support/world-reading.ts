// Reads states of documents and presence for the world, with Yjs itself and nothing of the engine.
import * as decoding from 'lib0/decoding';
import * as Y from 'yjs';
import { TEXT_NAME } from '../../src/protocol/constants.ts';

/** Code points from here on come once each; see Stage.fresh. */
export const FIRST_FRESH = 0x4e00;

export function docOf(updates: readonly Uint8Array[]): Y.Doc {
  const doc = new Y.Doc();
  doc.transact(() => {
    for (const update of updates) Y.applyUpdate(doc, update);
  });
  return doc;
}

/** A character that is there twice. */
export function firstRepeated(text: string): string | undefined {
  const seen = new Set<string>();
  for (const character of text) {
    if ((character.codePointAt(0) as number) < FIRST_FRESH || character === '\ufffd') continue;
    if (seen.has(character)) return `${character} in ${text}`;
    seen.add(character);
  }
  return undefined;
}

/** Neither a pair of surrogates nor what Yjs puts for half of one: whether it cuts them depends on what it has. */
const isPlain = (character: string): boolean => character.length === 1 && character !== '\ufffd';

/** What differs between two documents, undefined if nothing does. */
export function differenceOf([one, other]: [Y.Doc, Y.Doc], { inOrder }: { inOrder: boolean }): string | undefined {
  const text = (doc: Y.Doc): string => doc.getText(TEXT_NAME).toString();
  const units = (doc: Y.Doc): string => [...text(doc)].filter(isPlain).sort().join('');
  const texts = [one, other].map(inOrder ? text : units);
  if (texts[0] !== texts[1]) return `text ${texts.join(' / ')}`;
  const clocks = [one, other].map((doc) =>
    JSON.stringify([...Y.decodeStateVector(Y.encodeStateVector(doc))].sort(([a], [b]) => a - b)),
  );
  if (clocks[0] !== clocks[1]) return `clocks ${clocks.join(' / ')}`;
  const same = Y.equalDeleteSets(
    ...([one, other].map((doc) => Y.createDeleteSetFromStructStore(doc.store)) as [any, any]),
  );
  return same ? undefined : 'deletions';
}

/** A struct whose text is not what was typed under its id; client ids of which nothing is known are passed over. */
export function contentMismatch(doc: Y.Doc, typed: ReadonlyMap<number, string>): string | undefined {
  for (const [client, structs] of doc.store.clients) {
    const text = typed.get(client);
    if (text === undefined) continue;
    for (const struct of structs) {
      if (!(struct instanceof Y.Item) || !(struct.content instanceof Y.ContentString)) continue;
      const { clock } = struct.id;
      const expected = text.slice(clock, clock + struct.length);
      if (!isCutOf(struct.content.str, expected)) return `${client}:${clock} is ${struct.content.str}, not ${expected}`;
    }
  }
  return undefined;
}

/** Yjs puts U+FFFD for the halves of a surrogate pair that somebody cut in two. */
function isCutOf(text: string, typed: string): boolean {
  if (text.length !== typed.length) return false;
  for (let i = 0; i < text.length; i++) if (text[i] !== '\ufffd' && text[i] !== typed[i]) return false;
  return true;
}

export function deletesOf(doc: Y.Doc) {
  const deleted = Y.createDeleteSetFromStructStore(doc.store);
  const has = (client: number, clock: number): boolean =>
    (deleted.clients.get(client) ?? []).some((item) => item.clock <= clock && clock < item.clock + item.len);
  return {
    /** @param deletes triples client, clock, length */
    firstMissing(deletes: readonly number[]): string | undefined {
      for (let i = 0; i < deletes.length; i += 3) {
        const [client, from, length] = deletes.slice(i, i + 3) as [number, number, number];
        for (let clock = from; clock < from + length; clock++) if (!has(client, clock)) return `${client}:${clock}`;
      }
      return undefined;
    },
  };
}

/** The states of an awareness update. */
export function readPresence(update: Uint8Array): { client: number; clock: number; state: unknown }[] {
  const decoder = decoding.createDecoder(update);
  return Array.from({ length: decoding.readVarUint(decoder) }, () => ({
    client: decoding.readVarUint(decoder),
    clock: decoding.readVarUint(decoder),
    state: JSON.parse(decoding.readVarString(decoder)) as unknown,
  }));
}
