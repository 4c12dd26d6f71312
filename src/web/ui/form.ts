// A form that is sent: one attempt at a time, and what the server says of which field.
import { useSignal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import { CoderoomError } from '../../client/index.ts';
import { explain } from '../error-words.ts';

/** By field, what is wrong with it. */
type Problems = Readonly<Record<string, string>>;

/** What is wrong with the whole. */
export interface Refusal {
  readonly text: string;
  /** For small print. */
  readonly code?: string;
}

/** To be spread over a field: what is wrong with it, and what to do when it is typed in. */
export interface FieldState {
  readonly problem: string | undefined;
  readonly onType: () => void;
}

export interface FormState {
  readonly busy: boolean;
  /** Also where the server names a field that the form does not have. */
  readonly refusal: Refusal | undefined;
  /** @param name as in the input of the command */
  readonly field: (name: string) => FieldState;
  /** Something is typed: what was wrong is being changed. */
  readonly touch: () => void;
  /** What the page itself finds wrong; before the server is asked. */
  readonly refuse: (problems: Problems) => void;
  /**
   * @param event of the form, or of a button in it; nothing else comes of it
   * @param deed resolves to false when the form is to stay: something is wrong, or more is asked for
   */
  readonly send: (event: Event, deed: () => Promise<unknown>) => void;
}

/** What is said of a code, and of which field; other codes have the words that they have everywhere. */
export type FormWords = Partial<Record<CoderoomError['code'], Problems>>;

/** @param done called when the server has taken it */
export function useForm(done: () => void, words: FormWords = {}): FormState {
  const busy = useSignal(false);
  const problems = useSignal<Problems>({});
  const refusal = useSignal<Refusal | undefined>(undefined);
  const fields = useRef(new Set<string>()).current;
  const clear = () => {
    if (refusal.peek() || Object.keys(problems.peek()).length > 0) {
      problems.value = {};
      refusal.value = undefined;
    }
  };
  const attempt = async (form: Element | null, deed: () => Promise<unknown>) => {
    busy.value = true;
    clear();
    try {
      if ((await deed()) !== false) return done();
    } catch (error) {
      const found = problemsOf(error, words, fields);
      problems.value = Object.fromEntries(Object.entries(found).filter(([name]) => fields.has(name)));
      refusal.value = restOf(found, fields, error);
    } finally {
      busy.value = false;
    }
    // When the fields show it.
    requestAnimationFrame(() => form?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus());
  };
  return {
    busy: busy.value,
    refusal: refusal.value,
    field(name) {
      fields.add(name);
      return { problem: problems.value[name], onType: clear };
    },
    touch: clear,
    refuse(found) {
      problems.value = found;
    },
    send(event, deed) {
      event.preventDefault();
      if (!busy.peek()) void attempt((event.currentTarget as Element).closest('form'), deed);
    },
  };
}

interface Details {
  readonly path?: string;
  readonly issues?: readonly { readonly path: string; readonly message: string }[];
}

/** What belongs to no field has no name. */
function problemsOf(error: unknown, words: FormWords, fields: ReadonlySet<string>): Problems {
  if (!(error instanceof CoderoomError)) return { '': explain(error).text };
  const { path, issues } = (error.details ?? {}) as Details;
  const said = words[error.code];
  if (said && (path === undefined || path in said)) return said;
  if (path !== undefined && fields.has(path)) return { [path]: error.message };
  if (issues && issues.length > 0)
    return Object.fromEntries(issues.map((issue) => [issue.path, sentence(issue.message)]));
  // The server knows better than the page what was wrong with them.
  return { '': error.code === 'wrong_credentials' ? error.message : explain(error).text };
}

function restOf(problems: Problems, fields: ReadonlySet<string>, error: unknown): Refusal | undefined {
  const rest = Object.entries(problems).filter(([name]) => !fields.has(name));
  if (rest.length === 0) return undefined;
  const text = rest.map(([name, problem]) => (name === '' ? problem : `${name}: ${problem}`)).join(' ');
  return { text, code: explain(error).code };
}

/** As the server says it of a field: “has fewer than 10 characters”. */
const sentence = (message: string): string => `This ${message}.`.replace('This Invalid', 'Invalid').replace('..', '.');
