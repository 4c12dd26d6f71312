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

/** An entry, made by PostgreSQL of a row of `document_updates`: reading thousands of rows would hold the event loop up. */
export const ENTRY_SQL = `int8send(floor(extract(epoch from created_at) * 1000)::int8)
  || coalesce(uuid_send(actor_id), '${NOBODY}'::bytea)
  || set_byte('\\x00'::bytea, 0, array_position(array['${SOURCES.join("','")}'], source) - 1)
  || int4send(octet_length(data)) || data`;

/** Packs entries for the table. */
export const packHistory: (entries: Buffer) => Promise<Buffer> = promisify(zstdCompress);
const decompress = promisify(zstdDecompress);

/** Reads a packed stretch back, in its order. */
export async function unpackHistory(packed: Buffer): Promise<HistoryEntry[]> {
  return Array.from(entriesIn(await decompress(packed)), ({ head, update }) => ({
    at: new Date(Number(head.readBigInt64BE(0))),
    actorId: uuidOf(head.subarray(8, 24)),
    source: SOURCES[head[24] as number] as Append['source'],
    update,
  }));
}

/** The updates alone of entries that are not packed; views of their bytes. */
export function updatesOf(entries: Buffer): Buffer[] {
  return Array.from(entriesIn(entries), ({ update }) => update);
}

function* entriesIn(bytes: Buffer): Generator<{ head: Buffer; update: Buffer }, void> {
  for (let at = 0; at < bytes.length; ) {
    const from = at + HEAD_BYTES;
    const end = from + bytes.readUInt32BE(from - 4);
    yield { head: bytes.subarray(at, from), update: bytes.subarray(from, end) };
    at = end;
  }
}

function uuidOf(bytes: Buffer): string | null {
  const hex = bytes.toString('hex');
  if (/^0+$/.test(hex)) return null;
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
