// One line of a form.
import type { Signal } from '@preact/signals';
import { useId, useLayoutEffect, useRef } from 'preact/hooks';
import type { FieldState } from './form.ts';

interface TextFieldProps extends Partial<FieldState> {
  readonly label: string;
  readonly value: Signal<string>;
  readonly autocomplete?: 'username' | 'email' | 'tel' | 'one-time-code' | 'nickname' | 'off';
  readonly maxLength?: number;
  readonly type?: 'text' | 'email' | 'tel' | 'number';
  /** Of a whole number; without it any number will do. */
  readonly range?: { readonly min: number; readonly max: number };
  readonly inputMode?: 'numeric';
  readonly placeholder?: string;
  readonly class?: string;
  /** The next key belongs here when the field appears. */
  readonly focus?: boolean;
  readonly required?: boolean;
  readonly hint?: string | undefined;
}

export function TextField(props: TextFieldProps) {
  const {
    label,
    value,
    autocomplete = 'off',
    maxLength,
    type = 'text',
    required = true,
    hint,
    problem,
    onType,
  } = props;
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => {
    if (props.focus) input.current?.focus();
  }, []);
  const note = problem ?? hint;
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        ref={input}
        id={id}
        class={`input ${props.class ?? ''}`}
        inputMode={props.inputMode}
        type={type}
        required={required}
        maxLength={maxLength}
        {...(type === 'number' && (props.range ?? { step: 'any' }))}
        placeholder={props.placeholder}
        autocapitalize="off"
        spellcheck={false}
        value={value}
        aria-invalid={problem !== undefined}
        aria-describedby={note === undefined ? undefined : `${id}-hint`}
        {...{ autocomplete }}
        onInput={(event) => {
          value.value = event.currentTarget.value;
          onType?.();
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
