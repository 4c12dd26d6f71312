// Events out to the sockets of rooms and of people, by rooms of Socket.io.
import type { Server } from 'socket.io';
import type { Publisher } from '../kernel/context.ts';
import type { PathRights } from '../kernel/path-rights.ts';
import type { User } from '../protocol/identity.ts';

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
      if (typeof to === 'string') return void io.to(roomOf(to)).emit(event, payload);
      const { roomId, paths } = to;
      io.to(roomOf(roomId)).except(limitedOf(roomId)).emit(event, payload);
      for (const connection of connectionsIn(io, limitedOf(roomId)))
        if (connection.mayRead(roomId, paths)) connection.emit(event, payload);
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

function connectionsIn(io: Server, room: string): ServedConnection[] {
  return [...(io.sockets.adapter.rooms.get(room) ?? [])]
    .map((id) => (io.sockets.sockets.get(id)?.data as { connection?: ServedConnection } | undefined)?.connection)
    .filter((connection) => connection !== undefined);
}
