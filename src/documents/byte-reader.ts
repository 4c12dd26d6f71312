// Reads lib0-encoded values from untrusted bytes. lib0's own decoder trusts its input in places (it returns short
// arrays, recurses without bound); this one throws `malformed_update` at the first byte that is not there.
import { AppError } from '../protocol/errors.ts';
import { LIMITS } from './limits.ts';

/** A byte order mark is a character here, as it is for Yjs; a decoder drops it unless it is told not to. */
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

const fail = (why: string): never => {
  throw new AppError('malformed_update', `The update ${why}.`);
};

export class ByteReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get atEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  /** Bytes read so far. */
  get position(): number {
    return this.#at;
  }

  /** Reads on from a place that was read before. */
  goTo(position: number): void {
    this.#at = position;
  }

  byte(): number {
    return this.#bytes[this.#at++] ?? fail('ends too early');
  }

  /** An unsigned integer of 7 bits a byte, up to 2^53 - 1. */
  uint(): number {
    let value = 0;
    let factor = 1;
    for (;;) {
      const byte = this.byte();
      value += (byte & 0x7f) * factor;
      if (value > Number.MAX_SAFE_INTEGER) fail('has a number out of range');
      if (byte < 0x80) return value;
      factor *= 128;
    }
  }

  /** The next length-prefixed bytes, as a view. */
  bytes(): Uint8Array {
    const length = this.uint();
    const from = this.#at;
    this.#skip(length);
    return this.#bytes.subarray(from, from + length);
  }

  skipBytes(): void {
    this.#skip(this.uint());
  }

  text(): string {
    const bytes = this.bytes();
    try {
      return utf8.decode(bytes);
    } catch {
      return fail('holds text that is not UTF-8');
    }
  }

  skipText(): void {
    this.textLength();
  }

  /** UTF-16 units of the next text; ASCII, which is nearly everything, is not decoded. */
  textLength(): number {
    const length = this.uint();
    const from = this.#at;
    this.#skip(length);
    for (let i = from; i < this.#at; i++) {
      if ((this.#bytes[i] as number) >= 0x80) {
        this.#at = from;
        return this.#decodedLength(length);
      }
    }
    return length;
  }

  #decodedLength(length: number): number {
    const from = this.#at;
    this.#skip(length);
    try {
      return utf8.decode(this.#bytes.subarray(from, from + length)).length;
    } catch {
      return fail('holds text that is not UTF-8');
    }
  }

  /** Moves behind a value of lib0's `writeAny`. */
  skipAny(depth = 0): void {
    if (depth > LIMITS.anyDepth) fail('is nested too deeply');
    const kind = this.byte();
    switch (kind) {
      case 127: // undefined
      case 126: // null
      case 121: // false
      case 120: // true
        return;
      case 125:
        return this.#skipInteger();
      case 124:
        return this.#skip(4);
      case 123:
      case 122:
        return this.#skip(8);
      case 119:
        return this.skipText();
      case 118:
        return this.#skipEach(() => {
          this.skipText();
          this.skipAny(depth + 1);
        });
      case 117:
        return this.#skipEach(() => this.skipAny(depth + 1));
      case 116:
        return this.skipBytes();
      default:
        fail('has a value of an unknown kind');
    }
  }

  #skipEach(skipOne: () => void): void {
    const count = this.uint();
    for (let i = 0; i < count; i++) skipOne();
  }

  #skipInteger(): void {
    for (let length = 1; this.byte() >= 0x80; length++) {
      if (length > 8) fail('has a number out of range');
    }
  }

  #skip(length: number): void {
    if (length > this.#bytes.length - this.#at) fail('ends too early');
    this.#at += length;
  }
}
