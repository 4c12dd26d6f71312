// Who may be in a room, and as what: let in, invited, given a role, taken out, banned.
import { z } from 'zod';
import { command, event } from './define.ts';
import { pageInput, role, shownLine, timestamp, uuid } from './ids.ts';
import { participant, room } from './rooms.ts';

/** Roles that can be given; a room is handed over with `room.handOver`. */
export const givenRole = role.exclude(['owner']);

/** As in `users.username`. */
export const USERNAME_LENGTH = 50;

export const participantAdmit = command({
  name: 'participant.admit',
  summary: 'Let somebody into a private room, who may then join by its code.',
  access: { scope: 'room', via: 'roomId', action: 'room.manage' },
  http: { method: 'POST', path: '/api/rooms/:roomId/participants' },
  mutates: true,
  input: z.object({ roomId: uuid, userId: uuid, role: givenRole.default('collaborator') }),
  output: z.object({ participant }),
});

export const participantInvite = command({
  name: 'participant.invite',
  summary: 'Invite somebody by user name: they are a member from then on, are told, and find the room in their list.',
  access: { scope: 'room', via: 'roomId', action: 'room.manage' },
  http: { method: 'POST', path: '/api/rooms/:roomId/invitations' },
  mutates: true,
  // User names are not for trying out.
  rate: { perMinute: 60 },
  input: z.object({
    roomId: uuid,
    username: shownLine(USERNAME_LENGTH),
    role: givenRole.default('collaborator'),
  }),
  output: z.object({ participant }),
});

export const participantSetRole = command({
  name: 'participant.setRole',
  summary:
    'Change a role. It holds at once, also for documents that are open; bots of theirs are no more than that from then on.',
  access: { scope: 'room', via: 'roomId', action: 'room.manage' },
  http: { method: 'PATCH', path: '/api/rooms/:roomId/participants/:userId' },
  mutates: true,
  input: z.object({ roomId: uuid, userId: uuid, role: givenRole }),
  output: z.object({ participant }),
});

export const participantRemove = command({
  name: 'participant.remove',
  summary:
    'Take somebody out of a room, at once, with all their connections and their bots. With the code they may come back where the room is not private; their runs and edits stay.',
  access: { scope: 'room', via: 'roomId', action: 'room.manage' },
  http: { method: 'DELETE', path: '/api/rooms/:roomId/participants/:userId' },
  mutates: true,
  input: z.object({ roomId: uuid, userId: uuid }),
  output: z.object({}),
});

export const participantBan = command({
  name: 'participant.ban',
  summary: 'Take somebody out of a room for good: the code does not work for them any more.',
  access: { scope: 'room', via: 'roomId', action: 'room.manage' },
  http: { method: 'PUT', path: '/api/rooms/:roomId/bans/:userId' },
  mutates: true,
  input: z.object({ roomId: uuid, userId: uuid }),
  output: z.object({}),
});

export const participantUnban = command({
  name: 'participant.unban',
  summary: 'Take a ban back. They are no member: they come in like anybody else.',
  access: { scope: 'room', via: 'roomId', action: 'room.manage' },
  http: { method: 'DELETE', path: '/api/rooms/:roomId/bans/:userId' },
  mutates: true,
  input: z.object({ roomId: uuid, userId: uuid }),
  output: z.object({}),
});

export const ban = z.object({
  userId: uuid,
  displayName: z.string(),
  bannedBy: uuid.nullable(),
  createdAt: timestamp,
});
export type Ban = z.infer<typeof ban>;

export const participantBans = command({
  name: 'participant.bans',
  summary: 'Who is banned from a room, the last one first.',
  access: { scope: 'room', via: 'roomId', action: 'settings.read' },
  http: { method: 'GET', path: '/api/rooms/:roomId/bans' },
  input: z.object({ roomId: uuid, ...pageInput }),
  output: z.object({ bans: z.array(ban), nextCursor: z.string().nullable() }),
});

const change = z.object({ roomId: uuid, participant });
/** Those who come or go together, in one event. */
const changes = z.object({ roomId: uuid, participants: z.array(participant) });
export const participantJoined = event({ name: 'participant.joined', summary: 'People came in.', payload: changes });
export const participantLeft = event({ name: 'participant.left', summary: 'People left.', payload: changes });
export const participantChanged = event({
  name: 'participant.changed',
  summary: 'A role or a name changed, or somebody may now come in.',
  payload: change,
});
export const participantRemoved = event({
  name: 'participant.removed',
  summary: 'Somebody is no member any more. To them it is the last event of the room.',
  payload: z.object({ roomId: uuid, userId: uuid, banned: z.boolean() }),
});
export const roomInvited = event({
  name: 'room.invited',
  summary: 'To all connections of somebody: a room is open to them that was not.',
  payload: z.object({
    room,
    role,
    by: z.object({ id: uuid, displayName: z.string() }),
  }),
});
