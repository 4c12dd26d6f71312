// TextEncoder and TextDecoder for UTF-8, the only encoding there is in here.

const REPLACEMENT = 0xfffd;

/** UTF-8 bytes of a string; lone surrogates become U+FFFD. */
export class TextEncoder {
  readonly encoding = 'utf-8';

  encode(input: unknown = ''): Uint8Array {
    const text = String(input);
    const bytes = new Uint8Array(text.length * 3);
    let at = 0;
    for (const char of text) {
      const code = char.codePointAt(0)!;
      at = put(bytes, at, code >= 0xd800 && code <= 0xdfff ? REPLACEMENT : code);
    }
    return bytes.slice(0, at);
  }

  encodeInto(input: unknown, target: Uint8Array): { read: number; written: number } {
    let read = 0;
    let written = 0;
    for (const char of String(input)) {
      const bytes = this.encode(char);
      if (written + bytes.length > target.length) break;
      target.set(bytes, written);
      read += char.length;
      written += bytes.length;
    }
    return { read, written };
  }
}

function put(bytes: Uint8Array, start: number, code: number): number {
  let at = start;
  if (code < 0x80) {
    bytes[at++] = code;
    return at;
  }
  const tail = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
  bytes[at++] = (tail === 1 ? 0xc0 : tail === 2 ? 0xe0 : 0xf0) | (code >> (6 * tail));
  for (let i = tail - 1; i >= 0; i--) bytes[at++] = 0x80 | ((code >> (6 * i)) & 0x3f);
  return at;
}

/** The string of UTF-8 bytes. `fatal: true` throws on a bad sequence; otherwise it becomes U+FFFD. */
export class TextDecoder {
  readonly encoding = 'utf-8';
  readonly fatal: boolean;
  readonly ignoreBOM: boolean;

  constructor(label: unknown = 'utf-8', options: { fatal?: boolean; ignoreBOM?: boolean } = {}) {
    if (!/^\s*(utf-?8|unicode-1-1-utf-8)\s*$/i.test(String(label)))
      throw new RangeError(`unknown encoding: ${String(label)}`);
    this.fatal = options.fatal === true;
    this.ignoreBOM = options.ignoreBOM === true;
  }

  decode(input: ArrayBuffer | ArrayBufferView = new Uint8Array()): string {
    const bytes = ArrayBuffer.isView(input)
      ? new Uint8Array(input.buffer, input.byteOffset, input.byteLength)
      : new Uint8Array(input);
    const parts: string[] = [];
    let at = !this.ignoreBOM && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
    while (at < bytes.length) {
      const plain = plainRun(bytes, at);
      if (plain > at) {
        parts.push(fromCharCode(...bytes.subarray(at, plain)));
        at = plain;
        continue;
      }
      const { code, size } = codeAt(bytes, at);
      if (code < 0 && this.fatal) throw new TypeError('the bytes are not UTF-8');
      parts.push(String.fromCodePoint(code < 0 ? REPLACEMENT : code));
      at += size;
    }
    return parts.join('');
  }
}

const { fromCharCode } = String;

const RUN = 4096; // arguments of one call; far more would not fit on the stack

/** Where the ASCII that starts here ends, or this much of it. */
function plainRun(bytes: Uint8Array, start: number): number {
  const most = Math.min(bytes.length, start + RUN);
  let at = start;
  while (at < most && bytes[at]! < 0x80) at++;
  return at;
}

/** Decodes UTF-8 that comes in pieces, which may be cut anywhere. */
export class StreamDecoder {
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  #rest = new Uint8Array();

  /** The text of all that is complete now. */
  push(piece: Uint8Array): string {
    const bytes = new Uint8Array(this.#rest.length + piece.length);
    bytes.set(this.#rest);
    bytes.set(piece, this.#rest.length);
    const end = bytes.length - unfinished(bytes);
    this.#rest = bytes.slice(end);
    return this.#decoder.decode(bytes.subarray(0, end));
  }
}

/** How many bytes at the end begin a character that goes on. */
function unfinished(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back]!;
    if (byte < 0x80) return 0;
    if (byte >= 0xc0) return back < (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2) ? back : 0;
  }
  return 0;
}

/** Smallest code point that needs 1, 2 or 3 continuation bytes: anything below is an overlong form. */
const SMALLEST = [0, 0x80, 0x800, 0x10000];

function codeAt(bytes: Uint8Array, at: number): { code: number; size: number } {
  const first = bytes[at]!;
  if (first < 0x80) return { code: first, size: 1 };
  const tail = first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : 1;
  if (first < 0xc2 || first > 0xf4) return { code: -1, size: 1 };
  let code = first & (0x3f >> tail);
  for (let i = 1; i <= tail; i++) {
    const next = bytes[at + i];
    if (next === undefined || (next & 0xc0) !== 0x80) return { code: -1, size: i };
    code = (code << 6) | (next & 0x3f);
  }
  const valid = code >= SMALLEST[tail]! && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
  return { code: valid ? code : -1, size: valid ? tail + 1 : 1 };
}
