// Stretches of the log that compaction took out, kept for playback, blame and revert: who edited what, and when.
//
// Format: count × (time in ms, 8 bytes; actor, 16 bytes, zero for none; source, 1 byte; length, 4 bytes; update), numbers
// big-endian, as PostgreSQL writes them; kept compressed with zstd.
import { promisify } from 'node:util';
import { zstdCompress, zstdDecompress } from 'node:zlib';
import type { Append } from './update-log.ts';

export interface HistoryEntry {
  readonly at: Date;
  readonly actorId: string | null;
  readonly source: Append['source'];
  readonly update: Buffer;
}

/** By number on disk: only ever added to. */
const SOURCES: readonly Append['source'][] = ['edit', 'restore', 'import', 'agent', 'revert'];
const HEAD_BYTES = 8 + 16 + 1 + 4;
const NOBODY = `\\x${'0'.repeat(32)}`;

/** An entry, made by PostgreSQL of a row of `document_updates`: thousands of rows take the event loop ten times as long. */
export const ENTRY_SQL = `int8send(floor(extract(epoch from created_at) * 1000)::int8)
  || coalesce(uuid_send(actor_id), '${NOBODY}'::bytea)
  || set_byte('\\x00'::bytea, 0, array_position(array['${SOURCES.join("','")}'], source) - 1)
  || int4send(octet_length(data)) || data`;

/** Packs entries for the table. */
export const packHistory: (entries: Buffer) => Promise<Buffer> = promisify(zstdCompress);
const decompress = promisify(zstdDecompress);

/** Reads a packed stretch back, in its order. */
export async function unpackHistory(packed: Buffer): Promise<HistoryEntry[]> {
  return readHistory(await decompress(packed));
}

/** Reads entries in their order; the updates are views of the bytes. */
export function readHistory(bytes: Buffer): HistoryEntry[] {
  const entries: HistoryEntry[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = bytes.readUInt32BE(at + HEAD_BYTES - 4);
    const from = at + HEAD_BYTES;
    entries.push({
      at: new Date(Number(bytes.readBigInt64BE(at))),
      actorId: uuidOf(bytes.subarray(at + 8, at + 24)),
      source: SOURCES[bytes[at + 24] as number] as Append['source'],
      update: bytes.subarray(from, from + length),
    });
    at = from + length;
  }
  return entries;
}

/** The updates alone. */
export function updatesOf(bytes: Buffer): Buffer[] {
  const updates: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const from = at + HEAD_BYTES;
    const end = from + bytes.readUInt32BE(from - 4);
    updates.push(bytes.subarray(from, end));
    at = end;
  }
  return updates;
}

function uuidOf(bytes: Buffer): string | null {
  const hex = bytes.toString('hex');
  if (/^0+$/.test(hex)) return null;
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
