// One field for a room code, written as one likes. The link works too.

import { useSignal } from '@preact/signals';
import { ArrowRight } from 'lucide-preact';
import { formatRoomCode, normalizeRoomCode, ROOM_CODE_LENGTH } from '../../protocol/room-code.ts';
import { navigate, roomPath } from '../routes.ts';
import { lastName, session, signIn } from '../session.ts';
import { useForm } from '../ui/form.ts';

export function JoinForm() {
  const written = useSignal('');
  const form = useForm(() => undefined);
  const { problem, onType } = form.field('roomCode');
  const join = async () => {
    const code = readCode(written.value);
    if (!code) {
      form.refuse({ roomCode: `A room code has ${ROOM_CODE_LENGTH} letters and digits, like ABCD-2345.` });
      return false;
    }
    // Without a name the room asks for it; with one there is nothing left to ask.
    if (!session.value && lastName.value.trim() !== '') await signIn(lastName.value).catch(() => undefined);
    navigate(roomPath(code));
    return true;
  };
  return (
    <form class="card" onSubmit={(event) => form.send(event, join)} aria-labelledby="join-title">
      <h2 id="join-title">Join a room</h2>
      <div class="field">
        <label for="room-code">Room code</label>
        <div class="field-row">
          <input
            id="room-code"
            class="input code-input"
            autocomplete="off"
            autocapitalize="characters"
            spellcheck={false}
            placeholder="ABCD-2345"
            value={written}
            aria-invalid={problem !== undefined}
            aria-describedby="room-code-hint"
            onInput={(event) => {
              written.value = event.currentTarget.value;
              onType();
            }}
            onBlur={() => {
              const code = readCode(written.value);
              if (code) written.value = formatRoomCode(code);
            }}
          />
          <button type="submit" class="button primary" aria-busy={form.busy}>
            Join <ArrowRight size={16} aria-hidden="true" />
          </button>
        </div>
        <p id="room-code-hint" class={problem ? 'hint bad' : 'hint'}>
          {problem ?? 'Or the link you were sent. Any case and spacing will do.'}
        </p>
      </div>
    </form>
  );
}

/** A code, or the last part of a pasted link. */
function readCode(written: string): string | undefined {
  const fromLink = /\/r\/([^/?#\s]+)/.exec(written)?.[1];
  return normalizeRoomCode(fromLink ? decodeURIComponent(fromLink) : written);
}
