// Where one is signed in, to be looked at and ended.
import { useSignal } from '@preact/signals';
import { Monitor, Smartphone, Tablet, Terminal } from 'lucide-preact';
import { useEffect } from 'preact/hooks';
import type { CommandOutput } from '../../client/index.ts';
import { explain, failure } from '../error-words.ts';
import { client } from '../session.ts';
import { notify } from '../state/notices.ts';
import { ago } from '../ui/times.ts';

type Session = CommandOutput<'session.list'>['sessions'][number];
type Loaded =
  | { readonly kind: 'loading' }
  | { readonly kind: 'failed'; readonly text: string }
  | { readonly kind: 'here'; readonly sessions: readonly Session[] };

const ICONS = { desktop: Monitor, phone: Smartphone, tablet: Tablet, program: Terminal } as const;
/** More is a list that nobody reads; the others can be ended together. */
const SHOWN = 50;

export function SessionList() {
  const loaded = useSignal<Loaded>({ kind: 'loading' });
  const load = async () => {
    try {
      const { sessions } = await client().call('session.list', { limit: SHOWN });
      const mineFirst = [...sessions].sort((one, other) => Number(other.current) - Number(one.current));
      loaded.value = { kind: 'here', sessions: mineFirst };
    } catch (error) {
      loaded.value = { kind: 'failed', text: explain(error).text };
    }
  };
  useEffect(() => void load(), []);
  const end = async (deed: () => Promise<unknown>) => {
    try {
      await deed();
      await load();
    } catch (error) {
      notify({ kind: 'bad', text: failure('The session was not ended', error) });
    }
  };
  return (
    <section class="settings-group" aria-labelledby="account-sessions">
      <h4 id="account-sessions">Where you are signed in</h4>
      <Body
        loaded={loaded.value}
        endOne={(sessionId) => void end(() => client().call('session.revoke', { sessionId }))}
        endOthers={() => void end(() => client().call('account.logoutEverywhere', { keepThis: true }))}
      />
    </section>
  );
}

interface BodyProps {
  readonly loaded: Loaded;
  readonly endOne: (sessionId: string) => void;
  readonly endOthers: () => void;
}

function Body({ loaded, endOne, endOthers }: BodyProps) {
  switch (loaded.kind) {
    case 'loading':
      return (
        <div class="skeleton-rows" role="status" aria-label="Loading the sessions">
          <span />
        </div>
      );
    case 'failed':
      return <p class="hint bad">The sessions could not be listed. {loaded.text}</p>;
    case 'here':
      return (
        <>
          <ul class="session-list">
            {loaded.sessions.map((session) => (
              <Row key={session.id} session={session} end={() => endOne(session.id)} />
            ))}
          </ul>
          {loaded.sessions.length > 2 && (
            <div class="account-line">
              <span class="hint">Everywhere but here.</span>
              <button type="button" class="button small danger" onClick={endOthers}>
                End all other sessions
              </button>
            </div>
          )}
        </>
      );
  }
}

function Row({ session, end }: { session: Session; end: () => void }) {
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
        <button type="button" class="button small" aria-label={`End the session: ${name}`} onClick={end}>
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
