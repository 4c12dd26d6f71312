// Opens a room and goes into it. The name of a guest is asked for in the same breath, once.
import { useSignal } from '@preact/signals';
import { explain } from '../error-words.ts';
import { navigate, roomPath } from '../routes.ts';
import { client, lastName, session, signIn } from '../session.ts';
import { type Visibility, VisibilityChoice } from '../ui/visibility-choice.tsx';

/** The server's limit (`ROOM_NAME_LENGTH`). */
const ROOM_NAME_LENGTH = 100;

export function NewRoomForm() {
  const name = useSignal('');
  const visibility = useSignal<Visibility>('collaborative');
  const busy = useSignal(false);
  const problem = useSignal<string | undefined>(undefined);

  const onSubmit = async (event: SubmitEvent) => {
    event.preventDefault();
    if (busy.value || !askForName()) return;
    busy.value = true;
    problem.value = undefined;
    try {
      if (!session.value) await signIn(lastName.value);
      const roomName = name.value.trim() || `${session.value?.user.displayName}’s room`.slice(0, ROOM_NAME_LENGTH);
      const { room } = await client().call('room.create', { name: roomName, visibility: visibility.value });
      navigate(roomPath(room.roomCode));
    } catch (error) {
      const { title, text } = explain(error);
      problem.value = `${title}. ${text}`;
    } finally {
      busy.value = false;
    }
  };

  return (
    <form class="card" onSubmit={onSubmit} aria-labelledby="new-title">
      <h2 id="new-title">New room</h2>
      <div class="field">
        <label for="room-name">Room name</label>
        <input
          id="room-name"
          class="input"
          autocomplete="off"
          maxLength={ROOM_NAME_LENGTH}
          placeholder="Algorithms, Tuesday"
          value={name}
          onInput={(event) => {
            name.value = event.currentTarget.value;
          }}
        />
      </div>
      <VisibilityChoice
        chosen={visibility.value}
        onChoose={(next) => {
          visibility.value = next;
        }}
      />
      {problem.value && (
        <p class="hint bad" role="alert">
          {problem.value}
        </p>
      )}
      <button type="submit" class="button primary wide" aria-busy={busy.value}>
        {busy.value ? 'Opening the room…' : 'Create room'}
      </button>
    </form>
  );
}

/** The name stands outside of this form, above both. @returns whether there is one */
function askForName(): boolean {
  const input = document.querySelector<HTMLInputElement>('#display-name');
  return input === null || input.reportValidity();
}
