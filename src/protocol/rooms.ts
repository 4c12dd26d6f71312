// Rooms (table coding_sessions).
import { z } from 'zod';
import { command, event } from './define.ts';
import { file } from './files.ts';
import { user } from './identity.ts';
import { pageInput, role, shownLine, timestamp, uuid, visibility } from './ids.ts';
import { fileRights } from './permissions.ts';

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
  /** Null while it is open. */
  closedAt: timestamp.nullable(),
});
export type Room = z.infer<typeof room>;

export const participant = z.object({
  userId: uuid,
  displayName: z.string(),
  kind: z.enum(['human', 'guest', 'bot']),
  /** Whose bot it is. */
  botOwnerId: uuid.optional(),
  role,
  /** Index into the palette; people who are in the room together get different ones while there are enough. */
  color: z.number().int(),
  online: z.boolean(),
  joinedAt: timestamp,
  leftAt: timestamp.nullable(),
});
export type Participant = z.infer<typeof participant>;

const joined = z.object({
  room,
  participant,
  files: z.array(file),
  rights: fileRights.optional(),
  participants: z.array(participant),
});

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
  summary:
    'The rooms that the caller is a member of, the last joined first. Closed ones are shown to their owner only.',
  access: { scope: 'user', token: 'read' },
  http: { method: 'GET', path: '/api/rooms' },
  input: z.object({ state: z.enum(['open', 'closed']).default('open'), ...pageInput }),
  output: z.object({
    /** `invitedAt`: let in, and not come yet; else null. */
    rooms: z.array(room.extend({ role, joinedAt: timestamp, invitedAt: timestamp.nullable() })),
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

export const roomReopen = command({
  name: 'room.reopen',
  summary: 'Open a closed room again, with its code, members and contents.',
  access: { scope: 'room', via: 'roomId', action: 'room.reopen' },
  http: { method: 'POST', path: '/api/rooms/:roomId/reopen' },
  mutates: true,
  input: z.object({ roomId: uuid }),
  output: z.object({ room }),
});

export const roomUpdate = command({
  name: 'room.update',
  summary:
    'Change name, visibility or number of seats; what is left out stays. Visibility decides for those who come by the code from then on, and nobody loses a seat they have.',
  access: { scope: 'room', via: 'roomId', action: 'room.manage' },
  http: { method: 'PATCH', path: '/api/rooms/:roomId' },
  mutates: true,
  input: z.object({
    roomId: uuid,
    name: shownLine(ROOM_NAME_LENGTH).optional(),
    visibility: visibility.optional(),
    maxParticipants: z.number().int().min(1).max(MAX_PARTICIPANTS).optional(),
  }),
  output: z.object({ room }),
});

export const roomRotateCode = command({
  name: 'room.rotateCode',
  summary: 'Give a room another code. The one before leads nowhere from then on; members stay and are told.',
  access: { scope: 'room', via: 'roomId', action: 'room.manage' },
  http: { method: 'POST', path: '/api/rooms/:roomId/code' },
  mutates: true,
  rate: { perMinute: 60 },
  input: z.object({ roomId: uuid }),
  output: z.object({ room }),
});

export const roomHandOver = command({
  name: 'room.handOver',
  summary: 'Make another member the owner. Who was it until then is a collaborator.',
  access: { scope: 'room', via: 'roomId', action: 'room.manage' },
  http: { method: 'POST', path: '/api/rooms/:roomId/owner' },
  mutates: true,
  input: z.object({ roomId: uuid, userId: uuid }),
  output: z.object({ room }),
});

export const roomKnocked = event({
  name: 'room.knocked',
  summary: 'Somebody with the code was refused at a private room; a manager may let them in.',
  payload: z.object({ roomId: uuid, user }),
});
export const roomClosed = event({
  name: 'room.closed',
  summary: 'The room was closed; nothing more comes from it.',
  payload: z.object({ roomId: uuid }),
});
export const roomChanged = event({
  name: 'room.changed',
  summary: 'Name, code, visibility, seats or owner changed.',
  payload: z.object({ roomId: uuid, room }),
});
export const serverDraining = event({
  name: 'server.draining',
  summary: 'The server stops; connect again after the given time.',
  payload: z.object({ reconnectAfterMs: z.number().int() }),
});
