// The open rooms one is a member of, the last joined first.
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { CommandOutput } from '../../client/index.ts';
import { explain } from '../error-words.ts';
import { navigate, roomPath } from '../routes.ts';
import { client } from '../session.ts';
import { ago } from '../ui/times.ts';

type Rooms = CommandOutput<'room.list'>['rooms'];
type Loaded =
  | { readonly kind: 'loading' }
  | { readonly kind: 'failed'; readonly text: string }
  | { readonly kind: 'here'; readonly rooms: Rooms };

/** More than this is a list to search in; the page has no such thing yet. */
const SHOWN = 12;

export function RecentRooms() {
  const loaded = useSignal<Loaded>({ kind: 'loading' });
  const load = () => {
    loaded.value = { kind: 'loading' };
    client()
      .call('room.list', {})
      .then(
        ({ rooms }) => {
          loaded.value = { kind: 'here', rooms };
        },
        (error) => {
          loaded.value = { kind: 'failed', text: explain(error).text };
        },
      );
  };
  useEffect(load, []);
  return (
    <section class="card" aria-labelledby="recent-title">
      <h2 id="recent-title">Your rooms</h2>
      <Body loaded={loaded.value} retry={load} />
    </section>
  );
}

function Body({ loaded, retry }: { loaded: Loaded; retry: () => void }) {
  switch (loaded.kind) {
    case 'loading':
      return (
        <div class="skeleton-rows" role="status" aria-label="Loading your rooms">
          <span />
          <span />
        </div>
      );
    case 'failed':
      return (
        <p class="hint bad">
          Your rooms could not be listed. {loaded.text}{' '}
          <button type="button" class="link" onClick={retry}>
            Try again
          </button>
        </p>
      );
    case 'here':
      return loaded.rooms.length === 0 ? (
        <p class="hint">No open rooms yet. Rooms you join or create are listed here.</p>
      ) : (
        <RoomList rooms={loaded.rooms.slice(0, SHOWN)} />
      );
  }
}

function RoomList({ rooms }: { rooms: Rooms }) {
  return (
    <ul class="room-list">
      {rooms.map((room) => (
        <li key={room.id}>
          <a
            href={roomPath(room.roomCode)}
            onClick={(event) => {
              if (event.ctrlKey || event.metaKey || event.shiftKey) return;
              event.preventDefault();
              navigate(roomPath(room.roomCode));
            }}
          >
            <span class="room-name">{room.name}</span>
            <span class="room-facts">
              <span class="code">{room.roomCode}</span> · {room.role} · {ago(room.joinedAt)}
            </span>
          </a>
        </li>
      ))}
    </ul>
  );
}
