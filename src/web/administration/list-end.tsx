// The end of a list that is fetched page by page: waiting, nothing found, something went wrong, or more.
import type { Pages } from './pages.ts';

export function ListEnd({
  pages,
  none,
}: {
  pages: Pick<Pages<unknown>, 'items' | 'more' | 'problem' | 'next'>;
  none: string;
}) {
  const { items, more, problem } = pages;
  if (problem.value) {
    return (
      <p class="empty bad" role="alert">
        {problem.value}
      </p>
    );
  }
  if (!items.value) {
    return (
      <div class="skeleton-rows" role="status" aria-label="Loading the list">
        <span />
        <span />
        <span />
      </div>
    );
  }
  if (items.value.length === 0) return <p class="empty">{none}</p>;
  if (!more.value) return null;
  return (
    <button type="button" class="button small" onClick={() => void pages.next()}>
      Show more
    </button>
  );
}
