// The messages of the y-websocket protocol, read and written.

import { ByteReader } from '../documents/byte-reader.ts';
import { mergeBatch } from '../documents/linear-merge.ts';
import type { Wire } from '../documents/link.ts';
import { encodeBinary } from './web-socket-frames.ts';

const SYNC = 0;
const AWARENESS = 1;
const QUERY_AWARENESS = 3;
const STEP_1 = 0;
const STEP_2 = 1;
const UPDATE = 2;

export type SyncMessage =
  | { readonly type: 'step1'; readonly stateVector: Uint8Array }
  | { readonly type: 'update'; readonly update: Uint8Array }
  | { readonly type: 'awareness'; readonly update: Uint8Array }
  | { readonly type: 'query' }
  /** Kinds that other servers know and this one has no use for. */
  | { readonly type: 'other' };

/** @throws AppError `malformed_update` when the bytes are no message */
export function readMessage(data: Uint8Array): SyncMessage {
  const reader = new ByteReader(data);
  switch (reader.uint()) {
    case SYNC:
      // Bytes are copied out of the socket's buffer: updates are kept.
      return reader.uint() === STEP_1
        ? { type: 'step1', stateVector: reader.bytes() }
        : { type: 'update', update: Uint8Array.from(reader.bytes()) };
    case AWARENESS:
      return { type: 'awareness', update: reader.bytes() };
    case QUERY_AWARENESS:
      return { type: 'query' };
    default:
      return { type: 'other' };
  }
}

export const stateVectorMessage = (stateVector: Uint8Array): Uint8Array => message([SYNC, STEP_1], stateVector);
export const stepTwoMessage = (update: Uint8Array): Uint8Array => message([SYNC, STEP_2], update);
export const updateMessage = (update: Uint8Array): Uint8Array => message([SYNC, UPDATE], update);
export const awarenessMessage = (update: Uint8Array): Uint8Array => message([AWARENESS], update);

/** A message, and the WebSocket frame that carries it. */
export interface SyncFrame {
  readonly message: Uint8Array;
  readonly frames: Buffer;
}

const frameOf = (message: Uint8Array): SyncFrame => ({
  message,
  frames: encodeBinary(message),
});

export const syncWire: Wire = {
  name: 'y-websocket',
  updates: (_fileId, updates) => frameOf(updateMessage(mergeBatch(updates))),
  awareness: (_fileId, update) => frameOf(awarenessMessage(update)),
};

/** Kind bytes, then the length-prefixed body. */
function message(kind: readonly number[], body: Uint8Array): Uint8Array {
  const head = [...kind];
  let length = body.length;
  while (length > 0x7f) {
    head.push(0x80 | (length & 0x7f));
    length = Math.floor(length / 0x80);
  }
  head.push(length);
  const bytes = new Uint8Array(head.length + body.length);
  bytes.set(head);
  bytes.set(body, head.length);
  return bytes;
}
