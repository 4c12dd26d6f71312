// Users of the server, for its administrators: found, given roles, kept out.
import '../styles/administration.css';
import { useSignal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import type { CommandOutput } from '../../client/index.ts';
import { failure } from '../error-words.ts';
import { client, NAME_LENGTH, session } from '../session.ts';
import { notify } from '../state/notices.ts';
import { openPages, type Pages } from '../state/pages.ts';
import { Confirm } from '../ui/dialog.tsx';
import { PagedList } from '../ui/paged-list.tsx';
import { ago } from '../ui/times.ts';

type KnownUser = CommandOutput<'user.list'>['users'][number];

const ROLES: readonly { readonly value: KnownUser['role']; readonly name: string }[] = [
  { value: 'user', name: 'User' },
  { value: 'power_user', name: 'Power user' },
  { value: 'admin', name: 'Administrator' },
];
/** Milliseconds without a key before the list is asked for. */
const TYPING_MS = 200;

export function UsersSection() {
  const pages = useMemo(() => openPages<KnownUser>(), []);
  const search = useSignal('');
  useEffect(() => {
    const wanted = search.value.trim();
    const ask = () =>
      void pages.ask(async (cursor) => {
        const asked = { ...(wanted && { search: wanted }), ...(cursor && { cursor }) };
        const { users, nextCursor } = await client().call('user.list', asked);
        return { items: users, nextCursor };
      });
    const timer = setTimeout(ask, pages.list.state.peek().kind === 'here' ? TYPING_MS : 0);
    return () => clearTimeout(timer);
  }, [search.value]);
  useEffect(() => pages.list.close, []);
  return (
    <div class="settings-groups">
      <input
        class="input"
        type="search"
        aria-label="Find users"
        placeholder="Find by name"
        maxLength={NAME_LENGTH}
        value={search}
        onInput={(event) => {
          search.value = event.currentTarget.value;
        }}
      />
      <PagedList pages={pages} what="the users" none="Nobody is called that.">
        {(users) => (
          <ul class="user-list" aria-label="Users">
            {users.map((each) => (
              <UserRow key={each.id} each={each} pages={pages} />
            ))}
          </ul>
        )}
      </PagedList>
    </div>
  );
}

function UserRow({ each, pages }: { each: KnownUser; pages: Pages<KnownUser> }) {
  const banning = useSignal(false);
  const own = each.id === session.value?.user.id;
  const change = async (wish: Partial<Pick<KnownUser, 'role' | 'status'>>) => {
    try {
      const { user } = await client().call('user.change', { userId: each.id, ...wish });
      pages.replace(each, user);
    } catch (error) {
      pages.replace(each, { ...each });
      notify({ kind: 'bad', text: failure(`${each.displayName} was not changed`, error) });
    }
  };
  return (
    <li class={each.status === 'active' ? '' : 'kept-out'}>
      <span class="user-words">
        <strong>{each.displayName}</strong>
        <span class="hint">{facts(each, own)}</span>
      </span>
      {!own && each.kind === 'human' && each.status === 'active' && (
        <select
          class="select small"
          aria-label={`Role of ${each.displayName} on the server`}
          value={each.role}
          onChange={(event) => void change({ role: event.currentTarget.value as KnownUser['role'] })}
        >
          {ROLES.map(({ value, name }) => (
            <option key={value} value={value}>
              {name}
            </option>
          ))}
        </select>
      )}
      {!own && (
        <button
          type="button"
          class={each.status === 'active' ? 'button small danger' : 'button small'}
          aria-label={`${each.status === 'active' ? 'Ban' : 'Let in again:'} ${each.displayName}`}
          onClick={() => {
            if (each.status === 'active') banning.value = true;
            else void change({ status: 'active' });
          }}
        >
          {each.status === 'active' ? 'Ban' : 'Let in again'}
        </button>
      )}
      {banning.value && (
        <Confirm
          title={`Ban ${each.displayName}?`}
          text="Open connections end at once, those of bots too, and signing in is refused. What was written stays."
          deed="Ban"
          onConfirm={() => void change({ status: 'banned' })}
          onClose={() => {
            banning.value = false;
          }}
        />
      )}
    </li>
  );
}

function facts(each: KnownUser, own: boolean): string {
  const kind = { human: each.username, guest: 'guest', bot: 'bot' }[each.kind];
  const parts = [kind, `came ${ago(each.createdAt)}`];
  if (own) parts.push('you, an administrator');
  if (each.status === 'banned') parts.push('banned');
  if (each.status === 'inactive') parts.push('cannot sign in');
  return parts.join(' · ');
}
