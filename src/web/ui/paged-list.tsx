// A list that is fetched page by page, with its end: nothing found, something went wrong, or more.
import type { ComponentChildren } from 'preact';
import type { Pages } from '../state/pages.ts';
import { Loaded } from './loaded.tsx';

interface PagedProps<T> {
  readonly pages: Pages<T>;
  /** As in “Loading the users…”. */
  readonly what: string;
  /** What is said of an empty one. */
  readonly none: string;
  readonly more?: string;
  readonly children: (items: readonly T[]) => ComponentChildren;
}

export function PagedList<T>({ pages, what, none, more = 'Show more', children }: PagedProps<T>) {
  return (
    <Loaded of={pages.list} what={what} rows={3} problemBelow>
      {({ items, nextCursor }, busy) => (
        <>
          {items.length > 0 ? children(items) : <p class="empty">{none}</p>}
          {nextCursor !== null && (
            <button type="button" class="button small more" aria-busy={busy} onClick={() => void pages.next()}>
              {more}
            </button>
          )}
        </>
      )}
    </Loaded>
  );
}
