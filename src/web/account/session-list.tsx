// Where one is signed in, to be looked at and ended.
import { Monitor, Smartphone, Tablet, Terminal } from 'lucide-preact';
import type { CommandOutput } from '../../client/index.ts';
import { client } from '../session.ts';
import { useLoaded } from '../state/loading.ts';
import { useDeed } from '../ui/deed.ts';
import { Loaded } from '../ui/loaded.tsx';
import { ago } from '../ui/times.ts';

type Session = CommandOutput<'session.list'>['sessions'][number];

const ICONS = { desktop: Monitor, phone: Smartphone, tablet: Tablet, program: Terminal } as const;
/** More is a list that nobody reads; the others can be ended together. */
const SHOWN = 50;

const NOT_ENDED = 'The session was not ended';

export function SessionList() {
  const loading = useLoaded(async () => {
    const { sessions } = await client().call('session.list', { limit: SHOWN });
    return [...sessions].sort((one, other) => Number(other.current) - Number(one.current));
  });
  const endOthers = useDeed();
  const end = async (deed: () => Promise<unknown>) => {
    await deed();
    await loading.load();
  };
  return (
    <section class="settings-group" aria-labelledby="account-sessions">
      <h4 id="account-sessions">Where you are signed in</h4>
      <Loaded of={loading} what="the sessions" rows={1}>
        {(sessions) => (
          <>
            <ul class="session-list">
              {sessions.map((session) => (
                <Row
                  key={session.id}
                  session={session}
                  end={() => end(() => client().call('session.revoke', { sessionId: session.id }))}
                />
              ))}
            </ul>
            {sessions.length > 2 && (
              <div class="account-line">
                <span class="hint">Everywhere but here.</span>
                <button
                  type="button"
                  class="button small danger"
                  aria-busy={endOthers.busy}
                  onClick={() =>
                    endOthers.attempt(NOT_ENDED, () =>
                      end(() => client().call('account.logoutEverywhere', { keepThis: true })),
                    )
                  }
                >
                  End all other sessions
                </button>
              </div>
            )}
          </>
        )}
      </Loaded>
    </section>
  );
}

function Row({ session, end }: { session: Session; end: () => Promise<void> }) {
  const { busy, attempt } = useDeed();
  const { current, device, address, lastActiveAt } = session;
  const Icon = ICONS[device.kind];
  const name = nameOf(device);
  return (
    <li class="session-row">
      <Icon size={16} aria-hidden="true" />
      <span class="session-words">
        <span class="session-name">
          {name}
          {current && <span class="here">this one</span>}
        </span>
        <span class="hint">
          {current ? 'Active now' : `Active ${ago(lastActiveAt)}`}
          {address !== null && ` · ${address}`}
        </span>
      </span>
      {!current && (
        <button
          type="button"
          class="button small"
          aria-label={`End the session: ${name}`}
          aria-busy={busy}
          onClick={() => attempt(NOT_ENDED, end)}
        >
          End
        </button>
      )}
    </li>
  );
}

function nameOf({ browser, system }: Session['device']): string {
  if (browser === null) return system === null ? 'A program' : `A program on ${system}`;
  return system === null ? browser : `${browser} on ${system}`;
}
