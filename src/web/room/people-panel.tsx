// Who is here, who was, who may do what, and who stands at the door.

import { useSignal } from '@preact/signals';
import { LocateFixed } from 'lucide-preact';
import type { Participant, Role } from '../../client/index.ts';
import { failure } from '../error-words.ts';
import type { Knock } from '../state/knocks.ts';
import { notify } from '../state/notices.ts';
import { useWorkspace } from '../state/workspace.ts';
import { Avatar } from '../ui/avatar.tsx';
import { BotBadge } from '../ui/bot-badge.tsx';
import { ago } from '../ui/times.ts';

type GivenRole = Exclude<Role, 'owner'>;

const ROLES: readonly { readonly role: GivenRole; readonly means: string }[] = [
  { role: 'collaborator', means: 'edits and runs' },
  { role: 'participant', means: 'runs, reads' },
  { role: 'viewer', means: 'reads' },
];

export function PeoplePanel() {
  const { view, knocks } = useWorkspace();
  const away = view.away.value;
  return (
    <>
      <div class="panel-head">
        <h2>People</h2>
      </div>
      <div class="panel-scroll">
        {knocks.waiting.value.length > 0 && (
          <section aria-label="Asking to come in">
            <h3 class="group-head">Asking to come in</h3>
            {knocks.waiting.value.map((knock) => (
              <KnockRow key={knock.userId} knock={knock} />
            ))}
          </section>
        )}
        <PeopleList title={`Here (${view.people.value.length})`} people={view.people.value} />
        {away.length > 0 && <PeopleList title={`Away (${away.length})`} people={away} />}
        <p class="panel-note">{visibilityNote(view.room.info.visibility)}</p>
      </div>
    </>
  );
}

function visibilityNote(visibility: string): string {
  if (visibility === 'private') return 'Private room: whoever has the code asks, the owner lets them in.';
  if (visibility === 'public') return 'View-only room: whoever has the code can watch.';
  return 'Open room: whoever has the code can edit.';
}

function PeopleList({ title, people }: { title: string; people: readonly Participant[] }) {
  return (
    <section aria-label={title}>
      <h3 class="group-head">{title}</h3>
      <ul class="people">
        {people.map((person) => (
          <PersonRow key={person.userId} person={person} />
        ))}
      </ul>
    </section>
  );
}

function PersonRow({ person }: { person: Participant }) {
  const { view, follow, idle } = useWorkspace();
  const isIdle = person.online && idle.value.has(person.userId);
  const mine = person.userId === view.me.value.userId;
  const canChange = view.rights.value.manage && person.role !== 'owner';
  const followed = follow.userId.value === person.userId;
  const ownerOf = ({ botOwnerId }: Participant) => view.room.participants.get(botOwnerId ?? '')?.displayName;
  return (
    <li class={person.online ? 'person' : 'person away'}>
      <Avatar person={person} idle={isIdle} />
      <span class="person-name">
        <span class="cut" title={person.displayName}>
          {person.displayName}
          {mine && <span class="muted"> (you)</span>}
          {person.kind === 'bot' && <BotBadge owner={ownerOf(person)} />}
        </span>
        <span class="person-facts">
          {canChange ? <RoleSelect person={person} /> : person.role}
          {isIdle && ' · idle'}
          {!person.online && person.leftAt && ` · left ${ago(person.leftAt)}`}
        </span>
      </span>
      {person.online && !mine && (
        <button
          type="button"
          class="icon small"
          aria-pressed={followed}
          aria-label={followed ? `Stop following ${person.displayName}` : `Follow ${person.displayName}`}
          title={followed ? 'Stop following' : 'Follow the cursor'}
          onClick={() => (followed ? follow.stop() : void follow.start(person.userId))}
        >
          <LocateFixed size={14} aria-hidden="true" />
        </button>
      )}
    </li>
  );
}

function RoleSelect({ person }: { person: Participant }) {
  const { view } = useWorkspace();
  const onChange = async (select: HTMLSelectElement) => {
    const role = select.value as GivenRole;
    try {
      await view.client.call('participant.setRole', { roomId: view.room.info.id, userId: person.userId, role });
    } catch (error) {
      select.value = person.role;
      notify({ kind: 'bad', text: failure(`The role of ${person.displayName} was not changed`, error) });
    }
  };
  return (
    <select
      class="select bare"
      aria-label={`Role of ${person.displayName}`}
      value={person.role}
      onChange={(event) => void onChange(event.currentTarget)}
    >
      {ROLES.map(({ role, means }) => (
        <option key={role} value={role} title={means}>
          {role}
        </option>
      ))}
    </select>
  );
}

function KnockRow({ knock }: { knock: Knock }) {
  const { knocks } = useWorkspace();
  const role = useSignal<GivenRole>('collaborator');
  return (
    <div class="knock">
      <strong class="person-name cut" title={knock.displayName}>
        {knock.displayName}
        {knock.isBot && <BotBadge />}
      </strong>
      <select
        class="select small"
        aria-label={`Role for ${knock.displayName}`}
        value={role}
        onChange={(event) => {
          role.value = event.currentTarget.value as GivenRole;
        }}
      >
        {ROLES.map((each) => (
          <option key={each.role} value={each.role}>
            {each.role}
          </option>
        ))}
      </select>
      <div class="actions">
        <button type="button" class="button small" onClick={() => knocks.dismiss(knock.userId)}>
          Not now
        </button>
        <button type="button" class="button small primary" onClick={() => void knocks.admit(knock.userId, role.value)}>
          Let in
        </button>
      </div>
    </div>
  );
}
