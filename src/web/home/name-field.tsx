// Under which name others see one.
import type { Signal } from '@preact/signals';
import { openAccountForm } from '../account/account-dialog-state.ts';
import { NAME_LENGTH, session } from '../session.ts';
import type { FieldState } from '../ui/form.ts';

interface NameProps extends Partial<FieldState> {
  readonly name: Signal<string>;
  readonly focus?: boolean;
}

export function NameField({ name, focus = false, problem, onType }: NameProps) {
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
        aria-invalid={problem !== undefined}
        aria-describedby="display-name-hint"
        ref={(input) => {
          if (focus && input && document.activeElement === document.body) input.focus();
        }}
        onInput={(event) => {
          name.value = event.currentTarget.value;
          onType?.();
        }}
      />
      <p id="display-name-hint" class={problem ? 'hint bad' : 'hint'}>
        {problem ?? 'Others see it at your cursor. This browser remembers it.'}
      </p>
    </div>
  );
}

/** Who one is already; a guest is told how to stay. The menu of the account has the rest. */
export function WhoAmI() {
  const user = session.value?.user;
  if (!user) return null;
  if (user.kind !== 'guest') {
    return (
      <p class="who">
        <span>
          You are <strong>{user.displayName}</strong>.
        </span>
      </p>
    );
  }
  return (
    <div class="settings-note keep-work">
      <span>
        You are <strong>{user.displayName}</strong>, a guest in this browser.
      </span>
      <button type="button" class="link" onClick={() => openAccountForm('sign-up')}>
        Keep your work: make an account
      </button>
    </div>
  );
}
