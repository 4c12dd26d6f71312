// Something that is done at the press of a button: one attempt at a time, and a notice where it goes wrong.
import { useSignal } from '@preact/signals';
import { failure } from '../error-words.ts';
import { notify } from '../state/notices.ts';

export interface Deed {
  readonly busy: boolean;
  /** @param failed as in “The letter was not sent” */
  readonly attempt: (failed: string, act: () => Promise<unknown>) => void;
}

export function useDeed(): Deed {
  const busy = useSignal(false);
  const work = async (failed: string, act: () => Promise<unknown>) => {
    busy.value = true;
    try {
      await act();
    } catch (error) {
      notify({ kind: 'bad', text: failure(failed, error) });
    } finally {
      busy.value = false;
    }
  };
  return {
    busy: busy.value,
    attempt(failed, act) {
      if (!busy.peek()) void work(failed, act);
    },
  };
}
