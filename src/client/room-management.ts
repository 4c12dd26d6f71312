// Management of a room by the server's commands.
import type { Ban } from '../protocol/members.ts';
import type { CallInput, CallName, CallOutput } from './connection.ts';
import type { RoomManagement } from './management.ts';

export interface RoomManagementPort {
  request<N extends CallName>(name: N, input: CallInput<N>): Promise<CallOutput<N>>;
}

export function roomManagement(port: RoomManagementPort, roomId: string): RoomManagement {
  return {
    invite: async (username, role) =>
      (await port.request('participant.invite', { roomId, username, role })).participant,
    admit: async (userId, role) => (await port.request('participant.admit', { roomId, userId, role })).participant,
    setRole: async (userId, role) => (await port.request('participant.setRole', { roomId, userId, role })).participant,
    remove: async (userId) => void (await port.request('participant.remove', { roomId, userId })),
    ban: async (userId) => void (await port.request('participant.ban', { roomId, userId })),
    unban: async (userId) => void (await port.request('participant.unban', { roomId, userId })),
    bans: () => allBans(port, roomId),
    handOver: async (userId) => (await port.request('room.handOver', { roomId, userId })).room,
    update: async (settings) => (await port.request('room.update', { roomId, ...settings })).room,
    rotateCode: async () => (await port.request('room.rotateCode', { roomId })).room,
    close: async () => void (await port.request('room.close', { roomId })),
    permissions: async () => (await port.request('permission.list', { roomId })).permissions,
    async setPermission(userId, rules) {
      const given = rules.map(({ path, allow = [], deny = [] }) => ({ path, allow: [...allow], deny: [...deny] }));
      return (await port.request('permission.set', { roomId, userId, rules: given })).permission;
    },
    removePermission: async (userId) => void (await port.request('permission.remove', { roomId, userId })),
  };
}

async function allBans(port: RoomManagementPort, roomId: string): Promise<Ban[]> {
  const bans: Ban[] = [];
  let cursor: string | undefined;
  do {
    const page = await port.request('participant.bans', { roomId, limit: 100, ...(cursor && { cursor }) });
    bans.push(...page.bans);
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  return bans;
}
