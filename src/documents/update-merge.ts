// Updates made and merged: from text, from a stored state and what came since.
import * as Y from 'yjs';
import { TEXT_NAME } from '../protocol/constants.ts';
import { mergeLayouts } from './linear-merge.ts';
import { walkUpdate } from './update-walk.ts';

/** The update of a document in which nothing happened. */
export const EMPTY_UPDATE = Uint8Array.of(0, 0);

/** The update that a new document with this text begins with; the random client id is used once. */
export function initialUpdate(content: string): Uint8Array {
  if (content === '') return EMPTY_UPDATE;
  const doc = new Y.Doc();
  doc.getText(TEXT_NAME).insert(0, content);
  const update = Y.encodeStateAsUpdate(doc);
  doc.destroy();
  return update;
}

/**
 * One update out of a stored state and the updates since.
 * @param parts the merged state first
 */
export function mergeAll(parts: readonly Uint8Array[]): Uint8Array {
  return parts.length === 1 ? (parts[0] as Uint8Array) : withDoc(parts, (doc) => Y.encodeStateAsUpdate(doc));
}

/** As `mergeAll`, several times quicker and with the text of what was deleted still in it. */
export function mergeQuickly(parts: readonly Uint8Array[]): Uint8Array {
  return mergeLayouts(parts.map(walkUpdate)) ?? mergeAll(parts);
}

/** The text that a stored state and the updates since make. */
export function textOf(parts: readonly Uint8Array[]): string {
  return withDoc(parts, (doc) => doc.getText(TEXT_NAME).toString());
}

function withDoc<T>(parts: readonly Uint8Array[], read: (doc: Y.Doc) => T): T {
  const doc = new Y.Doc();
  doc.transact(() => {
    for (const part of parts) Y.applyUpdate(doc, part);
  });
  const result = read(doc);
  doc.destroy();
  return result;
}
