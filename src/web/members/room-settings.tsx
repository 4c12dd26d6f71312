// What the room is: name, who comes in, seats; and the ways to its code, its rules and its end.
import { useSignal } from '@preact/signals';
import { useWorkspace } from '../state/workspace.ts';
import { Dialog } from '../ui/dialog.tsx';
import { useForm } from '../ui/form.ts';
import { FormEnd } from '../ui/form-end.tsx';
import { TextField } from '../ui/text-field.tsx';
import { type Visibility, VisibilityChoice } from '../ui/visibility-choice.tsx';

/** The server's limits (`ROOM_NAME_LENGTH`, `MAX_PARTICIPANTS`). */
const NAME_LENGTH = 100;
const SEATS = { min: 1, max: 1000 };

export function RoomSettings({ onClose }: { onClose: () => void }) {
  const { view } = useWorkspace();
  const { info, room } = view;
  const name = useSignal(info.peek().name);
  const visibility = useSignal<Visibility>(info.peek().visibility);
  const seats = useSignal(String(info.peek().maxParticipants));
  const form = useForm(onClose);
  const save = () =>
    room.manage.update({
      name: name.value.trim(),
      visibility: visibility.value,
      maxParticipants: Number(seats.value),
    });
  return (
    <Dialog label="Room settings" class="room-settings" onClose={onClose}>
      <h2>Room settings</h2>
      <form onSubmit={(event) => form.send(event, save)}>
        <TextField label="Name" value={name} autocomplete="off" maxLength={NAME_LENGTH} {...form.field('name')} />
        <VisibilityChoice
          chosen={visibility.value}
          onChoose={(next) => {
            visibility.value = next;
          }}
        />
        <TextField
          label="Seats"
          value={seats}
          class="seats"
          type="number"
          range={SEATS}
          hint="Nobody loses the seat they have, nor their role."
          {...form.field('maxParticipants')}
        />
        <FormEnd form={form} deed="Save" onCancel={onClose} />
      </form>
      <Ways onClose={onClose} />
    </Dialog>
  );
}

function Ways({ onClose }: { onClose: () => void }) {
  const { view, members, overlay } = useWorkspace();
  return (
    <ul class="room-ways">
      <li>
        <span>
          Code <span class="code">{view.info.value.roomCode}</span>
        </span>
        <button
          type="button"
          class="button small"
          onClick={() => {
            members.dialog.value = { kind: 'new-code' };
          }}
        >
          New code…
        </button>
      </li>
      <li>
        <span>
          Rules by path <span class="hint">who reads, writes and deletes which files</span>
        </span>
        <button
          type="button"
          class="button small"
          onClick={() => {
            members.dialog.value = { kind: 'rules', userId: null };
          }}
        >
          Edit rules…
        </button>
      </li>
      <li>
        <span>
          Close the room <span class="hint">contents are kept; you can open it again</span>
        </span>
        <button
          type="button"
          class="button small danger"
          onClick={() => {
            onClose();
            overlay.value = 'close-room';
          }}
        >
          Close…
        </button>
      </li>
    </ul>
  );
}
