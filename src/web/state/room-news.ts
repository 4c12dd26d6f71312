// What changes for somebody by another's doing is told: their role, the room's owner, its code.
import { effect } from '@preact/signals';
import { notify } from './notices.ts';
import type { RoomView } from './room-view.ts';

const MEANS = {
  owner: 'The room is yours now: you can manage it.',
  collaborator: 'You are a collaborator now: you can edit and run.',
  participant: 'You are a participant now: you can read and run.',
  viewer: 'You are a viewer now: you can read.',
} as const;

/** @returns ends it */
export function tellRoomNews({ me, info, rights }: RoomView): () => void {
  let role = me.peek().role;
  let code = info.peek().roomCode;
  const stops = [
    effect(() => {
      const now = me.value.role;
      // Who hands a room over knows.
      if (now !== role && role !== 'owner') notify({ kind: 'info', text: MEANS[now] });
      role = now;
    }),
    effect(() => {
      const now = info.value.roomCode;
      if (now !== code && !rights.peek().manage) notify({ kind: 'info', text: `The room has another code: ${now}.` });
      code = now;
    }),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}
