// Events out to the sockets of rooms and of people, by rooms of Socket.io.
import type { Server, Socket } from 'socket.io';
import type { Publisher } from '../kernel/context.ts';
import type { PathRights } from '../kernel/path-rights.ts';
import type { User } from '../protocol/identity.ts';
import { writeToWebSocket } from './socket-wire.ts';
import { encodeText } from './web-socket-frames.ts';

/** What a served socket lets be done to it; it stands in `socket.data.connection`. */
export interface ServedConnection {
  introduce(user: User): void;
  /** Other rights in a room; nothing where the connection is not in it. */
  restrict(roomId: string, files: PathRights): void;
  mayRead(roomId: string, paths: readonly string[]): boolean;
  emit(event: string, payload: unknown): void;
  exit(roomId: string): void;
}

export const roomOf = (roomId: string): string => `room:${roomId}`;
export const userOf = (userId: string): string => `user:${userId}`;
/** Those in a room whom rules by path keep from some of its files. */
export const limitedOf = (roomId: string): string => `limited:${roomId}`;

export function socketPublisher(io: Server): Publisher {
  return {
    publish(event, to, payload) {
      const { roomId, paths } = typeof to === 'string' ? { roomId: to, paths: [] } : to;
      const limited = paths.length > 0 ? membersOf(io, limitedOf(roomId)) : undefined;
      let frame: Buffer | undefined;
      for (const id of membersOf(io, roomOf(roomId)) ?? []) {
        const socket = io.sockets.sockets.get(id);
        if (!socket || (limited?.has(id) && !connectionOf(socket)?.mayRead(roomId, paths))) continue;
        frame ??= encodeEvent(event, payload);
        if (!writeToWebSocket(socket, frame)) socket.emit(event, payload);
      }
    },
    publishTo: (event, userId, payload) => void io.to(userOf(userId)).emit(event, payload),
    introduce(user) {
      for (const connection of connectionsIn(io, userOf(user.id))) connection.introduce(user);
    },
    restrict(roomId, userId, files) {
      for (const connection of connectionsIn(io, userOf(userId))) connection.restrict(roomId, files);
    },
    dismiss(roomId, userId) {
      const room = userId === undefined ? roomOf(roomId) : userOf(userId);
      for (const connection of connectionsIn(io, room)) connection.exit(roomId);
    },
  };
}

/** What Socket.io would send, as a frame: events have no bytes in them. Made once, and written past its queues. */
const encodeEvent = (event: string, payload: unknown): Buffer => encodeText(`42${JSON.stringify([event, payload])}`);

const membersOf = (io: Server, room: string): ReadonlySet<string> | undefined => io.sockets.adapter.rooms.get(room);

function connectionOf(socket: Socket | undefined): ServedConnection | undefined {
  return (socket?.data as { connection?: ServedConnection } | undefined)?.connection;
}

function connectionsIn(io: Server, room: string): ServedConnection[] {
  return [...(membersOf(io, room) ?? [])]
    .map((id) => connectionOf(io.sockets.sockets.get(id)))
    .filter((connection) => connection !== undefined);
}
