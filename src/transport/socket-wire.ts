// Documents over Socket.io: an event with one binary attachment, encoded once for all receivers into one buffer that
// holds both WebSocket frames, and written once per socket. The number of writes decides the CPU time of a broadcast.
//
// On the wire it is what Socket.io would send (packet type 5, one attachment); a client cannot tell the difference.
import type { Socket } from 'socket.io';
import type { WebSocket } from 'ws';
import { mergeBatch } from '../documents/linear-merge.ts';
import type { Wire } from '../documents/link.ts';
import { encodeBinary, encodeText, writeFrames } from './web-socket-frames.ts';

/** One event for every kind of receiver: ready-made frames, and the parts for a socket that is not on WebSocket. */
export interface SocketFrame {
  readonly event: 'doc.update' | 'doc.awareness';
  readonly fileId: string;
  readonly update: Uint8Array;
  readonly frames: Buffer;
}

function encode(event: SocketFrame['event'], fileId: string, update: Uint8Array): SocketFrame {
  const header = encodeText(`451-["${event}",{"fileId":"${fileId}","update":{"_placeholder":true,"num":0}}]`);
  return { event, fileId, update, frames: Buffer.concat([header, encodeBinary(update)]) };
}

export const socketWire: Wire = {
  name: 'socket.io',
  updates: (fileId, updates) => encode('doc.update', fileId, mergeBatch(updates)),
  awareness: (fileId, update) => encode('doc.awareness', fileId, update),
};

/** Writes a frame to a socket: in one piece where it is on WebSocket, as an ordinary event elsewhere. */
export function writeFrame(socket: Socket, frame: SocketFrame): void {
  if (writeToWebSocket(socket, frame.frames)) return;
  socket.emit(frame.event, { fileId: frame.fileId, update: frame.update });
}

/** Writes ready-made WebSocket frames. @returns false when the socket cannot take them now: emit instead */
export function writeToWebSocket(socket: Socket, frames: Uint8Array): boolean {
  const webSocket = webSocketOf(socket);
  return webSocket !== undefined && writeFrames(webSocket, frames);
}

/** The WebSocket of a socket, while what is written to it stays behind what engine.io has to send. */
function webSocketOf({ conn, nsp }: Socket): WebSocket | undefined {
  const free = conn.readyState === 'open' && !conn.upgrading && queueOf(conn).length === 0;
  if (!free || conn.transport.name !== 'websocket' || nsp.name !== '/') return undefined;
  return (conn.transport as unknown as { socket?: WebSocket }).socket;
}

/** Packets that engine.io has not handed to the transport; a private field, taken as full where it is missing. */
function queueOf(connection: Socket['conn']): readonly unknown[] {
  return (connection as unknown as { writeBuffer?: readonly unknown[] }).writeBuffer ?? [connection];
}

/** Bytes written to a socket and not yet taken by the network. */
export function waitingBytes(socket: Socket): number {
  const transport = socket.conn.transport as unknown as { socket?: { bufferedAmount?: number } };
  return transport.socket?.bufferedAmount ?? 0;
}
