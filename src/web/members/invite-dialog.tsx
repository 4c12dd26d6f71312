// Two ways to bring somebody in: the link, for whoever has it; a user name, for those who have an account.
import { useSignal } from '@preact/signals';
import { Check, Copy } from 'lucide-preact';
import type { GivenRole } from '../../client/index.ts';
import { roomLink } from '../routes.ts';
import { copyLink } from '../state/actions.ts';
import { useWorkspace } from '../state/workspace.ts';
import { Dialog } from '../ui/dialog.tsx';
import { useForm } from '../ui/form.ts';
import { RefusalLine } from '../ui/form-end.tsx';
import { TextField } from '../ui/text-field.tsx';
import { RoleSelect } from './roles.tsx';

/** The server's limit (`USERNAME_LENGTH`). */
const USERNAME_LENGTH = 50;

const BY_LINK = {
  collaborative: 'Whoever opens it can edit.',
  public: 'Whoever opens it can watch; you decide who edits.',
  private: 'Whoever opens it asks; you let them in.',
} as const;

export function InviteDialog({ onClose }: { onClose: () => void }) {
  return (
    <Dialog label="Invite people" class="invite" onClose={onClose}>
      <h2>Invite people</h2>
      <Link />
      <ByName />
      <div class="actions">
        <button type="button" class="button" onClick={onClose}>
          Done
        </button>
      </div>
    </Dialog>
  );
}

function Link() {
  const workspace = useWorkspace();
  const copied = useSignal(false);
  const { roomCode, visibility } = workspace.view.info.value;
  return (
    <div class="field">
      <label for="invite-link">Link</label>
      <div class="field-row">
        <input
          id="invite-link"
          class="input code"
          readOnly
          value={roomLink(roomCode)}
          onFocus={(event) => event.currentTarget.select()}
        />
        <button
          type="button"
          class="button"
          aria-label="Copy the link"
          onClick={() => {
            void copyLink(workspace).then((done) => {
              copied.value = done;
            });
          }}
        >
          {copied.value ? <Check size={14} aria-hidden="true" /> : <Copy size={14} aria-hidden="true" />}
          Copy
        </button>
      </div>
      <p class="hint">{BY_LINK[visibility]}</p>
    </div>
  );
}

function ByName() {
  const { view } = useWorkspace();
  const name = useSignal('');
  const role = useSignal<GivenRole>('collaborator');
  const invited = useSignal<string | undefined>(undefined);
  const unknown = { username: `Nobody has the user name “${name.value.trim()}”.` };
  const form = useForm(
    () => {
      name.value = '';
    },
    { not_found: unknown },
  );
  const { problem, onType } = form.field('username');
  const invite = async () => {
    invited.value = undefined;
    if (name.value.trim() === '') return false;
    invited.value = (await view.room.manage.invite(name.value.trim(), role.value)).displayName;
    return true;
  };
  const hint = invited.value
    ? `${invited.value} is a member now, and has been told.`
    : 'For people with an account: they find the room in their list and need no code.';
  return (
    <form class="invite-form" onSubmit={(event) => form.send(event, invite)}>
      <TextField
        label="User name"
        value={name}
        autocomplete="off"
        required={false}
        maxLength={USERNAME_LENGTH}
        problem={problem}
        onType={() => {
          invited.value = undefined;
          onType();
        }}
      />
      <div class="field">
        <label for="invite-role">Comes as</label>
        <RoleSelect
          id="invite-role"
          label="Comes as"
          value={role.value}
          onChange={(next) => {
            role.value = next;
          }}
        />
      </div>
      <button type="submit" class="button primary" aria-busy={form.busy} disabled={name.value.trim() === ''}>
        Invite
      </button>
      <p class="hint" role="status">
        {hint}
      </p>
      <RefusalLine refusal={form.refusal} />
    </form>
  );
}
