// People who stand at the door of a private room. Only its owner hears them.
import { type ReadonlySignal, signal } from '@preact/signals';
import type { Role } from '../../client/index.ts';
import { failure } from '../error-words.ts';
import { showSide } from './layout.ts';
import { notify } from './notices.ts';
import { preferences } from './preferences.ts';
import type { RoomView } from './room-view.ts';

export interface Knock {
  readonly userId: string;
  readonly displayName: string;
  readonly isBot: boolean;
}

export interface Knocks {
  readonly waiting: ReadonlySignal<readonly Knock[]>;
  admit(userId: string, role: Exclude<Role, 'owner'>): Promise<void>;
  /** Not now: further knocks of the same person are not shown either. */
  dismiss(userId: string): void;
  dispose(): void;
}

/** The list shows who knocks in any case. */
function isWanted(): boolean {
  const { notificationsEnabled, notifications } = preferences.peek();
  return notificationsEnabled && notifications.knocks;
}

export function hearKnocks(view: RoomView): Knocks {
  const waiting = signal<readonly Knock[]>([]);
  const dismissed = new Set<string>();
  /** By person: takes the notice of their knock away. */
  const told = new Map<string, () => void>();
  const roomId = view.room.info.id;
  const forget = (userId: string) => {
    waiting.value = waiting.peek().filter((knock) => knock.userId !== userId);
    told.get(userId)?.();
    told.delete(userId);
  };
  const stops = [
    view.client.on('room.knocked', ({ roomId: where, user }) => {
      const known = dismissed.has(user.id) || waiting.peek().some(({ userId }) => userId === user.id);
      if (where !== roomId || known) return;
      waiting.value = [
        ...waiting.peek(),
        { userId: user.id, displayName: user.displayName, isBot: user.kind === 'bot' },
      ];
      const action = { label: 'Show', run: () => showSide('people') };
      if (!isWanted()) return;
      told.set(user.id, notify({ kind: 'info', text: `${user.displayName} asks to come in.`, action }));
    }),
    view.client.on('participant.joined', ({ participants }) => {
      for (const { userId } of participants) forget(userId);
    }),
  ];
  return {
    waiting,
    async admit(userId, role) {
      try {
        await view.client.call('participant.admit', { roomId, userId, role });
        forget(userId);
      } catch (error) {
        notify({ kind: 'bad', text: failure('Nobody was let in', error) });
      }
    },
    dismiss(userId) {
      dismissed.add(userId);
      forget(userId);
    },
    dispose() {
      for (const takeAway of told.values()) takeAway();
      for (const stop of stops) stop();
    },
  };
}
