// Yjs (v1) bytes by hand: the update of "one more character" (about 20 bytes, like a real keystroke), and walkers that
// say what an update carries. A receipt is so matched with its edit without a Y.Doc per client, also in merged updates.

/** The text that the load types into. */
export const ROOT = 'content';
/** First client id of the load: a 5-byte varint, as most real random client ids are. */
export const CLIENT_BASE = 0x50000000;
export const EMPTY_UPDATE = Uint8Array.of(0, 0);
export const EMPTY_STATE_VECTOR = Uint8Array.of(0);

const encoder = new TextEncoder();
const ROOT_BYTES = encoder.encode(ROOT);
/** Content references of Yjs structs. */
const GC = 0;
const DELETED = 1;
const STRING = 4;
const SKIP = 10;
/** Flags of a struct's info byte: has a left origin, a right origin, a key in its parent. */
const LEFT = 0x80;
const RIGHT = 0x40;
const KEY = 0x20;

function putVarUint(to: number[], value: number): void {
  let rest = value;
  while (rest > 127) {
    to.push(128 | (rest & 127));
    rest = Math.floor(rest / 128);
  }
  to.push(rest);
}

/** The update in which a client types a character after its previous one. */
export function typingUpdate(client: number, clock: number): Uint8Array {
  const bytes = [1, 1];
  putVarUint(bytes, client);
  putVarUint(bytes, clock);
  if (clock === 0) {
    bytes.push(STRING, 1, ROOT_BYTES.length, ...ROOT_BYTES);
  } else {
    bytes.push(STRING | LEFT);
    putVarUint(bytes, client);
    putVarUint(bytes, clock - 1);
  }
  bytes.push(1, 97 + (clock % 26), 0);
  return Uint8Array.from(bytes);
}

/** A y-protocols awareness update with one state. */
export function awarenessUpdate(client: number, clock: number, json: string): Uint8Array {
  const state = encoder.encode(json);
  const head = [1];
  putVarUint(head, client);
  putVarUint(head, clock);
  putVarUint(head, state.length);
  return joinBytes(head, state);
}

/** Bytes with their length before them. */
export function varBytes(bytes: Uint8Array): Uint8Array {
  const head: number[] = [];
  putVarUint(head, bytes.length);
  return joinBytes(head, bytes);
}

export const varString = (text: string): Uint8Array => varBytes(encoder.encode(text));

export function joinBytes(...parts: readonly ArrayLike<number>[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

// Reading keeps its place in a module variable: nothing is allocated per message.
let place = 0;

/** Begins to read a message. */
export function seek(to: number): void {
  place = to;
}

/** The length-prefixed bytes at the place, as a view. */
export function readBytes(bytes: Uint8Array): Uint8Array {
  const length = readVarUint(bytes);
  place += length;
  return bytes.subarray(place - length, place);
}

export function readVarUint(bytes: Uint8Array): number {
  let byte = bytes[place++] as number;
  if (byte < 128) return byte;
  let value = byte & 127;
  for (let factor = 128; ; factor *= 128) {
    byte = bytes[place++] as number;
    value += (byte & 127) * factor;
    if (byte < 128) return value;
  }
}

function skipBytes(bytes: Uint8Array): void {
  const length = readVarUint(bytes);
  place += length;
}

/** Called with the text that a client typed: its clock and its length in UTF-16 units (the load is ASCII). */
export type TypedVisitor = (client: number, clock: number, length: number) => void;

/** Visits every piece of text in an update, up to the first content that is not the load's. */
export function walkUpdate(bytes: Uint8Array, visit: TypedVisitor): void {
  place = 0;
  const clients = readVarUint(bytes);
  for (let i = 0; i < clients; i++) {
    const structs = readVarUint(bytes);
    const client = readVarUint(bytes);
    let clock = readVarUint(bytes);
    for (let j = 0; j < structs; j++) {
      const info = bytes[place++] as number;
      const length = readStruct(bytes, info);
      if (length < 0) return;
      if ((info & 31) === STRING) visit(client, clock, length);
      clock += length;
    }
  }
}

/** @returns the length of the struct, -1 when it is nothing that the load makes */
function readStruct(bytes: Uint8Array, info: number): number {
  const kind = info & 31;
  if (kind === GC || kind === SKIP) return readVarUint(bytes);
  for (const origin of [LEFT, RIGHT]) {
    if (!(info & origin)) continue;
    readVarUint(bytes);
    readVarUint(bytes);
  }
  if (!(info & (LEFT | RIGHT))) readParent(bytes, info);
  if (kind !== STRING && kind !== DELETED) return -1;
  const length = readVarUint(bytes);
  if (kind === STRING) place += length;
  return length;
}

function readParent(bytes: Uint8Array, info: number): void {
  if (readVarUint(bytes) === 1) {
    skipBytes(bytes);
  } else {
    readVarUint(bytes);
    readVarUint(bytes);
  }
  if (info & KEY) skipBytes(bytes);
}

/** Visits the client and clock of every state in an awareness update. */
export function walkAwareness(bytes: Uint8Array, visit: (client: number, clock: number) => void): void {
  place = 0;
  const count = readVarUint(bytes);
  for (let i = 0; i < count; i++) {
    const client = readVarUint(bytes);
    const clock = readVarUint(bytes);
    skipBytes(bytes);
    visit(client, clock);
  }
}
