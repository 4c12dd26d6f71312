// Who is here, who was, who may do what, and who stands at the door.
import { Settings2, UserPlus } from 'lucide-preact';
import type { Participant } from '../../client/index.ts';
import { BanList } from '../members/ban-list.tsx';
import { KnockRow } from '../members/knock-row.tsx';
import { PersonRow } from '../members/person-row.tsx';
import type { MemberDialog } from '../state/members.ts';
import { useWorkspace } from '../state/workspace.ts';

export function PeoplePanel() {
  const { view, knocks } = useWorkspace();
  const away = view.away.value;
  const { manage } = view.rights.value;
  return (
    <>
      <div class="panel-head">
        <h2>People</h2>
        {manage && <Tools />}
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
        {manage && <BanList />}
        <p class="panel-note">{visibilityNote(view.info.value.visibility)}</p>
      </div>
    </>
  );
}

function Tools() {
  const { members } = useWorkspace();
  const open = (kind: 'invite' | 'settings') => () => {
    members.dialog.value = { kind } satisfies MemberDialog;
  };
  return (
    <>
      <button type="button" class="icon small" aria-label="Invite" title="Invite" onClick={open('invite')}>
        <UserPlus size={16} aria-hidden="true" />
      </button>
      <button
        type="button"
        class="icon small"
        aria-label="Room settings"
        title="Room settings"
        onClick={open('settings')}
      >
        <Settings2 size={16} aria-hidden="true" />
      </button>
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
