// Several updates as one without decoding them: the structs of a client are copied behind one another, deletions are
// united. It takes a fraction of `Y.mergeUpdates`, and time in proportion to the bytes. The format is that of yjs 13,
// src/utils/encoding.js and src/utils/DeleteSet.js.
//
// Works for updates that continue one another, as those of one document do in the order in which they came; others
// (resent, overlapping) are left to Yjs.
import * as encoding from 'lib0/encoding';
import * as Y from 'yjs';
import { readDeletes, type Section, type UpdateShape } from './update-walk.ts';

/** An update and where its parts are. */
export type Layout = Pick<UpdateShape, 'update' | 'sections' | 'deletesFrom'>;

/** The structs of one client, out of several updates. */
interface Run {
  readonly clock: number;
  end: number;
  structs: number;
  readonly pieces: Uint8Array[];
}

/** The part of a shape that a merge needs, to be kept. */
export function layoutOf({ update, sections, deletesFrom }: Layout): Layout {
  return { update, sections, deletesFrom };
}

/** Several updates as one, for receivers that take one at a time. */
export function mergeBatch(updates: readonly Layout[]): Uint8Array {
  if (updates.length === 1) return (updates[0] as Layout).update;
  return mergeLayouts(updates) ?? Y.mergeUpdates(updates.map(({ update }) => update));
}

/**
 * Merges updates in the order in which they came.
 * @param has clocks of somebody who gets the merge: what they have is left out, deletions excepted
 * @returns undefined when an update does not continue those before it
 */
export function mergeLayouts(
  parts: readonly Layout[],
  has: ReadonlyMap<number, number> = new Map(),
): Uint8Array | undefined {
  const runs = new Map<number, Run>();
  for (const { update, sections } of parts) {
    for (const section of sections) {
      if (section.structs === 0 || section.end <= (has.get(section.client) ?? 0)) continue;
      if (!extend(runs, section, update)) return undefined;
    }
  }
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, runs.size);
  for (const [client, { clock, structs, pieces }] of descending(runs)) {
    encoding.writeVarUint(encoder, structs);
    encoding.writeVarUint(encoder, client);
    encoding.writeVarUint(encoder, clock);
    for (const piece of pieces) encoding.writeUint8Array(encoder, piece);
  }
  writeDeletes(encoder, parts);
  return encoding.toUint8Array(encoder);
}

function extend(runs: Map<number, Run>, section: Section, update: Uint8Array): boolean {
  const piece = update.subarray(section.from, section.to);
  const run = runs.get(section.client);
  if (!run) {
    const { clock, end, structs } = section;
    runs.set(section.client, { clock, end, structs, pieces: [piece] });
    return true;
  }
  if (run.end !== section.clock) return false;
  run.end = section.end;
  run.structs += section.structs;
  run.pieces.push(piece);
  return true;
}

function writeDeletes(encoder: encoding.Encoder, parts: readonly Layout[]): void {
  const deleting = parts.filter(({ update, deletesFrom }) => update[deletesFrom] !== 0);
  const [first] = deleting;
  if (!first) return encoding.writeVarUint(encoder, 0);
  if (deleting.length === 1) return encoding.writeUint8Array(encoder, first.update.subarray(first.deletesFrom));
  const clients = new Map<number, Range[]>();
  for (const { update, deletesFrom } of deleting) {
    const deletes = readDeletes(update, deletesFrom);
    for (let i = 0; i < deletes.length; i += 3) {
      const client = deletes[i] as number;
      const clock = deletes[i + 1] as number;
      const range: Range = { clock, end: clock + (deletes[i + 2] as number) };
      const ranges = clients.get(client);
      if (ranges) ranges.push(range);
      else clients.set(client, [range]);
    }
  }
  encoding.writeVarUint(encoder, clients.size);
  for (const [client, ranges] of descending(clients)) writeRanges(encoder, client, united(ranges));
}

interface Range {
  readonly clock: number;
  end: number;
}

function writeRanges(encoder: encoding.Encoder, client: number, ranges: readonly Range[]): void {
  encoding.writeVarUint(encoder, client);
  encoding.writeVarUint(encoder, ranges.length);
  for (const { clock, end } of ranges) {
    encoding.writeVarUint(encoder, clock);
    encoding.writeVarUint(encoder, end - clock);
  }
}

/** Sorted, and one where they touch. */
function united(ranges: Range[]): Range[] {
  ranges.sort((a, b) => a.clock - b.clock);
  const result: Range[] = [];
  for (const range of ranges) {
    const last = result.at(-1);
    if (last && range.clock <= last.end) last.end = Math.max(last.end, range.end);
    else result.push(range);
  }
  return result;
}

/** Yjs reads clients in this order; it loses structs when it merges updates that are sorted otherwise. */
function descending<T>(clients: ReadonlyMap<number, T>): [number, T][] {
  return clients.size === 1 ? [...clients] : [...clients].sort(([a], [b]) => b - a);
}
