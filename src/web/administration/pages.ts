// A list of the server that is fetched page by page, for what is asked for at the moment.
import { type ReadonlySignal, signal } from '@preact/signals';
import { explain } from '../error-words.ts';

export interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor: string | null;
}

export interface Pages<T> {
  readonly items: ReadonlySignal<readonly T[] | undefined>;
  readonly more: ReadonlySignal<boolean>;
  readonly problem: ReadonlySignal<string | undefined>;
  /** Begins anew. An answer to what was asked before is dropped. */
  ask(fetch: (cursor: string | undefined) => Promise<Page<T>>): Promise<void>;
  /** Fetches the next page. */
  next(): Promise<void>;
  /** Puts another item in the place of one. */
  replace(old: T, fresh: T): void;
}

export function openPages<T>(): Pages<T> {
  const items = signal<readonly T[] | undefined>(undefined);
  const more = signal(false);
  const problem = signal<string | undefined>(undefined);
  let fetch: (cursor: string | undefined) => Promise<Page<T>> = () => Promise.resolve({ items: [], nextCursor: null });
  let cursor: string | null = null;
  let asked = 0;

  async function load(from: string | undefined): Promise<void> {
    const question = ++asked;
    try {
      const page = await fetch(from);
      if (question !== asked) return;
      items.value = from === undefined ? page.items : [...(items.peek() ?? []), ...page.items];
      cursor = page.nextCursor;
      more.value = cursor !== null;
      problem.value = undefined;
    } catch (error) {
      if (question === asked) problem.value = explain(error).text;
    }
  }

  return {
    items,
    more,
    problem,
    ask(wanted) {
      fetch = wanted;
      return load(undefined);
    },
    next: () => (cursor === null ? Promise.resolve() : load(cursor)),
    replace(old, fresh) {
      items.value = items.peek()?.map((each) => (each === old ? fresh : each));
    },
  };
}
