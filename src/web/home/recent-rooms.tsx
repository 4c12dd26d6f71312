// The open rooms one is a member of, the last joined first; below them one's own that are closed.
import type { CommandOutput } from '../../client/index.ts';
import { navigate, roomPath } from '../routes.ts';
import { client } from '../session.ts';
import { invitations } from '../state/invitations.ts';
import { useLoaded } from '../state/loading.ts';
import { useDeed } from '../ui/deed.ts';
import { Loaded } from '../ui/loaded.tsx';
import { ago } from '../ui/times.ts';

type Rooms = CommandOutput<'room.list'>['rooms'];

/** More than this is a list to search in; the page has no such thing yet. */
const SHOWN = 12;

export function RecentRooms() {
  const ask = async () => {
    const [open, closed] = await Promise.all([
      client().call('room.list', {}),
      client().call('room.list', { state: 'closed' }),
    ]);
    return { open: open.rooms.slice(0, SHOWN), closed: closed.rooms.slice(0, SHOWN) };
  };
  const loading = useLoaded(ask, [], [invitations.value]);
  return (
    <section class="card" aria-labelledby="recent-title">
      <h2 id="recent-title">Your rooms</h2>
      <Loaded of={loading} what="your rooms">
        {({ open, closed }) => (
          <>
            {open.length === 0 ? (
              <p class="hint">No open rooms yet. Rooms you join or create are listed here.</p>
            ) : (
              <RoomList rooms={open} />
            )}
            {closed.length > 0 && <ClosedRooms rooms={closed} />}
          </>
        )}
      </Loaded>
    </section>
  );
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
              <span class="code">{room.roomCode}</span> · {room.role} ·{' '}
              {room.invitedAt ? `invited ${ago(room.invitedAt)}` : ago(room.joinedAt)}
            </span>
          </a>
        </li>
      ))}
    </ul>
  );
}

/** Their owner opens them again. */
function ClosedRooms({ rooms }: { rooms: Rooms }) {
  const { attempt } = useDeed();
  const open = async (id: string) => navigate(roomPath((await client().reopen(id)).roomCode));
  return (
    <section aria-labelledby="closed-title">
      <h3 id="closed-title" class="closed-title">
        Closed
      </h3>
      <ul class="room-list closed">
        {rooms.map((room) => (
          <li key={room.id}>
            <span class="room-words">
              <span class="room-name">{room.name}</span>
              <span class="room-facts">closed {room.closedAt && ago(room.closedAt)}</span>
            </span>
            <button
              type="button"
              class="button small"
              aria-label={`Open ${room.name} again`}
              onClick={() => attempt(`${room.name} was not opened`, () => open(room.id))}
            >
              Open again
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
