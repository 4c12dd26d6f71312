// Fields that write into a signal.
import type { Signal } from '@preact/signals';

interface TextAreaProps {
  readonly label: string;
  readonly id: string;
  readonly value: Signal<string>;
  readonly rows: number;
  /** UTF-16 units. */
  readonly maxLength: number;
  readonly small?: boolean;
  readonly disabled?: boolean;
}

/** Several lines of text in the type of code, with their label. */
export function TextArea({ label, id, value, rows, maxLength, small = false, disabled = false }: TextAreaProps) {
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <textarea
        id={id}
        class={small ? 'input small code' : 'input code'}
        rows={rows}
        maxLength={maxLength}
        spellcheck={false}
        disabled={disabled}
        value={value.value}
        onInput={(event) => {
          value.value = event.currentTarget.value;
        }}
      />
    </div>
  );
}

export function Check({ label, value }: { label: string; value: Signal<boolean> }) {
  return (
    <label class="check">
      <input
        type="checkbox"
        checked={value.value}
        onChange={(event) => {
          value.value = event.currentTarget.checked;
        }}
      />
      {label}
    </label>
  );
}
