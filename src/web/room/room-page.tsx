// The way into a room: name, connection, code; then the room itself. Every way of not getting in is a screen.
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { type Client, CoderoomError, type Room } from '../../client/index.ts';
import { normalizeRoomCode } from '../../protocol/room-code.ts';
import { navigate, roomPath } from '../routes.ts';
import { client, session } from '../session.ts';
import { openWorkspace, type Workspace, WorkspaceContext } from '../state/workspace.ts';
import { Joining, NameScreen, RefusedScreen } from './entry-states.tsx';
import { Shell } from './shell.tsx';

type Entry =
  | { readonly phase: 'joining' }
  | { readonly phase: 'refused'; readonly error: unknown }
  | { readonly phase: 'in'; readonly workspace: Workspace };

const NO_SUCH_CODE = new CoderoomError('room_unavailable', 'This is not a room code.');

export function RoomPage({ code }: { code: string }) {
  const known = normalizeRoomCode(code);
  useEffect(() => {
    if (known) history.replaceState(null, '', roomPath(known));
  }, [known]);
  if (!known) return <RefusedScreen code={code} error={NO_SUCH_CODE} retry={undefined} />;
  if (!session.value) return <NameScreen code={known} />;
  return <Joined key={session.value.user.id} code={known} />;
}

/** Joins while it is on the page and leaves when it goes. */
function Joined({ code }: { code: string }) {
  const entry = useSignal<Entry>({ phase: 'joining' });
  const attempt = useSignal(0);
  useEffect(() => {
    const stay = enter(client(), code, {
      // A further knock at the same door changes nothing on the screen.
      report: (next) => {
        entry.value = next;
      },
      comeBack: () => {
        entry.value = { phase: 'joining' };
        // Under the code that the room has by now, which the address says.
        navigate(location.pathname);
        attempt.value++;
      },
    });
    return stay.leave;
  }, [code, attempt.value]);
  const { value } = entry;
  switch (value.phase) {
    case 'joining':
      return <Joining code={code} />;
    case 'refused':
      return (
        <RefusedScreen
          code={code}
          error={value.error}
          retry={() => {
            attempt.value++;
          }}
        />
      );
    case 'in':
      return (
        <WorkspaceContext.Provider value={value.workspace}>
          <Shell />
        </WorkspaceContext.Provider>
      );
  }
}

interface Told {
  readonly report: (entry: Entry) => void;
  readonly comeBack: () => void;
}

/** Joins; whatever of it is under way is undone by `leave`. */
function enter(connected: Client, code: string, { report, comeBack }: Told): { leave: () => void } {
  let left = false;
  let undo: (() => void) | undefined;
  const arrive = (room: Room) => {
    const workspace = openWorkspace(connected, room, comeBack);
    undo = () => {
      workspace.dispose();
      void room.leave().catch(() => undefined);
    };
    if (left) undo();
    else report({ phase: 'in', workspace });
  };
  connected.join(code).then(arrive, (error: unknown) => {
    if (!left) report({ phase: 'refused', error });
  });
  return {
    leave() {
      left = true;
      undo?.();
    },
  };
}
