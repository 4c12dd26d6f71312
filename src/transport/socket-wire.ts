// Documents over Socket.io: an event with one binary attachment, encoded once for all receivers into one buffer that
// holds both WebSocket frames, and written once per socket. The number of writes decides the CPU time of a broadcast.
//
// On the wire it is what Socket.io would send (packet type 5, one attachment); a client cannot tell the difference.
import type { Socket } from 'socket.io';
import { mergeBatch } from '../documents/linear-merge.ts';
import type { Wire } from '../documents/link.ts';

const TEXT = 0x81;
const BINARY = 0x82;
const LONG = 126;
const VERY_LONG = 127;

/** One event for every kind of receiver: ready-made frames, and the parts for a socket that is not on WebSocket. */
export interface SocketFrame {
  readonly event: 'doc.update' | 'doc.awareness';
  readonly fileId: string;
  readonly update: Uint8Array;
  readonly frames: Buffer;
}

function encode(event: SocketFrame['event'], fileId: string, update: Uint8Array): SocketFrame {
  const header = Buffer.from(`451-["${event}",{"fileId":"${fileId}","update":{"_placeholder":true,"num":0}}]`);
  const parts = [frameHead(TEXT, header.length), header, frameHead(BINARY, update.length), update];
  return { event, fileId, update, frames: Buffer.concat(parts) };
}

/** The head of an unmasked WebSocket frame (RFC 6455, section 5.2). */
function frameHead(kind: number, length: number): Buffer {
  if (length < LONG) return Buffer.of(kind, length);
  if (length <= 0xffff) return Buffer.of(kind, LONG, length >> 8, length & 0xff);
  const head = Buffer.alloc(10);
  head[0] = kind;
  head[1] = VERY_LONG;
  head.writeBigUInt64BE(BigInt(length), 2);
  return head;
}

export const socketWire: Wire = {
  name: 'socket.io',
  updates: (fileId, updates) => encode('doc.update', fileId, mergeBatch(updates)),
  awareness: (fileId, update) => encode('doc.awareness', fileId, update),
};

/** Writes a frame to a socket: in one piece where it is on WebSocket, as an ordinary event elsewhere. */
export function writeFrame(socket: Socket, frame: SocketFrame): void {
  const connection = socket.conn;
  if (connection.transport.name !== 'websocket' || connection.readyState !== 'open' || socket.nsp.name !== '/') {
    socket.emit(frame.event, { fileId: frame.fileId, update: frame.update });
    return;
  }
  // engine.io hands `wsPreEncodedFrame` to the WebSocket as it is; it is how its own broadcasts avoid encoding twice.
  const options = { compress: false, wsPreEncodedFrame: [frame.frames] };
  connection.write('', options as Parameters<typeof connection.write>[1]);
}

/** Bytes written to a socket and not yet taken by the network. */
export function waitingBytes(socket: Socket): number {
  const transport = socket.conn.transport as unknown as { socket?: { bufferedAmount?: number } };
  return transport.socket?.bufferedAmount ?? 0;
}
