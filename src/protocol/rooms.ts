// Rooms (table coding_sessions) and the people in them.
import { z } from 'zod';
import { command, event } from './define.ts';
import { file } from './files.ts';
import { displayName, pageInput, role, shownLine, timestamp, uuid, visibility } from './ids.ts';

export const ROOM_NAME_LENGTH = 100;
/** More people than this in one room is another kind of product; the log and the fan-out are measured up to it. */
export const MAX_PARTICIPANTS = 1000;

export const room = z.object({
  id: uuid,
  name: z.string(),
  /** Shown in two groups, `ABCD-EFGH`. */
  roomCode: z.string(),
  visibility,
  maxParticipants: z.number().int(),
  ownerId: uuid,
  createdAt: timestamp,
});
export type Room = z.infer<typeof room>;

export const participant = z.object({
  userId: uuid,
  displayName: z.string(),
  kind: z.enum(['human', 'guest', 'bot']),
  role,
  /** Index into the palette; people who are in the room together get different ones while there are enough. */
  color: z.number().int(),
  online: z.boolean(),
  joinedAt: timestamp,
  leftAt: timestamp.nullable(),
});
export type Participant = z.infer<typeof participant>;

const joined = z.object({ room, participant, files: z.array(file), participants: z.array(participant) });

export const roomCreate = command({
  name: 'room.create',
  summary: 'Open a room; the caller owns it.',
  access: { scope: 'user' },
  http: { method: 'POST', path: '/api/rooms' },
  mutates: true,
  rate: { perMinute: 1200 },
  input: z.object({
    name: shownLine(ROOM_NAME_LENGTH),
    visibility: visibility.default('collaborative'),
    maxParticipants: z.number().int().min(1).max(MAX_PARTICIPANTS).default(200),
  }),
  output: z.object({ room }),
});

export const roomList = command({
  name: 'room.list',
  summary: 'The open rooms that the caller is a member of, the last joined first.',
  access: { scope: 'user', token: 'read' },
  http: { method: 'GET', path: '/api/rooms' },
  input: z.object(pageInput),
  output: z.object({
    rooms: z.array(room.extend({ role, joinedAt: timestamp })),
    nextCursor: z.string().nullable(),
  }),
});

export const roomJoin = command({
  name: 'room.join',
  summary: 'Join a room by its code. Over Socket.io the connection receives the events of the room from then on.',
  access: { scope: 'user', token: 'read' },
  http: { method: 'POST', path: '/api/rooms/join' },
  mutates: true,
  transaction: 'shared',
  input: z.object({ roomCode: z.string().max(32) }),
  output: joined,
});

export const roomGet = command({
  name: 'room.get',
  summary: 'A room with its participants and files.',
  access: { scope: 'room', via: 'roomId', action: 'room.read' },
  http: { method: 'GET', path: '/api/rooms/:roomId' },
  input: z.object({ roomId: uuid }),
  output: joined,
});

export const roomLeave = command({
  name: 'room.leave',
  summary: 'Leave a room. Membership and role are kept for the next time.',
  access: { scope: 'room', via: 'roomId', action: 'room.leave' },
  http: { method: 'POST', path: '/api/rooms/:roomId/leave' },
  mutates: true,
  input: z.object({ roomId: uuid }),
  output: z.object({}),
});

export const roomClose = command({
  name: 'room.close',
  summary: 'Close a room: everybody is sent out, its code stops working, its contents are kept.',
  access: { scope: 'room', via: 'roomId', action: 'room.manage' },
  http: { method: 'POST', path: '/api/rooms/:roomId/close' },
  mutates: true,
  input: z.object({ roomId: uuid }),
  output: z.object({}),
});

export const participantAdmit = command({
  name: 'participant.admit',
  summary: 'Let somebody into a private room, who may then join by its code.',
  access: { scope: 'room', via: 'roomId', action: 'room.manage' },
  http: { method: 'POST', path: '/api/rooms/:roomId/participants' },
  mutates: true,
  input: z.object({ roomId: uuid, userId: uuid, role: role.exclude(['owner']).default('collaborator') }),
  output: z.object({ participant }),
});

export const participantSetRole = command({
  name: 'participant.setRole',
  summary: 'Change a role. It holds at once, also for documents that are open.',
  access: { scope: 'room', via: 'roomId', action: 'room.manage' },
  http: { method: 'PATCH', path: '/api/rooms/:roomId/participants/:userId' },
  mutates: true,
  input: z.object({ roomId: uuid, userId: uuid, role: role.exclude(['owner']) }),
  output: z.object({ participant }),
});

const change = z.object({ roomId: uuid, participant });
/** Those who come or go together, in one event. */
const changes = z.object({ roomId: uuid, participants: z.array(participant) });
export const participantJoined = event({ name: 'participant.joined', summary: 'People came in.', payload: changes });
export const participantLeft = event({ name: 'participant.left', summary: 'People left.', payload: changes });
export const participantChanged = event({
  name: 'participant.changed',
  summary: 'A role or a name changed.',
  payload: change,
});
export const roomKnocked = event({
  name: 'room.knocked',
  summary: 'Somebody with the code was refused at a private room; a manager may let them in.',
  payload: z.object({ roomId: uuid, user: z.object({ id: uuid, displayName }) }),
});
export const roomClosed = event({
  name: 'room.closed',
  summary: 'The room was closed; nothing more comes from it.',
  payload: z.object({ roomId: uuid }),
});
export const serverDraining = event({
  name: 'server.draining',
  summary: 'The server stops; connect again after the given time.',
  payload: z.object({ reconnectAfterMs: z.number().int() }),
});
