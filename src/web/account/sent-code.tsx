// A code that is sent to a telephone: how long it is good, when the next one can be had, and the field that it goes into.
import type { Signal } from '@preact/signals';
import { CoderoomError } from '../../client/index.ts';
import type { FieldState } from '../ui/form.ts';
import { TextField } from '../ui/text-field.tsx';
import { countdown, useWait, type Wait } from './wait.ts';

/** The server's limit. */
const CODE_DIGITS = 6;
/** Milliseconds that a code is good for. */
const LIFE_MS = 180_000;

export interface SentCode {
  /** Until another one can be had. */
  readonly next: Wait;
  /** Until the last one is too old. */
  readonly life: Wait;
  /** Has one sent. @throws CoderoomError `rate_limited`, … */
  readonly request: (phone: string) => Promise<void>;
}

/** @param ask resolves to milliseconds until the next code can be had */
export function useSentCode(ask: (phone: string) => Promise<{ readonly retryAfterMs: number }>): SentCode {
  const next = useWait();
  const life = useWait();
  return {
    next,
    life,
    async request(phone) {
      try {
        const { retryAfterMs } = await ask(phone);
        next.begin(retryAfterMs);
      } catch (error) {
        next.begin(waitOf(error));
        throw error;
      }
      life.begin(LIFE_MS);
    },
  };
}

/** Codes of a number are few; of other refusals nothing is gained by waiting. */
function waitOf(error: unknown): number {
  if (!(error instanceof CoderoomError) || error.code !== 'rate_limited') return 0;
  return (error.details as { retryAfterMs?: number } | undefined)?.retryAfterMs ?? 0;
}

interface CodeFieldProps extends FieldState {
  readonly label: string;
  readonly value: Signal<string>;
  readonly life: Wait;
  /** Instead of how long the code is good: none was sent yet. */
  readonly unsent?: string | undefined;
  readonly focus?: boolean;
}

export function CodeField({ life, unsent, ...field }: CodeFieldProps) {
  const age = life.seconds > 0 ? `Six digits, good for ${countdown(life.seconds)}.` : 'The code is too old now.';
  return (
    <TextField
      {...field}
      class="code-digits"
      inputMode="numeric"
      autocomplete="one-time-code"
      maxLength={CODE_DIGITS}
      hint={unsent ?? age}
    />
  );
}
