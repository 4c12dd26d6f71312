// One person of the room: who they are, what they may do, and what can be done about it.
import { Ellipsis, LocateFixed } from 'lucide-preact';
import type { GivenRole, Participant } from '../../client/index.ts';
import type { Members } from '../state/members.ts';
import { useWorkspace } from '../state/workspace.ts';
import { Avatar } from '../ui/avatar.tsx';
import { BotBadge } from '../ui/bot-badge.tsx';
import { Menu, type MenuItem } from '../ui/menu.tsx';
import { ago } from '../ui/times.ts';
import { RoleSelect } from './roles.tsx';

export function PersonRow({ person }: { person: Participant }) {
  const { view, idle, members } = useWorkspace();
  const isIdle = person.online && idle.value.has(person.userId);
  const mine = person.userId === view.me.value.userId;
  const mayManage = view.rights.value.manage && person.role !== 'owner';
  const botOwner = view.participants.value.get(person.botOwnerId ?? '')?.displayName;
  return (
    <li class={person.online ? 'person' : 'person away'}>
      <Avatar person={person} idle={isIdle} />
      <span class="person-name">
        <span class="cut" title={person.displayName}>
          {person.displayName}
          {mine && <span class="muted"> (you)</span>}
          {person.kind === 'bot' && <BotBadge owner={botOwner} />}
        </span>
        <span class="person-facts">
          {mayManage ? <RoleOf person={person} /> : person.role}
          {isIdle && ' · idle'}
          {!person.online && person.leftAt && ` · left ${ago(person.leftAt)}`}
        </span>
      </span>
      {person.online && !mine && <FollowButton person={person} />}
      {mayManage && (
        <Menu label={`Actions for ${person.displayName}`} class="icon small" items={deeds(members, person)}>
          <Ellipsis size={14} aria-hidden="true" />
        </Menu>
      )}
    </li>
  );
}

function RoleOf({ person }: { person: Participant }) {
  const { members } = useWorkspace();
  const onChange = async (role: GivenRole, select: HTMLSelectElement) => {
    if (!(await members.setRole(person, role))) select.value = person.role;
  };
  return (
    <RoleSelect
      label={`Role of ${person.displayName}`}
      look="bare"
      value={person.role as GivenRole}
      onChange={(role, select) => void onChange(role, select)}
    />
  );
}

function FollowButton({ person: { userId, displayName } }: { person: Participant }) {
  const { follow } = useWorkspace();
  const followed = follow.userId.value === userId;
  return (
    <button
      type="button"
      class="icon small"
      aria-pressed={followed}
      aria-label={followed ? `Stop following ${displayName}` : `Follow ${displayName}`}
      title={followed ? 'Stop following' : 'Follow the cursor'}
      onClick={() => (followed ? follow.stop() : void follow.start(userId))}
    >
      <LocateFixed size={14} aria-hidden="true" />
    </button>
  );
}

function deeds(members: Members, person: Participant): readonly MenuItem[] {
  const open = (dialog: NonNullable<Members['dialog']['value']>) => () => {
    members.dialog.value = dialog;
  };
  const handOver: MenuItem = {
    label: 'Hand the room over…',
    hindrance: person.kind === 'bot' ? 'A bot cannot own a room' : undefined,
    run: open({ kind: 'hand-over', person }),
  };
  return [
    { label: 'Rules by path…', run: open({ kind: 'rules', userId: person.userId }) },
    handOver,
    { label: 'Take out of the room', apart: true, danger: true, run: () => void members.remove(person) },
    { label: 'Ban…', danger: true, run: open({ kind: 'ban', person }) },
  ];
}
