// The end of a form: why it was refused, and what can be done with it.
import type { ComponentChildren } from 'preact';
import { ErrorCode } from './error-code.tsx';
import type { FormState, Refusal } from './form.ts';

/** There before it says anything, so that it is read out when it does. */
export function RefusalLine({ refusal }: { refusal: Refusal | undefined }) {
  return (
    <p class="hint bad" role="alert" hidden={refusal === undefined}>
      {refusal?.text} {refusal?.code !== undefined && <ErrorCode code={refusal.code} />}
    </p>
  );
}

interface FormEndProps {
  readonly form: FormState;
  /** What the button says. */
  readonly deed: string;
  readonly onCancel?: () => void;
  /** Beside, or in place of, the way to cancel. */
  readonly children?: ComponentChildren;
  /** Another one than the form's own. */
  readonly refusal?: Refusal | undefined;
  readonly danger?: boolean;
  readonly small?: boolean;
  readonly disabled?: boolean;
}

export function FormEnd({ form, deed, onCancel, children, refusal = form.refusal, ...look }: FormEndProps) {
  const { danger = false, small = false, disabled = false } = look;
  const size = small ? ' small' : '';
  return (
    <>
      <RefusalLine refusal={refusal} />
      <div class="actions">
        {onCancel && (
          <button type="button" class={`button${size}`} onClick={onCancel}>
            Cancel
          </button>
        )}
        {children}
        <button
          type="submit"
          class={`button ${danger ? 'danger' : 'primary'}${size}`}
          aria-busy={form.busy}
          disabled={disabled}
        >
          {deed}
        </button>
      </div>
    </>
  );
}
