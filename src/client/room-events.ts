// Which events change the mirror of a room.
import type { ServerEvent } from './connection.ts';
import { RUN_EVENTS } from './room-runs.ts';

const ROOM_EVENTS = [
  'participant.joined',
  'participant.left',
  'participant.changed',
  'participant.removed',
  'permission.changed',
  'room.changed',
  'file.created',
  'file.renamed',
  'file.deleted',
  ...RUN_EVENTS,
  'room.closed',
] as const;
export type RoomEvent = Extract<ServerEvent, { name: (typeof ROOM_EVENTS)[number] }>;

/** Whether an event is one that changes the mirror of a room. */
export function isRoomEvent(event: ServerEvent): event is RoomEvent {
  return (ROOM_EVENTS as readonly string[]).includes(event.name);
}
