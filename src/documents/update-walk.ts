// A structural walk over a Yjs update (v1): checks every byte and tells what the update brings and what it builds on,
// without building a Y.Doc. The format follows yjs 13, src/utils/UpdateDecoder.js and src/structs.
import { AppError } from '../protocol/errors.ts';
import { ByteReader } from './byte-reader.ts';
import { LIMITS } from './limits.ts';

/** The structs of one client within an update. */
export interface Section {
  readonly client: number;
  /** Clock of the first struct, and the one behind the last. */
  readonly clock: number;
  readonly end: number;
  /** How many there are, and the bytes that hold them. */
  readonly structs: number;
  readonly from: number;
  readonly to: number;
}

export interface UpdateShape {
  /** The bytes that were walked. */
  readonly update: Uint8Array;
  /** One for each client, in the order of the update. */
  readonly sections: readonly Section[];
  /** Triples client, clock, length of the structs it brings, in the order of the update. */
  readonly ranges: readonly number[];
  /**
   * Fours client, clock, needed client, needed clock: structs that build on one of another client (origins, parents),
   * in the order of the update. What a client builds on of its own is behind it, or the update is refused.
   */
  readonly needs: readonly number[];
  /** Triples client, clock, length of what it deletes. */
  readonly deletes: readonly number[];
  /** Where in the bytes the deletions begin. */
  readonly deletesFrom: number;
}

export const HAS_ORIGIN = 0x80;
export const HAS_RIGHT_ORIGIN = 0x40;
export const HAS_PARENT_SUB = 0x20;
export const CONTENT_MASK = 0x1f;
export const GC = 0;
const SKIP = 10;
/** Highest type reference of yjs 13 (Y.XmlText), and the two that carry a name. */
const LAST_TYPE = 6;
const NAMED_TYPES = new Set([3, 5]);
/** How lib0's `writeAny` begins an object. */
const ANY_OBJECT = 118;

type Length = (reader: ByteReader) => number;

/** How many clocks the content behind an info byte takes; reading it moves the reader behind it. */
export const CONTENT_LENGTH: Readonly<Record<number, Length>> = {
  1: (reader) => reader.uint(), // deleted
  2: (reader) => repeat(reader.uint(), () => checkJson(reader.text(), ['undefined'])), // JSON
  3: (reader) => one(reader.skipBytes()), // binary
  4: (reader) => reader.textLength(), // string
  5: (reader) => one(checkJson(reader.text())), // embed
  6: (reader) => one(reader.skipText(), checkJson(reader.text())), // format
  7: (reader) => one(typeReference(reader)), // type
  8: (reader) => repeat(reader.uint(), () => reader.skipAny()), // any
  9: (reader) => one(reader.skipText(), skipOptions(reader)), // subdocument
};

const one = (..._read: unknown[]): number => 1;

function repeat(count: number, read: () => void): number {
  for (let i = 0; i < count; i++) read();
  return count;
}

/** @param words that Yjs reads although they are no JSON */
function checkJson(text: string, words: readonly string[] = []): void {
  if (words.includes(text)) return;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw malformed('holds broken JSON');
  }
  // Yjs parses any depth, and writes none that its stack has no room for: nobody could merge the document any more.
  if (isDeeper(value, LIMITS.anyDepth)) throw malformed('is nested too deeply');
}

function isDeeper(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return depth === 0 || Object.values(value).some((inner) => isDeeper(inner, depth - 1));
}

/** Yjs takes them apart, and stumbles over what is none. */
function skipOptions(reader: ByteReader): void {
  const from = reader.position;
  if (reader.byte() !== ANY_OBJECT) throw malformed('has a subdocument without options');
  reader.goTo(from);
  reader.skipAny();
}

function typeReference(reader: ByteReader): void {
  const reference = reader.uint();
  if (reference > LAST_TYPE) throw malformed('names an unknown type');
  if (NAMED_TYPES.has(reference)) reader.skipText();
}

/** The error for bytes that are not a Yjs update. */
export function malformed(why: string): AppError {
  return new AppError('malformed_update', `The update ${why}.`);
}

/**
 * Walks over an update.
 * @param update the bytes of one Yjs update, format v1
 * @returns what it brings and needs
 * @throws AppError `malformed_update` unless every byte is where Yjs would read it
 */
export function walkUpdate(update: Uint8Array): UpdateShape {
  const reader = new ByteReader(update);
  const found: Found = { sections: [], ranges: [], needs: [] };
  const clients = reader.uint();
  // Every encoder writes the clients this way. Yjs forgets all but the last of two sections of one client, and loses
  // structs when it merges updates that are sorted otherwise.
  let last = Number.POSITIVE_INFINITY;
  for (let i = 0; i < clients; i++) {
    const client = walkClient(reader, found);
    if (client >= last) throw malformed('lists clients out of order');
    last = client;
  }
  const deletesFrom = reader.position;
  const deletes = walkDeletes(reader);
  if (!reader.atEnd) throw malformed('has bytes behind its end');
  return { update, ...found, deletes, deletesFrom };
}

/** The deletions of an update that was walked before, as in UpdateShape. */
export function readDeletes(update: Uint8Array, deletesFrom: number): readonly number[] {
  return walkDeletes(new ByteReader(update.subarray(deletesFrom)));
}

interface Found {
  readonly sections: Section[];
  readonly ranges: number[];
  readonly needs: number[];
}

function walkClient(reader: ByteReader, { sections, ranges, needs }: Found): number {
  const structs = reader.uint();
  const client = reader.uint();
  let clock = reader.uint();
  let from = clock;
  const begin = { client, clock, structs, from: reader.position };
  for (let i = 0; i < structs; i++) {
    const info = reader.byte();
    const kind = info & CONTENT_MASK;
    if (kind === SKIP) {
      // One half of Yjs takes it for a skip with whatever bits, the other for an item.
      if (info !== SKIP) throw malformed('skips with an origin');
      if (clock > from) ranges.push(client, from, clock - from);
      clock += positive(reader.uint());
      from = clock;
    } else {
      clock += walkStruct(reader, { info, client, clock, needs });
    }
    if (clock > Number.MAX_SAFE_INTEGER) throw malformed('counts too far');
  }
  if (clock > from) ranges.push(client, from, clock - from);
  sections.push({ ...begin, end: clock, to: reader.position });
  return client;
}

interface StructHead {
  readonly info: number;
  readonly client: number;
  readonly clock: number;
  readonly needs: number[];
}

/**
 * Moves the reader behind a struct whose info byte it has read; what it needs is added to `needs`, as in UpdateShape.
 * @returns how many clocks it takes
 */
export function walkStruct(reader: ByteReader, head: StructHead): number {
  return positive((head.info & CONTENT_MASK) === GC ? reader.uint() : walkItem(reader, head));
}

function walkItem(reader: ByteReader, head: StructHead): number {
  const { info } = head;
  if (info & HAS_ORIGIN) walkNeed(reader, head);
  if (info & HAS_RIGHT_ORIGIN) walkNeed(reader, head);
  if ((info & (HAS_ORIGIN | HAS_RIGHT_ORIGIN)) === 0) {
    if (reader.uint() === 1) reader.skipText();
    else walkNeed(reader, head);
    if (info & HAS_PARENT_SUB) reader.skipText();
  }
  const length = CONTENT_LENGTH[info & CONTENT_MASK];
  if (!length) throw malformed('has content of an unknown kind');
  return length(reader);
}

function walkNeed(reader: ByteReader, { client, clock, needs }: StructHead): void {
  const on = reader.uint();
  const onClock = reader.uint();
  if (on !== client) needs.push(client, clock, on, onClock);
  else if (onClock >= clock) throw malformed('has a struct that builds on itself');
}

function walkDeletes(reader: ByteReader): number[] {
  const deletes: number[] = [];
  const clients = reader.uint();
  for (let i = 0; i < clients; i++) {
    const client = reader.uint();
    const count = reader.uint();
    for (let k = 0; k < count; k++) deletes.push(client, reader.uint(), positive(reader.uint()));
  }
  return deletes;
}

function positive(length: number): number {
  if (length < 1) throw malformed('has a struct without length');
  return length;
}
