// Splits a large update into small ones that are applied one after the other: whoever loses the connection in between
// keeps what has come, and no message is so long that a slow line seems dead.
//
// The order is that in which Yjs integrates (integrateStructs in src/utils/encoding.js): what a struct builds on comes
// before it. Deletions go with the structs that they delete.
import { LIMITS } from './limits.ts';
import { PieceWriter } from './piece-writer.ts';
import { StructCursor } from './struct-cursor.ts';
import { type UpdateShape, walkUpdate } from './update-walk.ts';

/** Bytes below which the beginning of a string is not worth a piece of its own. */
const SMALLEST_PART = 256;

/**
 * The pieces of an update, made as they are asked for.
 * @param update without gaps, as a difference is
 * @param limit bytes of a piece; only a single embedded value can be larger
 */
export function* piecesOf(update: Uint8Array, limit: number = LIMITS.pieceBytes): Generator<Uint8Array, void> {
  const shape = walkUpdate(update);
  if (hasGaps(shape)) return yield update;
  const cursors = new Map(shape.sections.map((section) => [section.client, new StructCursor(update, section)]));
  const clockOf = (client: number): number => cursors.get(client)?.clock ?? Number.POSITIVE_INFINITY;
  const isThere = (client: number, clock: number): boolean => clockOf(client) > clock;
  const writer = new PieceWriter(shape.deletes);
  for (const client of writer.deletingClients()) {
    while (writer.release(client, clockOf(client), limit)) yield writer.finish();
  }
  for (const cursor of inOrder(cursors)) {
    const { clock, client } = cursor;
    const room = limit - writer.bytes;
    const stretch = cursor.takeStretch(room, isThere);
    if (stretch) writer.add(client, clock, stretch);
    else if ((cursor.peek()?.bytes ?? 0) <= room) writer.add(client, clock, cursor.take());
    else {
      const part = room >= SMALLEST_PART ? cursor.takePart(room) : undefined;
      if (part) writer.add(client, clock, part);
      else if (writer.bytes === 0) writer.add(client, clock, cursor.take());
      yield writer.finish();
    }
    while (writer.release(client, cursor.clock, limit)) yield writer.finish();
  }
  if (writer.bytes > 0) yield writer.finish();
}

/** The pieces of an update for many who fetch them, each at a pace of their own: made once, as the first asks for them. */
export function sharedPiecesOf(update: Uint8Array): Iterable<Uint8Array> {
  const making = piecesOf(update);
  const made: Uint8Array[] = [];
  return {
    *[Symbol.iterator]() {
      for (let i = 0; ; i++) {
        if (i === made.length) {
          const next = making.next();
          if (next.done) return;
          made.push(next.value);
        }
        yield made[i] as Uint8Array;
      }
    },
  };
}

/** The cursor with the struct that comes next, until all are taken; its reader takes it, a part of it or several. */
function* inOrder(cursors: ReadonlyMap<number, StructCursor>): Generator<StructCursor, void> {
  for (const first of cursors.values()) {
    const path = [{ cursor: first, through: Number.POSITIVE_INFINITY }];
    for (let top = path.at(-1); top; top = path.at(-1)) {
      const next = top.cursor.peek();
      if (!next || next.clock > top.through) {
        path.pop();
        continue;
      }
      const need = unmet(next.needs, cursors);
      // Nobody is waited for twice on one path: the engine takes no update that goes round in circles.
      if (need && path.length <= cursors.size) path.push(need);
      else yield top.cursor;
    }
  }
}

/** What is not taken yet of what a struct builds on; what is not in the update, its receiver has. */
function unmet(needs: readonly number[], cursors: ReadonlyMap<number, StructCursor>) {
  for (let i = 0; i < needs.length; i += 2) {
    const cursor = cursors.get(needs[i] as number);
    const through = needs[i + 1] as number;
    if (cursor && cursor.clock <= through) return { cursor, through };
  }
  return undefined;
}

function hasGaps({ sections, ranges }: UpdateShape): boolean {
  return ranges.length / 3 !== sections.length;
}
