// When a room is over for a client.
import type { RoomState } from './api.ts';
import { CoderoomError } from './errors.ts';

/** There is no point in joining again. */
const FINAL_CODES: ReadonlySet<string> = new Set([
  'room_unavailable',
  'forbidden',
  'not_found',
  'unauthenticated',
  'session_ended',
]);

const OVER: ReadonlySet<RoomState> = new Set(['closed', 'left', 'refused', 'removed']);

/** Whether a refusal to join again is for good. */
export function isFinal({ code }: CoderoomError): boolean {
  return FINAL_CODES.has(code);
}

/** What a room ends with for somebody who is taken out of it. @param banned for good */
export function takenOut(banned: boolean): CoderoomError {
  const message = banned ? 'You were banned from this room.' : 'You were taken out of this room.';
  return new CoderoomError('forbidden', message, { banned });
}

export function isOver(state: RoomState): boolean {
  return OVER.has(state);
}
