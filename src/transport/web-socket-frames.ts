// WebSocket frames made once and written to many sockets, past the queues of ws and engine.io: for a broadcast the
// way through them costs more than the kernel's write. What they have queued goes first, so order is kept.
import type { Socket as TcpSocket } from 'node:net';
import type { WebSocket } from 'ws';

const TEXT = 0x81;
const BINARY = 0x82;
const LONG = 126;
const VERY_LONG = 127;

/** The head of an unmasked WebSocket frame (RFC 6455, section 5.2). */
function frameHead(kind: typeof TEXT | typeof BINARY, length: number): Buffer {
  if (length < LONG) return Buffer.of(kind, length);
  if (length <= 0xffff) return Buffer.of(kind, LONG, length >> 8, length & 0xff);
  const head = Buffer.alloc(10);
  head[0] = kind;
  head[1] = VERY_LONG;
  head.writeBigUInt64BE(BigInt(length), 2);
  return head;
}

/** A text message as a frame. */
export function encodeText(text: string): Buffer {
  const body = Buffer.from(text);
  return Buffer.concat([frameHead(TEXT, body.length), body]);
}

/** A binary message as a frame. */
export function encodeBinary(body: Uint8Array): Buffer {
  return Buffer.concat([frameHead(BINARY, body.length), body]);
}

/** What ws keeps to itself; checked before use, because another version may keep it elsewhere. */
interface Inside {
  readonly _socket?: TcpSocket;
  /** Holds back messages while it compresses one (off here) or reads a Blob (never here). */
  readonly _sender?: { readonly _queue?: readonly unknown[] };
}

/**
 * Writes whole frames.
 * @returns false when that is not possible now: send the message the ordinary way
 */
export function writeFrames(socket: WebSocket, frames: Uint8Array): boolean {
  const { _socket, _sender } = socket as unknown as Inside;
  if (!_socket || _sender?._queue?.length !== 0 || socket.readyState !== socket.OPEN) return false;
  _socket.write(frames);
  return true;
}
