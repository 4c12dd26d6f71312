// Opens a room and goes into it. The name of a guest is asked for in the same breath, once.
import { useSignal } from '@preact/signals';
import { navigate, roomPath } from '../routes.ts';
import { client, lastName, session, signIn } from '../session.ts';
import { useForm } from '../ui/form.ts';
import { RefusalLine } from '../ui/form-end.tsx';
import { TextField } from '../ui/text-field.tsx';
import { type Visibility, VisibilityChoice } from '../ui/visibility-choice.tsx';

/** The server's limit (`ROOM_NAME_LENGTH`). */
const ROOM_NAME_LENGTH = 100;

export function NewRoomForm() {
  const name = useSignal('');
  const visibility = useSignal<Visibility>('collaborative');
  const form = useForm(() => undefined);
  const create = async () => {
    if (!askForName()) return false;
    if (!session.value) await signIn(lastName.value);
    const roomName = name.value.trim() || `${session.value?.user.displayName}’s room`.slice(0, ROOM_NAME_LENGTH);
    const { room } = await client().call('room.create', { name: roomName, visibility: visibility.value });
    navigate(roomPath(room.roomCode));
    return true;
  };

  return (
    <form class="card" onSubmit={(event) => form.send(event, create)} aria-labelledby="new-title">
      <h2 id="new-title">New room</h2>
      <TextField
        label="Room name"
        value={name}
        autocomplete="off"
        required={false}
        maxLength={ROOM_NAME_LENGTH}
        placeholder="Algorithms, Tuesday"
        {...form.field('name')}
      />
      <VisibilityChoice
        chosen={visibility.value}
        onChoose={(next) => {
          visibility.value = next;
        }}
      />
      <RefusalLine refusal={form.refusal} />
      <button type="submit" class="button primary wide" aria-busy={form.busy}>
        {form.busy ? 'Opening the room…' : 'Create room'}
      </button>
    </form>
  );
}

/** The name stands outside of this form, above both. @returns whether there is one */
function askForName(): boolean {
  const input = document.querySelector<HTMLInputElement>('#display-name');
  return input === null || input.reportValidity();
}
