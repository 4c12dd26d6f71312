// Preferences and name as the server has them, mirrored: they show at once, also before the server has answered, and what
// is changed on another device shows here. Without anybody signed in they are the usual ones.
import { computed, effect, signal, untracked } from '@preact/signals';
import type { Client, User } from '../../client/index.ts';
import { DEFAULT_PREFERENCES } from '../../protocol/default-preferences.ts';
import type { GlobalRole } from '../../protocol/ids.ts';
import type { PreferenceChanges, Preferences } from '../../protocol/preferences.ts';
import { failure } from '../error-words.ts';
import { client, lastName, session } from '../session.ts';
import { remembered } from '../storage.ts';
import { chosenTheme } from '../theme.ts';
import { notify } from './notices.ts';

interface Mirror {
  readonly userId: string;
  readonly preferences: Preferences;
}

const mirror = remembered<Mirror | null>('coderoom.preferences', null, isMirror);
/** Changes that have no answer yet: until then what others say is older. */
const waiting = signal(0);

export const preferences = computed<Preferences>(() => {
  const known = mirror.value;
  return known && known.userId === session.value?.user.id ? known.preferences : DEFAULT_PREFERENCES;
});

/** Changes preferences here at once, then on the server; a refusal takes it back. */
export async function prefer(changes: PreferenceChanges): Promise<void> {
  const userId = session.peek()?.user.id;
  if (userId === undefined) return;
  const before = preferences.peek();
  take({ userId, preferences: merged(before, changes) });
  waiting.value++;
  try {
    const answer = await client().call('preferences.set', changes);
    if (waiting.peek() === 1) take({ userId, preferences: answer.preferences });
  } catch (error) {
    take({ userId, preferences: before });
    notify({ kind: 'bad', text: failure('The setting was not kept', error) });
  } finally {
    waiting.value--;
  }
}

/** Keeps up with the server for as long as the page is open, whoever is signed in. */
export function followPreferences(): void {
  const userId = computed(() => session.value?.user.id);
  effect(() => {
    if (userId.value === undefined) return undefined;
    const user = session.peek()?.user;
    return user && untracked(() => listen(client(), user));
  });
  effect(() => {
    const wished = chosenTheme.value ?? 'system';
    untracked(() => {
      const known = mirror.value;
      if (known && known.userId === session.value?.user.id && known.preferences.theme !== wished)
        void prefer({ theme: wished });
    });
  });
  effect(() => show(preferences.value));
}

function listen(from: Client, { id: userId, kind }: User): () => void {
  const load = async (): Promise<void> => {
    const [{ user, profile }, answer] = await Promise.all([from.call('me.get', {}), from.call('preferences.get', {})]);
    knowMe(user);
    ownRole.value = profile.role;
    if (waiting.peek() > 0) return;
    const first = mirror.peek()?.userId !== userId;
    const theme = chosenTheme.peek();
    take({ userId, preferences: answer.preferences });
    // Who has just come in had chosen here before there was anybody to keep it for.
    if (first && kind === 'guest' && theme && answer.preferences.theme === 'system') await prefer({ theme });
  };
  const loadQuietly = () => void load().catch(() => undefined);
  const stops = [
    from.on('preferences.changed', ({ preferences: told }) => {
      if (waiting.peek() === 0) take({ userId, preferences: told });
    }),
    from.on('me.changed', ({ user, profile }) => {
      knowMe(user);
      ownRole.value = profile.role;
    }),
    from.onState((state) => state === 'online' && loadQuietly()),
  ];
  if (from.state === 'online') loadQuietly();
  return () => {
    for (const stop of stops) stop();
  };
}

/** What one is on the server as a whole. */
export const ownRole = signal<GlobalRole>('user');

/** The name as it is now; the session stays. */
export function knowMe(user: User): void {
  const known = session.peek();
  if (!known || known.user.id !== user.id) return;
  if (known.user.displayName === user.displayName && known.user.kind === user.kind) return;
  session.value = { ...known, user };
  lastName.value = user.displayName;
}

function take(known: Mirror): void {
  mirror.value = known;
  const { theme } = known.preferences;
  chosenTheme.value = theme === 'system' ? null : theme;
}

/** CSS pixels between the lines of code for each of its size: 20 for 13. */
const LINE_HEIGHT = 20 / 13;

function show({ editor, ui }: Preferences): void {
  const { style, dataset } = document.documentElement;
  style.setProperty('--size-code', `${editor.fontSize}px`);
  style.setProperty('--line-code', `${Math.round(editor.fontSize * LINE_HEIGHT)}px`);
  if (ui.reduceMotion) dataset['motion'] = 'less';
  else delete dataset['motion'];
}

function merged(known: Preferences, changes: PreferenceChanges): Preferences {
  const { notifications, editor, ui, avatar, ...rest } = changes;
  return {
    ...known,
    ...(rest as Partial<Preferences>),
    notifications: { ...known.notifications, ...(notifications as object) },
    editor: { ...known.editor, ...(editor as object) },
    ui: { ...known.ui, ...(ui as object) },
    avatar: { ...known.avatar, ...(avatar as object) },
  };
}

/** What an older page has left may lack what came since. */
function isMirror(value: unknown): boolean {
  const { userId, preferences: kept } = (value ?? {}) as { userId?: unknown; preferences?: Record<string, unknown> };
  return typeof userId === 'string' && hasAll(kept, DEFAULT_PREFERENCES as unknown as Record<string, unknown>);
}

function hasAll(kept: unknown, wanted: Readonly<Record<string, unknown>>): boolean {
  if (typeof kept !== 'object' || kept === null) return false;
  return Object.entries(wanted).every(([name, usual]) => {
    if (!(name in kept)) return false;
    const isGroup = typeof usual === 'object' && usual !== null;
    return !isGroup || hasAll((kept as Record<string, unknown>)[name], usual as Record<string, unknown>);
  });
}
