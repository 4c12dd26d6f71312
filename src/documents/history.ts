// Stretches of the log that compaction took out, kept for playback, blame and revert: who edited what, and when.
//
// Format, then compressed with zstd: count × (time in ms, 8 bytes; actor, 16 bytes, zero for none; source, 1 byte;
// length, 4 bytes; update), numbers little-endian.
import { promisify } from 'node:util';
import { zstdCompress, zstdDecompress } from 'node:zlib';
import type { Append } from './update-log.ts';

export interface HistoryEntry {
  readonly at: Date;
  readonly actorId: string | null;
  readonly source: Append['source'];
  readonly update: Uint8Array;
}

/** By number on disk: only ever added to. */
const SOURCES: readonly Append['source'][] = ['edit', 'restore', 'import', 'agent', 'revert'];
const HEAD_BYTES = 8 + 16 + 1 + 4;

const compress = promisify(zstdCompress);
const decompress = promisify(zstdDecompress);

/** Packs a stretch. */
export async function packHistory(entries: readonly HistoryEntry[]): Promise<Buffer> {
  const pieces = entries.flatMap(({ at, actorId, source, update }) => {
    const head = Buffer.alloc(HEAD_BYTES);
    head.writeBigInt64LE(BigInt(at.getTime()), 0);
    head.write((actorId ?? '').replaceAll('-', ''), 8, 'hex');
    head[24] = SOURCES.indexOf(source);
    head.writeUInt32LE(update.length, 25);
    return [head, update];
  });
  return compress(Buffer.concat(pieces));
}

/** Reads a stretch back, in its order. */
export async function unpackHistory(packed: Buffer): Promise<HistoryEntry[]> {
  const bytes = await decompress(packed);
  const entries: HistoryEntry[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = bytes.readUInt32LE(at + 25);
    const from = at + HEAD_BYTES;
    entries.push({
      at: new Date(Number(bytes.readBigInt64LE(at))),
      actorId: uuidOf(bytes.subarray(at + 8, at + 24)),
      source: SOURCES[bytes[at + 24] as number] as Append['source'],
      update: bytes.subarray(from, from + length),
    });
    at = from + length;
  }
  return entries;
}

function uuidOf(bytes: Buffer): string | null {
  const hex = bytes.toString('hex');
  if (/^0+$/.test(hex)) return null;
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
