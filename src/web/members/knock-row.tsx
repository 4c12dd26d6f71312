// Somebody who stands at the door.
import { useSignal } from '@preact/signals';
import { Ban } from 'lucide-preact';
import type { GivenRole } from '../../client/index.ts';
import type { Knock } from '../state/knocks.ts';
import { useWorkspace } from '../state/workspace.ts';
import { BotBadge } from '../ui/bot-badge.tsx';
import { RoleSelect } from './roles.tsx';

export function KnockRow({ knock }: { knock: Knock }) {
  const { knocks, members } = useWorkspace();
  const role = useSignal<GivenRole>('collaborator');
  const { userId, displayName, isBot } = knock;
  return (
    <div class="knock">
      <strong class="person-name cut" title={displayName}>
        {displayName}
        {isBot && <BotBadge />}
      </strong>
      <RoleSelect
        label={`Role for ${displayName}`}
        look="small"
        value={role.value}
        onChange={(next) => {
          role.value = next;
        }}
      />
      <div class="actions">
        <button
          type="button"
          class="icon small"
          aria-label={`Ban ${displayName}`}
          title="Ban: the code does not work for them any more"
          onClick={() => {
            members.dialog.value = {
              kind: 'ban',
              person: { userId, displayName, kind: isBot ? 'bot' : 'guest' },
            };
          }}
        >
          <Ban size={14} aria-hidden="true" />
        </button>
        <span class="stretch" />
        <button type="button" class="button small" onClick={() => knocks.dismiss(userId)}>
          Not now
        </button>
        <button type="button" class="button small primary" onClick={() => void knocks.admit(userId, role.value)}>
          Let in
        </button>
      </div>
    </div>
  );
}
