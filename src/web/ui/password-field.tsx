// A password, which can be looked at while it is typed.
import { type Signal, useSignal } from '@preact/signals';
import { Eye, EyeOff } from 'lucide-preact';
import { useId } from 'preact/hooks';
import type { FieldState } from './form.ts';

interface PasswordProps extends FieldState {
  readonly label: string;
  readonly value: Signal<string>;
  /** For the browser's own store of passwords. */
  readonly use: 'current-password' | 'new-password';
  readonly hint?: string | undefined;
}

export function PasswordField({ label, value, use, hint, problem, onType }: PasswordProps) {
  const id = useId();
  const shown = useSignal(false);
  const note = problem ?? hint;
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <div class="password">
        <input
          id={id}
          class="input"
          type={shown.value ? 'text' : 'password'}
          required
          autocomplete={use}
          autocapitalize="off"
          spellcheck={false}
          value={value}
          aria-invalid={problem !== undefined}
          aria-describedby={note === undefined ? undefined : `${id}-hint`}
          onInput={(event) => {
            value.value = event.currentTarget.value;
            onType();
          }}
        />
        <button
          type="button"
          class="icon small"
          aria-label={shown.value ? `Hide: ${label}` : `Show: ${label}`}
          aria-pressed={shown.value}
          title={shown.value ? 'Hide' : 'Show'}
          onClick={() => {
            shown.value = !shown.value;
          }}
        >
          {shown.value ? <EyeOff size={14} aria-hidden="true" /> : <Eye size={14} aria-hidden="true" />}
        </button>
      </div>
      {note !== undefined && (
        <p id={`${id}-hint`} class={problem ? 'hint bad' : 'hint'}>
          {note}
        </p>
      )}
    </div>
  );
}
