// One line of a form about an account.
import type { Signal } from '@preact/signals';
import { useId } from 'preact/hooks';

interface TextFieldProps {
  readonly label: string;
  readonly value: Signal<string>;
  readonly autocomplete: 'username' | 'email' | 'off';
  readonly maxLength: number;
  readonly type?: 'text' | 'email';
  readonly required?: boolean;
  readonly hint?: string | undefined;
  readonly problem?: string | undefined;
  readonly onType: () => void;
}

export function TextField(props: TextFieldProps) {
  const { label, value, autocomplete, maxLength, type = 'text', required = true, hint, problem, onType } = props;
  const id = useId();
  const note = problem ?? hint;
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        id={id}
        class="input"
        type={type}
        required={required}
        maxLength={maxLength}
        autocapitalize="off"
        spellcheck={false}
        value={value}
        aria-invalid={problem !== undefined}
        aria-describedby={note === undefined ? undefined : `${id}-hint`}
        {...{ autocomplete }}
        onInput={(event) => {
          value.value = event.currentTarget.value;
          onType();
        }}
      />
      {note !== undefined && (
        <p id={`${id}-hint`} class={problem ? 'hint bad' : 'hint'}>
          {note}
        </p>
      )}
    </div>
  );
}
