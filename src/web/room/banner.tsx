// What is the matter with the connection or the room: one line over everything, with the way out.
import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { ConnectionState } from '../../client/index.ts';
import { explain, failure, isBan } from '../error-words.ts';
import { navigate } from '../routes.ts';
import { type Connection, connection } from '../session.ts';
import { notify } from '../state/notices.ts';
import type { RoomView } from '../state/room-view.ts';
import { useWorkspace, type Workspace } from '../state/workspace.ts';

interface BannerText {
  readonly kind: 'info' | 'warn' | 'bad' | 'good';
  readonly text: string;
  /** What goes on; not read out. */
  readonly busy?: string;
  readonly deed?: { readonly label: string; readonly run: () => void };
}

/** Milliseconds for which the good news stays. */
const RECONNECTED_MS = 3000;

export function Banner() {
  const workspace = useWorkspace();
  const back = useReconnected(connection.value.state);
  const banner = roomBanner(workspace) ?? connectionBanner(workspace) ?? (back ? reconnected(workspace) : undefined);
  return (
    <div class={`banner ${banner?.kind ?? 'none'}`} role="status">
      {banner && <span>{banner.text}</span>}
      {banner?.busy && <span aria-hidden="true">{banner.busy}</span>}
      <Countdown to={banner ? connection.value.retryAt : undefined} />
      {banner?.deed && (
        <button type="button" class="button small" onClick={banner.deed.run}>
          {banner.deed.label}
        </button>
      )}
    </div>
  );
}

/** The number of edits that wait stands at the saved light: a banner that changes with every key is read out each time. */
const KEEP_TYPING = 'Keep typing: your edits wait here and are merged when the connection is back.';

/** Not in the same breath as a file that was refused. */
function reconnected({ documents }: Workspace): BannerText {
  const merged = documents.light.value.saved === 'not_saved' ? '' : ' What was typed meanwhile has been merged.';
  return { kind: 'good', text: `Back online.${merged}` };
}

/** True for a moment after the connection came back. */
function useReconnected(state: ConnectionState): boolean {
  const lost = useRef(false);
  const back = useSignal(false);
  useEffect(() => {
    if (state === 'offline' || state === 'draining') lost.current = true;
    if (state !== 'online' || !lost.current) return undefined;
    lost.current = false;
    back.value = true;
    const timer = setTimeout(() => {
      back.value = false;
    }, RECONNECTED_MS);
    return () => clearTimeout(timer);
  }, [state]);
  return back.value;
}

function roomBanner({ view, comeBack }: Workspace): BannerText | undefined {
  const toStart = { label: 'Back to the start', run: () => navigate('/') };
  switch (view.state.value) {
    case 'closed':
      return {
        kind: 'bad',
        text: 'This room was closed. What is here can still be read and copied; nothing more is saved or sent.',
        deed:
          view.me.value.role === 'owner' ? { label: 'Open it again', run: () => void reopen(view, comeBack) } : toStart,
      };
    case 'removed': {
      const banned = isBan(view.room.error);
      const text = banned
        ? 'You were banned from this room. What is here can still be read and copied.'
        : 'You were taken out of this room. What is here can still be read and copied.';
      return { kind: 'bad', text, deed: banned ? toStart : { label: 'Ask to come in again', run: comeBack } };
    }
    case 'refused': {
      const { title, text } = explain(view.room.error);
      return { kind: 'bad', text: `You are no longer in this room: ${title}. ${text}`, deed: toStart };
    }
    default:
      return undefined;
  }
}

async function reopen({ client, info }: RoomView, comeBack: () => void): Promise<void> {
  try {
    await client.reopen(info.peek().id);
    comeBack();
  } catch (error) {
    notify({ kind: 'bad', text: failure('The room was not opened', error) });
  }
}

function connectionBanner({ view }: Workspace): BannerText | undefined {
  const { state } = connection.value;
  const deed = { label: 'Try now', run: () => view.client.retryNow() };
  const lost = view.state.value === 'rejoining';
  switch (state) {
    case 'offline':
      return { kind: 'warn', text: `Offline. ${KEEP_TYPING}`, deed };
    case 'draining':
      return { kind: 'info', text: `The server is restarting. ${KEEP_TYPING}`, deed };
    // The same words as while waiting for the next attempt: an attempt is no news, and the banner is read out.
    case 'connecting':
      return lost ? { kind: 'warn', text: `Offline. ${KEEP_TYPING}`, busy: 'Connecting…' } : undefined;
    case 'online':
      return lost ? { kind: 'warn', text: `Offline. ${KEEP_TYPING}`, busy: 'Coming back into the room…' } : undefined;
    case 'ended':
      return {
        kind: 'bad',
        text: 'You were signed out here.',
        deed: { label: 'Back to the start', run: () => navigate('/') },
      };
  }
}

function Countdown({ to }: { to: Connection['retryAt'] }) {
  const now = useSignal(performance.now());
  useEffect(() => {
    if (to === undefined) return undefined;
    now.value = performance.now();
    const timer = setInterval(() => {
      now.value = performance.now();
    }, 500);
    return () => clearInterval(timer);
  }, [to]);
  if (to === undefined || to <= now.value) return null;
  // Not read out: a number that changes every second is noise.
  return <span aria-hidden="true">Next try in {Math.ceil((to - now.value) / 1000)} s.</span>;
}
