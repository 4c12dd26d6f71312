// One setting: what it is on the left, what it is set to on the right.
import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';

interface SettingProps {
  readonly label: string;
  readonly hint?: ComponentChildren;
  /** Given the id that ties it to the label. */
  readonly children: (id: string) => ComponentChildren;
}

export function Setting({ label, hint, children }: SettingProps) {
  const id = useId();
  return (
    <div class="setting">
      <span class="setting-words">
        <label for={id}>{label}</label>
        {hint && <span class="hint">{hint}</span>}
      </span>
      <span class="setting-control">{children(id)}</span>
    </div>
  );
}

interface SwitchProps {
  readonly label: string;
  readonly hint?: ComponentChildren;
  readonly on: boolean;
  readonly disabled?: boolean;
  readonly onChange: (on: boolean) => void;
}

/** A setting that is on or off. */
export function Switch({ label, hint, on, disabled = false, onChange }: SwitchProps) {
  return (
    <Setting label={label} hint={hint}>
      {(id) => (
        <input
          id={id}
          type="checkbox"
          role="switch"
          aria-checked={on}
          class="toggle"
          checked={on}
          disabled={disabled}
          onChange={(event) => onChange(event.currentTarget.checked)}
        />
      )}
    </Setting>
  );
}

interface ChoiceProps<T extends string> {
  readonly label: string;
  readonly hint?: ComponentChildren;
  readonly chosen: T;
  readonly options: readonly { readonly value: T; readonly name: string }[];
  readonly onChange: (value: T) => void;
}

/** A setting that is one of some. */
export function Choice<T extends string>({ label, hint, chosen, options, onChange }: ChoiceProps<T>) {
  return (
    <Setting label={label} hint={hint}>
      {(id) => (
        <select id={id} class="select" value={chosen} onChange={(event) => onChange(event.currentTarget.value as T)}>
          {options.map(({ value, name }) => (
            <option key={value} value={value}>
              {name}
            </option>
          ))}
        </select>
      )}
    </Setting>
  );
}

interface StepperProps {
  readonly label: string;
  readonly unit: string;
  readonly value: number;
  readonly least: number;
  readonly most: number;
  readonly onChange: (value: number) => void;
}

/** A setting that is a small whole number. */
export function Stepper({ label, unit, value, least, most, onChange }: StepperProps) {
  const step = (by: number) => onChange(Math.max(least, Math.min(most, value + by)));
  return (
    <Setting label={label}>
      {(id) => (
        <span class="stepper">
          <button
            type="button"
            class="icon small"
            aria-label={`${label}: less`}
            disabled={value <= least}
            onClick={() => step(-1)}
          >
            −
          </button>
          <output id={id} aria-live="polite">
            {value} {unit}
          </output>
          <button
            type="button"
            class="icon small"
            aria-label={`${label}: more`}
            disabled={value >= most}
            onClick={() => step(1)}
          >
            +
          </button>
        </span>
      )}
    </Setting>
  );
}
