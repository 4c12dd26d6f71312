// A form that is sent: one attempt at a time, and what the server says of which field.
import { useSignal } from '@preact/signals';
import { CoderoomError } from '../../client/index.ts';
import { explain } from '../error-words.ts';
import { WORDS } from './words.ts';

export interface FormState {
  readonly busy: boolean;
  /** By field; what belongs to no field stands under `form`. */
  readonly problems: Readonly<Record<string, string>>;
  /** Call when something is typed: what was wrong is being changed. */
  readonly touch: () => void;
  /** @param deed resolves to false when the form is to stay: something more is asked for */
  readonly send: (event: Event, deed: () => Promise<unknown>) => void;
}

/**
 * @param done called when the server has taken it
 * @param wrong what is said when the credentials are not right, and of which field; left out: the server's words, of the form
 */
export function useForm(done: () => void, wrong?: FormState['problems']): FormState {
  const busy = useSignal(false);
  const problems = useSignal<Readonly<Record<string, string>>>({});
  const attempt = async (deed: () => Promise<unknown>) => {
    busy.value = true;
    problems.value = {};
    try {
      if ((await deed()) !== false) done();
    } catch (error) {
      problems.value = problemsOf(error, wrong);
      requestAnimationFrame(focusWrong);
    } finally {
      busy.value = false;
    }
  };
  return {
    busy: busy.value,
    problems: problems.value,
    touch() {
      if (Object.keys(problems.peek()).length > 0) problems.value = {};
    },
    send(event, deed) {
      event.preventDefault();
      if (!busy.peek()) void attempt(deed);
    },
  };
}

/** Where the next key belongs. */
function focusWrong(): void {
  document.querySelector<HTMLElement>(':is(dialog, .entry) [aria-invalid="true"]')?.focus();
}

interface Details {
  readonly path?: string;
  readonly issues?: readonly { readonly path: string; readonly message: string }[];
  readonly retryAfterMs?: number;
}

function problemsOf(error: unknown, wrong: FormState['problems'] | undefined): FormState['problems'] {
  if (!(error instanceof CoderoomError)) return { form: explain(error).text };
  const { path, issues, retryAfterMs } = (error.details ?? {}) as Details;
  switch (error.code) {
    case 'wrong_credentials':
      return path === 'password' ? { password: error.message } : (wrong ?? { form: error.message });
    case 'conflict':
      return path === 'username' ? { username: WORDS.taken } : { form: error.message };
    case 'invalid_input':
      return Object.fromEntries((issues ?? []).map((issue) => [issue.path || 'form', sentence(issue.message)]));
    case 'rate_limited':
      return { form: `Too many tries. Try again in ${waitOf(retryAfterMs ?? 60_000)}.` };
    default:
      return { form: explain(error).text };
  }
}

/** As the server says it of a field: “has fewer than 10 characters”. */
const sentence = (message: string): string => `This ${message}.`.replace('This Invalid', 'Invalid').replace('..', '.');

function waitOf(ms: number): string {
  if (ms <= 60_000) return 'a minute';
  const minutes = Math.ceil(ms / 60_000);
  return minutes < 120 ? `${minutes} minutes` : `${Math.ceil(minutes / 60)} hours`;
}
