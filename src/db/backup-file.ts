// The file of a backup: a line that says what it is, then frames, compressed with zstd. The last frame says that it is
// whole: a file that was cut off, or changed, is noticed before anything of it is kept.
//
// Frame: kind (1 byte), length (4 bytes, big-endian), content. H header (JSON), T table (JSON), D rows in PostgreSQL's COPY
// text format, E end of a table (JSON: rows), F end of the file (SHA-256 of kinds and contents before it).
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import fsp from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, createZstdCompress, createZstdDecompress } from 'node:zlib';

export interface BackupHeader {
  /** Of this format. */
  readonly format: 1;
  readonly createdAt: string;
  /** `server_version_num` of the PostgreSQL it comes from. */
  readonly postgres: number;
  /** Names of the migrations that its tables have had. */
  readonly migrations: readonly string[];
  /** Month partitions by table: a day of each month. */
  readonly months: readonly (readonly [table: string, day: string])[];
  /** Last values of sequences, by table and column. */
  readonly sequences: readonly (readonly [table: string, column: string, last: string])[];
}

export interface TableHead {
  readonly table: string;
  readonly columns: readonly string[];
}

export type Frame =
  | { readonly kind: 'H'; readonly header: BackupHeader }
  | { readonly kind: 'T'; readonly head: TableHead }
  | { readonly kind: 'D'; readonly data: Buffer }
  | { readonly kind: 'E'; readonly rows: number }
  | { readonly kind: 'F' };

const MAGIC = Buffer.from('coderoom backup 1\n');
const HEAD_BYTES = 5;
/** Bytes of one frame; rows come in pieces far smaller, and a length beyond it is damage. */
const FRAME_BYTES = 256 * 1024 * 1024;
const COMPRESSION = { [constants.ZSTD_c_checksumFlag]: 1 };

/**
 * Writes a backup beside its place and moves it there when it is whole and on disk.
 * @throws Error when the file is there already, or cannot be written
 */
export async function writeBackup(file: string, frames: AsyncIterable<Frame>): Promise<void> {
  if (fs.existsSync(file)) throw new Error(`${file} is there already; a backup does not replace a file.`);
  const partial = `${file}.partial`;
  try {
    const out = fs.createWriteStream(partial, { mode: 0o600, flush: true });
    out.write(MAGIC);
    await pipeline(Readable.from(encoded(frames)), createZstdCompress({ params: COMPRESSION }), out);
    await fsp.rename(partial, file);
  } catch (error) {
    await fsp.rm(partial, { force: true });
    throw error;
  }
}

async function* encoded(frames: AsyncIterable<Frame>): AsyncGenerator<Buffer> {
  const digest = createHash('sha256');
  for await (const frame of frames) {
    const content = frame.kind === 'F' ? digest.digest() : contentOf(frame);
    if (frame.kind !== 'F') digest.update(frame.kind).update(content);
    const head = Buffer.alloc(HEAD_BYTES, frame.kind);
    head.writeUInt32BE(content.length, 1);
    yield head;
    yield content;
  }
}

function contentOf(frame: Exclude<Frame, { kind: 'F' }>): Buffer {
  switch (frame.kind) {
    case 'D':
      return frame.data;
    case 'H':
      return Buffer.from(JSON.stringify(frame.header));
    case 'T':
      return Buffer.from(JSON.stringify(frame.head));
    case 'E':
      return Buffer.from(JSON.stringify({ rows: frame.rows }));
  }
}

/**
 * The frames of a backup, in order; the last one is F.
 * @throws Error with a sentence for the operator when the file is missing, something else, cut off or damaged
 */
export async function* readBackup(file: string): AsyncGenerator<Frame> {
  const handle = await fsp.open(file).catch((error: NodeJS.ErrnoException) => {
    throw new Error(
      error.code === 'ENOENT' ? `There is no file ${file}.` : `${file} cannot be read: ${error.message}.`,
    );
  });
  try {
    const { buffer } = await handle.read(Buffer.alloc(MAGIC.length), 0, MAGIC.length, 0).catch(() => {
      throw new Error(`${file} cannot be read as a file.`);
    });
    if (!buffer.equals(MAGIC))
      throw new Error(`${file} is not a backup of Coderoom, or of a version that this one cannot read.`);
    const packed = handle.createReadStream({ start: MAGIC.length, autoClose: false });
    const unpacked = createZstdDecompress();
    packed.on('error', (error) => unpacked.destroy(error)).pipe(unpacked);
    try {
      yield* decoded(unpacked, file);
    } finally {
      packed.destroy();
      unpacked.destroy();
    }
  } finally {
    await handle.close();
  }
}

async function* decoded(unpacked: AsyncIterable<Buffer>, file: string): AsyncGenerator<Frame> {
  const digest = createHash('sha256');
  let rest: Buffer = Buffer.alloc(0);
  let ended = false;
  for await (const piece of piecesOf(unpacked, file)) {
    rest = rest.length === 0 ? piece : Buffer.concat([rest, piece]);
    for (let length = lengthOf(rest, file); length !== undefined; length = lengthOf(rest, file)) {
      const content = rest.subarray(HEAD_BYTES, HEAD_BYTES + length);
      const kind = String.fromCharCode(rest[0] as number);
      ended = kind === 'F';
      if (ended && !digest.digest().equals(content)) throw damaged(file, 'it is not what was written');
      if (!ended) digest.update(kind).update(content);
      rest = rest.subarray(HEAD_BYTES + length);
      yield frameOf(kind, content, file);
    }
  }
  if (!ended || rest.length > 0) throw damaged(file, 'its end is missing');
}

/** With errors of the decompression in words. */
async function* piecesOf(unpacked: AsyncIterable<Buffer>, file: string): AsyncGenerator<Buffer> {
  try {
    yield* unpacked;
  } catch (error) {
    throw damaged(file, (error as Error).message);
  }
}

/** Bytes of the frame that is at the front, once all of it is here. */
function lengthOf(bytes: Buffer, file: string): number | undefined {
  if (bytes.length < HEAD_BYTES) return undefined;
  const length = bytes.readUInt32BE(1);
  if (length > FRAME_BYTES) throw damaged(file, 'a piece is longer than any can be');
  return bytes.length >= HEAD_BYTES + length ? length : undefined;
}

function frameOf(kind: string, content: Buffer, file: string): Frame {
  switch (kind) {
    case 'H':
      return { kind, header: JSON.parse(content.toString()) as BackupHeader };
    case 'T':
      return { kind, head: JSON.parse(content.toString()) as TableHead };
    case 'D':
      return { kind, data: content };
    case 'E':
      return { kind, rows: (JSON.parse(content.toString()) as { rows: number }).rows };
    case 'F':
      return { kind };
    default:
      throw damaged(file, 'a piece is of no known kind');
  }
}

const damaged = (file: string, why: string): Error => new Error(`${file} is damaged or cut off: ${why}.`);
