// One choice of a form.
import type { Signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';
import type { FieldState } from './form.ts';

interface SelectFieldProps extends Partial<FieldState> {
  readonly label: string;
  readonly value: Signal<string>;
  readonly choices: readonly (readonly [value: string, text: string])[];
  readonly autocomplete?: 'country';
  readonly hint?: string;
  /** Below it. */
  readonly children?: ComponentChildren;
}

export function SelectField(props: SelectFieldProps) {
  const { label, value, choices, hint, problem, onType, children } = props;
  const id = useId();
  const note = problem ?? hint;
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select
        id={id}
        class="select"
        value={value.value}
        aria-invalid={problem !== undefined}
        aria-describedby={note === undefined ? undefined : `${id}-hint`}
        {...(props.autocomplete && { autocomplete: props.autocomplete })}
        onChange={(event) => {
          value.value = event.currentTarget.value;
          onType?.();
        }}
      >
        {choices.map(([each, text]) => (
          <option key={each} value={each}>
            {text}
          </option>
        ))}
      </select>
      {note !== undefined && (
        <p id={`${id}-hint`} class={problem ? 'hint bad' : 'hint'}>
          {note}
        </p>
      )}
      {children}
    </div>
  );
}
