// Reads the structs of one client out of an update that was walked before, as many at a time as fit, and cuts long strings.
import * as encoding from 'lib0/encoding';
import { ByteReader } from './byte-reader.ts';
import {
  CONTENT_LENGTH,
  CONTENT_MASK,
  GC,
  HAS_ORIGIN,
  HAS_PARENT_SUB,
  HAS_RIGHT_ORIGIN,
  type Section,
  walkStruct,
} from './update-walk.ts';

const STRING = 4;

export interface Struct {
  readonly clock: number;
  /** How many clocks it takes. */
  readonly length: number;
  /** Pairs client, clock of the structs of others that it builds on. */
  readonly needs: readonly number[];
  readonly bytes: number;
}

/** Structs of one client that follow one another. */
export interface Stretch {
  readonly bytes: Uint8Array;
  readonly structs: number;
}

interface Next extends Struct {
  readonly info: number;
  /** Where it begins; undefined for what is left of a string that was cut. */
  readonly from?: number;
  /** Everything before the content. */
  readonly head: Uint8Array;
  /** The encoded right origin; empty without one. */
  readonly right: Uint8Array;
  /** The content, a string without its length. */
  readonly content: Uint8Array;
}

const NOTHING = new Uint8Array(0);

export class StructCursor {
  readonly client: number;
  readonly #bytes: Uint8Array;
  readonly #reader: ByteReader;
  #left: number;
  #clock: number;
  #next: Next | undefined;

  constructor(update: Uint8Array, { client, clock, structs, from, to }: Section) {
    this.client = client;
    this.#bytes = update.subarray(from, to);
    this.#reader = new ByteReader(this.#bytes);
    this.#left = structs;
    this.#clock = clock;
  }

  /** The clock behind the last struct taken. */
  get clock(): number {
    return this.#clock;
  }

  /** The next struct; undefined at the end. */
  peek(): Struct | undefined {
    if (!this.#next && this.#left > 0) {
      this.#left--;
      this.#next = this.#read();
    }
    return this.#next;
  }

  /** The encoded next struct; moves behind it. */
  take(): Stretch {
    const next = this.#required();
    this.#next = undefined;
    this.#clock += next.length;
    return { bytes: encode(next, next.content), structs: 1 };
  }

  /**
   * The next structs up to so many bytes, as they stand in the update; moves behind them.
   * @param isThere whether a struct of another client was taken, or need not be
   * @returns undefined when there is none that fits and has what it builds on; and for the rest of a string
   */
  takeStretch(room: number, isThere: (client: number, clock: number) => boolean): Stretch | undefined {
    const reader = this.#reader;
    const from = this.#unread();
    if (from === undefined) return undefined;
    let to = from;
    let structs = 0;
    const needs: number[] = [];
    while (structs < this.#left) {
      const head = { info: reader.byte(), client: this.client, clock: this.#clock, needs };
      const length = walkStruct(reader, head);
      if (reader.position - from > room || !areThere(needs, isThere)) break;
      to = reader.position;
      structs++;
      this.#clock += length;
      needs.length = 0;
    }
    reader.goTo(to);
    this.#left -= structs;
    return structs === 0 ? undefined : { bytes: this.#bytes.subarray(from, to), structs };
  }

  /** Goes back before the struct that was looked at. @returns where it begins; undefined where that is no place in the update */
  #unread(): number | undefined {
    const { from } = this.#next ?? { from: this.#reader.position };
    if (this.#next && from !== undefined) {
      this.#reader.goTo(from);
      this.#left++;
      this.#next = undefined;
    }
    return from;
  }

  /**
   * The first part of the next struct, in about so many bytes; the rest becomes the next one.
   * @returns undefined when it is no string, or too short for that
   */
  takePart(bytes: number): Stretch | undefined {
    const next = this.#required();
    const cut = cutBefore(next.content, bytes - next.head.length);
    if ((next.info & CONTENT_MASK) !== STRING || cut <= 0 || cut >= next.content.length) return undefined;
    const [first, rest] = [next.content.subarray(0, cut), next.content.subarray(cut)];
    const length = Buffer.from(first.buffer, first.byteOffset, first.length).toString('utf8').length;
    this.#clock += length;
    this.#next = this.#remainder(next, rest, length);
    return { bytes: encode(next, first), structs: 1 };
  }

  #required(): Next {
    this.peek();
    if (!this.#next) throw new Error('There is no struct left.');
    return this.#next;
  }

  /** What `splitItem` makes of the right half: it builds on the character before it. */
  #remainder(whole: Next, content: Uint8Array, cut: number): Next {
    const clock = whole.clock + cut;
    const encoder = encoding.createEncoder();
    const info = whole.info | HAS_ORIGIN;
    encoding.writeUint8(encoder, info);
    encoding.writeVarUint(encoder, this.client);
    encoding.writeVarUint(encoder, clock - 1);
    encoding.writeUint8Array(encoder, whole.right);
    const head = encoding.toUint8Array(encoder);
    const bytes = head.length + content.length;
    return { clock, length: whole.length - cut, needs: [], bytes, info, head, right: whole.right, content };
  }

  #read(): Next {
    const reader = this.#reader;
    const from = reader.position;
    const clock = this.#clock;
    const info = reader.byte();
    if ((info & CONTENT_MASK) === GC) {
      const length = reader.uint();
      const head = this.#bytes.subarray(from, reader.position);
      return { clock, length, needs: [], bytes: head.length, info, from, head, right: NOTHING, content: NOTHING };
    }
    const needs: number[] = [];
    if (info & HAS_ORIGIN) this.#readNeed(needs);
    const rightFrom = reader.position;
    if (info & HAS_RIGHT_ORIGIN) this.#readNeed(needs);
    const right = this.#bytes.subarray(rightFrom, reader.position);
    if ((info & (HAS_ORIGIN | HAS_RIGHT_ORIGIN)) === 0) this.#readParent(info, needs);
    const headTo = reader.position;
    const length = (CONTENT_LENGTH[info & CONTENT_MASK] as (reader: ByteReader) => number)(reader);
    const isString = (info & CONTENT_MASK) === STRING;
    const contentFrom = isString ? headTo + lengthPrefix(this.#bytes, headTo) : headTo;
    return {
      clock,
      length,
      needs,
      bytes: reader.position - from,
      info,
      from,
      head: this.#bytes.subarray(from, headTo),
      right,
      content: this.#bytes.subarray(contentFrom, reader.position),
    };
  }

  #readParent(info: number, needs: number[]): void {
    if (this.#reader.uint() === 1) this.#reader.skipText();
    else this.#readNeed(needs);
    if (info & HAS_PARENT_SUB) this.#reader.skipText();
  }

  #readNeed(needs: number[]): void {
    const client = this.#reader.uint();
    const clock = this.#reader.uint();
    if (client !== this.client) needs.push(client, clock);
  }
}

/** @param needs fours, see UpdateShape */
function areThere(needs: readonly number[], isThere: (client: number, clock: number) => boolean): boolean {
  for (let i = 0; i < needs.length; i += 4) if (!isThere(needs[i + 2] as number, needs[i + 3] as number)) return false;
  return true;
}

function encode({ info, head }: Next, content: Uint8Array): Uint8Array {
  const encoder = encoding.createEncoder();
  encoding.writeUint8Array(encoder, head);
  if ((info & CONTENT_MASK) === STRING) encoding.writeVarUint8Array(encoder, content);
  else encoding.writeUint8Array(encoder, content);
  return encoding.toUint8Array(encoder);
}

/** Bytes of the variable-length number at this place. */
function lengthPrefix(bytes: Uint8Array, at: number): number {
  let length = 1;
  while ((bytes[at + length - 1] as number) >= 0x80) length++;
  return length;
}

/** The last place at or before this one where a character of UTF-8 begins. */
function cutBefore(utf8: Uint8Array, at: number): number {
  let cut = Math.min(at, utf8.length);
  while (cut > 0 && cut < utf8.length && ((utf8[cut] as number) & 0xc0) === 0x80) cut--;
  return cut;
}
