// What is asked of the server to be shown: on its way, not to be had, or here. Only the last question counts: an answer to
// an earlier one, or to one that nobody waits for any more, is dropped.
import { type ReadonlySignal, signal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import { type Explanation, explain } from '../error-words.ts';

/** Why it could not be had, or not anew. */
type Problem = Pick<Explanation, 'reason' | 'code'>;

export type LoadState<T> =
  | { readonly kind: 'loading' }
  | { readonly kind: 'failed'; readonly problem: Problem }
  | {
      readonly kind: 'here';
      readonly value: T;
      /** A newer one is on its way. */
      readonly busy: boolean;
      /** Why there is no newer one. */
      readonly problem?: Problem;
    };

export interface Loading<T> {
  readonly state: ReadonlySignal<LoadState<T>>;
  /** Asks, again too. What is here stays meanwhile, also where it goes wrong. Resolves when it is answered, never rejects. */
  readonly load: () => Promise<void>;
  /** What is here has become something else, without asking. */
  readonly change: (next: (value: T) => T) => void;
  /** Nobody waits any more. */
  readonly close: () => void;
}

export function openLoading<T>(ask: () => Promise<T>): Loading<T> {
  const state = signal<LoadState<T>>({ kind: 'loading' });
  let questions = 0;
  const begin = (): void => {
    const before = state.peek();
    state.value = before.kind === 'here' ? { ...before, busy: true } : { kind: 'loading' };
  };
  const fail = (problem: Problem): void => {
    const before = state.peek();
    state.value = before.kind === 'here' ? { ...before, busy: false, problem } : { kind: 'failed', problem };
  };
  return {
    state,
    async load() {
      const question = ++questions;
      begin();
      try {
        const value = await ask();
        if (question === questions) state.value = { kind: 'here', value, busy: false };
      } catch (error) {
        if (question === questions) fail(explain(error));
      }
    },
    change(next) {
      const before = state.peek();
      if (before.kind === 'here') state.value = { ...before, value: next(before.value) };
    },
    close() {
      questions++;
    },
  };
}

/**
 * Loads while a component is on the page.
 * @param of what the question is about: other ones, and all begins anew
 * @param again when these change it is asked again, and what is here stays meanwhile
 */
export function useLoaded<T>(
  ask: () => Promise<T>,
  of: readonly unknown[] = [],
  again: readonly unknown[] = [],
): Loading<T> {
  const loading = useMemo(() => openLoading(ask), of);
  useEffect(() => void loading.load(), [loading, ...again]);
  useEffect(() => loading.close, [loading]);
  return loading;
}
