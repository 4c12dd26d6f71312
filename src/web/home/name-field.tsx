// Under which name others see one.
import { type Signal, useSignal } from '@preact/signals';
import { NAME_LENGTH, session, signOut } from '../session.ts';
import { Confirm } from '../ui/dialog.tsx';

export function NameField({ name, focus = false }: { name: Signal<string>; focus?: boolean }) {
  return (
    <div class="field">
      <label for="display-name">Your name</label>
      <input
        id="display-name"
        class="input"
        required
        autocomplete="nickname"
        maxLength={NAME_LENGTH}
        placeholder="Ada"
        value={name}
        ref={(input) => {
          if (focus && input && document.activeElement === document.body) input.focus();
        }}
        onInput={(event) => {
          name.value = event.currentTarget.value;
        }}
      />
      <p class="hint">Others see it at your cursor. This browser remembers it.</p>
    </div>
  );
}

/** Who one is already, and the way to be somebody else. */
export function WhoAmI() {
  const asking = useSignal(false);
  const name = session.value?.user.displayName;
  return (
    <p class="who">
      <span>
        You are <strong>{name}</strong>.
      </span>
      <button
        type="button"
        class="link"
        onClick={() => {
          asking.value = true;
        }}
      >
        Use another name
      </button>
      {asking.value && (
        <Confirm
          title="Become somebody else?"
          text={`Rooms that ${name} opened stay open, but this browser can no longer manage them.`}
          deed={`Stop being ${name}`}
          onConfirm={() => void signOut()}
          onClose={() => {
            asking.value = false;
          }}
        />
      )}
    </p>
  );
}
