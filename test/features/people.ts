// Rooms with people on sockets, for the tests of the slices.
import { call, type Guest, guest } from '../support/api.ts';
import { type BareClient, bareClient } from '../support/bare-client.ts';
import type { TestDatabase } from '../support/db.ts';
import { startServer, type TestServer } from '../support/server.ts';

export interface House {
  readonly server: TestServer;
  readonly url: string;
  /** As its owner: what no command shows. */
  readonly db: TestDatabase;
  /** A room and its owner, on a socket that has joined. */
  room(options?: { visibility?: string; maxParticipants?: number }): Promise<OwnedRoom>;
  /** Somebody new on a socket of their own. */
  somebody(displayName?: string): Promise<Visitor>;
  /** Another connection of the same user. */
  another(token: string): Promise<BareClient>;
  close(): Promise<void>;
}

export interface Visitor extends Guest {
  readonly client: BareClient;
}

export interface OwnedRoom {
  readonly id: string;
  readonly roomCode: string;
  /** The input that joins it. */
  readonly entry: { readonly roomCode: string };
  readonly owner: Visitor;
  /** Somebody new who has joined, with the given role. */
  member(role?: 'viewer' | 'participant' | 'collaborator'): Promise<Visitor>;
}

/** A server, and everything that has to be closed with it. */
export async function openHouse(settings: Record<string, string> = {}): Promise<House> {
  const server = await startServer(settings);
  const clients: BareClient[] = [];
  const another = async (token: string): Promise<BareClient> => {
    const client = await bareClient(server.url, token);
    clients.push(client);
    return client;
  };
  const somebody = async (displayName = 'Somebody'): Promise<Visitor> => {
    const known = await guest(server.url, displayName);
    return { ...known, client: await another(known.token) };
  };
  return {
    server,
    db: server.database,
    get url() {
      return server.url;
    },
    another,
    somebody,
    async room(options = {}) {
      const owner = await somebody('Owner');
      const { room } = await owner.client.ask('room.create', { name: 'Room', ...options });
      const { id, roomCode } = room;
      await owner.client.ask('room.join', { roomCode });
      return {
        id,
        roomCode,
        owner,
        entry: { roomCode },
        async member(role) {
          const visitor = await somebody(role ?? 'Member');
          await visitor.client.ask('room.join', { roomCode });
          if (role) await owner.client.ask('participant.setRole', { roomId: id, userId: visitor.id, role });
          return visitor;
        },
      };
    },
    async close() {
      for (const client of clients) client.close();
      await server.stop();
    },
  };
}

/** Who is in the room now, as a member sees it. */
export async function present(
  url: string,
  room: OwnedRoom,
): Promise<{ userId: string; color: number; role: string }[]> {
  const { data } = await call(url, `GET /api/rooms/${room.id}`, { token: room.owner.token });
  return data.participants.filter((participant: { online: boolean }) => participant.online);
}

export const namesOf = (client: BareClient, prefix: string): string[] =>
  client.events.map(({ name }) => name).filter((name) => name.startsWith(prefix));
