// Where the clients of a scenario go. Most peers make a document when its name is first heard; ours wants people, rooms
// and files, which are made over HTTP before anything is measured.
import type { Address } from './load-client.ts';

export interface Site {
  /** Where a person goes to be in a room; both are numbers from 0 and go round. */
  address(room: number, person: number): Address;
}

export interface SiteRequest {
  readonly port: number;
  readonly rooms: number;
  readonly people: number;
}

export type PrepareSite = (request: SiteRequest) => Promise<Site>;

/** Requests under way at once. */
const PARALLEL = 8;
/** The most that a room takes; a limit of the contract. */
const MAX_PARTICIPANTS = 1000;
const FILE = 'main.txt';

let names = 0;
const RUN = `${Date.now().toString(36)}${process.pid.toString(36)}`;

/** Rooms that nobody has been in. */
export const namedSite: PrepareSite = async ({ rooms }) => {
  const made = Array.from({ length: rooms }, () => `r${RUN}-${names++}`);
  return { address: (room) => ({ room: made[room % rooms] as string }) };
};

interface OwnRoom {
  readonly roomCode: string;
  readonly fileId: string;
}

/** Guests, rooms and a file in each, for clients on Socket.io. */
export const ownSite: PrepareSite = async (request) => {
  const call = caller(request.port);
  const [owner, ...guests] = await inParallel(request.people + 1, (i) => makeGuest(call, i));
  const rooms = await inParallel(request.rooms, (i) => makeRoom(call, owner as string, i));
  return {
    address(room, person) {
      const { roomCode, fileId } = rooms[room % rooms.length] as OwnRoom;
      return { room: roomCode, roomCode, fileId, token: guests[person % guests.length] as string };
    },
  };
};

/** The same, for clients of the y-websocket endpoint. */
export const syncSite: PrepareSite = async (request) => {
  const site = await ownSite(request);
  return {
    address(room, person) {
      const address = site.address(room, person);
      return { ...address, path: `/yjs/${address.roomCode}/${FILE}?token=${address.token}` };
    },
  };
};

type Call = (path: string, body: object, token?: string) => Promise<any>;

function caller(port: number): Call {
  return async (path, body, token) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) },
      body: JSON.stringify(body),
    });
    const answer: any = await response.json();
    if (!answer.ok) throw new Error(`${path}: ${JSON.stringify(answer.error)}`);
    return answer.data;
  };
}

async function makeGuest(call: Call, index: number): Promise<string> {
  return (await call('/api/guests', { displayName: `User ${index}` })).token;
}

async function makeRoom(call: Call, token: string, index: number): Promise<OwnRoom> {
  const body = { name: `Room ${index}`, maxParticipants: MAX_PARTICIPANTS };
  const { room } = await call('/api/rooms', body, token);
  const { file } = await call(`/api/rooms/${room.id}/files`, { path: FILE }, token);
  return { roomCode: room.roomCode, fileId: file.id };
}

/** Does something for 0 to count - 1, some at a time. */
async function inParallel<T>(count: number, act: (index: number) => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < count) {
      const index = next++;
      results[index] = await act(index);
    }
  };
  await Promise.all(Array.from({ length: Math.min(PARALLEL, count) }, lane));
  return results;
}
