// Invitations reach one wherever one is on the page.
import { computed, effect, signal, untracked } from '@preact/signals';
import { navigate, roomPath, route } from '../routes.ts';
import { client, session } from '../session.ts';
import { notify } from './notices.ts';

/** Counts up with every one, so that lists of rooms are loaded anew. */
export const invitations = signal(0);

export function followInvitations(): void {
  const userId = computed(() => session.value?.user.id);
  effect(() => (userId.value === undefined ? undefined : untracked(hear)));
}

function hear(): () => void {
  return client().on('room.invited', ({ room, by }) => {
    invitations.value++;
    const path = roomPath(room.roomCode);
    const at = route.peek();
    // Who waits at this very door comes in by themselves.
    if (at.page === 'room' && roomPath(at.code) === path) return;
    const action = { label: 'Go there', run: () => navigate(path) };
    notify({ kind: 'info', text: `${by.displayName} invites you into ${room.name}.`, action });
  });
}
