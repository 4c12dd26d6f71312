// A list of the server that is fetched page by page, for what is asked for at the moment.
import { useEffect, useMemo } from 'preact/hooks';
import { type Loading, openLoading } from './loading.ts';

export interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor: string | null;
}

/** @param cursor undefined: from the start */
export type FetchPage<T> = (cursor: string | undefined) => Promise<Page<T>>;

export interface Pages<T> {
  /** All that was fetched, and where it goes on. */
  readonly list: Loading<Page<T>>;
  /** Begins anew; what is here stays until the answer. */
  ask(fetch: FetchPage<T>): Promise<void>;
  /** Fetches the next page. */
  next(): Promise<void>;
  /** Puts another item in the place of one. */
  replace(old: T, fresh: T): void;
}

export function openPages<T>(): Pages<T> {
  let fetch: FetchPage<T> = () => Promise.resolve({ items: [], nextCursor: null });
  let from: string | undefined;
  const list: Loading<Page<T>> = openLoading(async () => {
    const page = await fetch(from);
    const before = list.state.peek();
    return from === undefined || before.kind !== 'here'
      ? page
      : { items: [...before.value.items, ...page.items], nextCursor: page.nextCursor };
  });
  return {
    list,
    ask(wanted) {
      fetch = wanted;
      from = undefined;
      return list.load();
    },
    async next() {
      const now = list.state.peek();
      // An answer that is on its way may say otherwise where it goes on.
      if (now.kind !== 'here' || now.busy || now.value.nextCursor === null) return;
      from = now.value.nextCursor;
      await list.load();
    },
    replace(old, fresh) {
      list.change(({ items, nextCursor }) => ({
        items: items.map((each) => (each === old ? fresh : each)),
        nextCursor,
      }));
    },
  };
}

/** Fetches while a component is on the page, from the start when it comes. */
export function usePages<T>(fetch: FetchPage<T>): Pages<T> {
  const pages = useMemo(() => openPages<T>(), []);
  useEffect(() => {
    void pages.ask(fetch);
    return pages.list.close;
  }, []);
  return pages;
}
