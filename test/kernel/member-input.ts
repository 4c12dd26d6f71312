// Valid inputs for the commands of rooms, members and rules by path; what they name is made for them.
import type { CommandName } from '../../src/protocol/index.ts';
import { call, type Guest, guest } from '../support/api.ts';

interface Stage {
  readonly url: string;
  readonly room: { readonly id: string; readonly roomCode: string };
  readonly people: Readonly<Record<'owner' | 'viewer', Guest>>;
  username(userId: string): Promise<string>;
}

type RoomCommand = 'room.reopen' | 'room.update' | 'room.rotateCode' | 'room.handOver';
type MemberCommand = Extract<CommandName, `participant.${string}` | `permission.${string}` | RoomCommand>;

export const isMemberCommand = (name: CommandName): name is MemberCommand =>
  /^(participant|permission)\.|^room\.(reopen|update|rotateCode|handOver)$/.test(name);

const RULES = [{ path: '/private/**', allow: ['read'], deny: ['delete'] }];

export async function memberInput(stage: Stage, name: MemberCommand, person: string): Promise<Record<string, unknown>> {
  const { people } = stage;
  const roomId = stage.room.id;
  switch (name) {
    case 'participant.admit':
      return { roomId, userId: (await guest(stage.url, 'Newcomer')).id };
    case 'room.reopen':
      return { roomId: person === 'owner' ? (await closedRoom(stage)).id : roomId };
    case 'room.update':
      return { roomId, name: 'Stage' };
    case 'room.rotateCode':
      return { roomId: person === 'owner' ? (await anotherRoom(stage)).id : roomId };
    case 'room.handOver': {
      const userId = people.viewer.id;
      return { roomId: person === 'owner' ? (await anotherRoom(stage, people.viewer)).id : roomId, userId };
    }
    case 'participant.invite':
      return { roomId, username: await stage.username((await guest(stage.url, 'Newcomer')).id) };
    case 'participant.remove':
      return { roomId, userId: (await newcomer(stage)).id };
    case 'participant.ban':
      return { roomId, userId: (await guest(stage.url, 'Newcomer')).id };
    case 'participant.unban': {
      const userId = (await guest(stage.url, 'Newcomer')).id;
      await call(stage.url, `PUT /api/rooms/${roomId}/bans/${userId}`, { token: people.owner.token });
      return { roomId, userId };
    }
    case 'participant.bans':
      return { roomId, limit: 1 };
    case 'permission.set':
      return { roomId, userId: (await guest(stage.url, 'Newcomer')).id, rules: RULES };
    case 'permission.remove': {
      const userId = (await guest(stage.url, 'Newcomer')).id;
      const body = { userId, rules: RULES };
      await call(stage.url, `PUT /api/rooms/${roomId}/permissions`, { token: people.owner.token, body });
      return { roomId, userId };
    }
    case 'permission.list':
      return { roomId };
    case 'participant.setRole':
      return { roomId, userId: people.viewer.id, role: 'viewer' };
  }
}

async function closedRoom(stage: Stage): Promise<{ id: string }> {
  const room = await anotherRoom(stage);
  await call(stage.url, `POST /api/rooms/${room.id}/close`, { token: stage.people.owner.token });
  return room;
}

/** Somebody who has just joined. */
async function newcomer({ url, room }: Stage): Promise<Guest> {
  const somebody = await guest(url, 'Newcomer');
  await call(url, 'POST /api/rooms/join', { token: somebody.token, body: { roomCode: room.roomCode } });
  return somebody;
}

export async function anotherRoom({ url, people }: Stage, member?: Guest): Promise<{ id: string; roomCode: string }> {
  const { data } = await call(url, 'POST /api/rooms', { token: people.owner.token, body: { name: 'Short-lived' } });
  const { roomCode } = data.room;
  if (member) await call(url, 'POST /api/rooms/join', { token: member.token, body: { roomCode } });
  return data.room;
}
