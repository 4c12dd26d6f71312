// What the owner does with the people of the room, and which dialog about them is open.
import { type ReadonlySignal, type Signal, signal } from '@preact/signals';
import type { Ban, GivenRole, Participant } from '../../client/index.ts';
import { failure } from '../error-words.ts';
import { notify } from './notices.ts';
import type { RoomView } from './room-view.ts';

type Person = Pick<Participant, 'userId' | 'displayName' | 'kind'>;

export type MemberDialog =
  | { readonly kind: 'invite' | 'settings' | 'new-code' }
  /** Null: those for everybody. */
  | { readonly kind: 'rules'; readonly userId: string | null }
  | { readonly kind: 'ban' | 'hand-over'; readonly person: Person };

export interface Members {
  readonly dialog: Signal<MemberDialog | undefined>;
  /** The last one first; nobody knows them but the owner. */
  readonly bans: ReadonlySignal<readonly Ban[]>;
  loadBans(): Promise<void>;
  setRole(person: Person, role: GivenRole): Promise<boolean>;
  remove(person: Person): Promise<boolean>;
  ban(person: Person): Promise<boolean>;
  unban(ban: Ban): Promise<boolean>;
  handOver(person: Person): Promise<boolean>;
  rotateCode(): Promise<boolean>;
}

export function openMembers({ room, rights }: RoomView): Members {
  const bans = signal<readonly Ban[]>([]);
  const { manage } = room;

  /** @returns whether it was done; what failed is told */
  async function attempt(what: string, deed: () => Promise<unknown>, done?: string): Promise<boolean> {
    try {
      await deed();
      if (done) notify({ kind: 'good', text: done });
      return true;
    } catch (error) {
      notify({ kind: 'bad', text: failure(what, error) });
      return false;
    }
  }

  async function loadBans(): Promise<void> {
    if (!rights.peek().manage) return;
    await attempt('The banned could not be listed', async () => {
      bans.value = await manage.bans();
    });
  }

  return {
    dialog: signal<MemberDialog | undefined>(undefined),
    bans,
    loadBans,
    setRole: ({ userId, displayName }, role) =>
      attempt(`The role of ${displayName} was not changed`, () => manage.setRole(userId, role)),
    remove: ({ userId, displayName }) =>
      attempt(`${displayName} was not taken out`, () => manage.remove(userId), `${displayName} was taken out.`),
    async ban({ userId, displayName }) {
      const done = await attempt(
        `${displayName} was not banned`,
        () => manage.ban(userId),
        `${displayName} is banned.`,
      );
      if (done) await loadBans();
      return done;
    },
    async unban({ userId, displayName }) {
      const done = await attempt(`The ban of ${displayName} was not taken back`, () => manage.unban(userId));
      await loadBans();
      return done;
    },
    handOver: ({ userId, displayName }) =>
      attempt('The room was not handed over', () => manage.handOver(userId), `${displayName} owns the room now.`),
    rotateCode: () =>
      attempt('The room kept its code', () => manage.rotateCode(), 'The room has another code. Copy the link anew.'),
  };
}
