// What is loaded, as it is shown: bones, why it is not there and the way to try again, or itself.
import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import type { Loading } from '../state/loading.ts';
import { ErrorCode } from './error-code.tsx';

interface BonesProps {
  /** As in “Loading your rooms…”. */
  readonly what: string;
  readonly rows?: number;
  readonly class?: string;
}

/** Where lines of text will be. */
export function Bones({ what, rows = 2, class: look = 'skeleton-rows' }: BonesProps) {
  return (
    <div class={look} role="status">
      <p class="sr-only">Loading {what}…</p>
      {Array.from({ length: rows }, (_, index) => (
        <span key={index} class="bone" />
      ))}
    </div>
  );
}

interface LoadedProps<T> extends BonesProps {
  readonly of: Loading<T>;
  /** For a list that grows at its end: that is where one looks when it does not. */
  readonly problemBelow?: boolean;
  readonly children: (value: T, busy: boolean) => ComponentChildren;
}

export function Loaded<T>({ of, children, problemBelow = false, ...bones }: LoadedProps<T>) {
  const state = of.state.value;
  const problem = <NotLoaded of={of} what={bones.what} />;
  return (
    <>
      {!problemBelow && problem}
      {state.kind === 'loading' && <Bones {...bones} />}
      {state.kind === 'here' && children(state.value, state.busy)}
      {problemBelow && problem}
    </>
  );
}

/** Why it could not be had, where it could not, and the way to try again. */
export function NotLoaded({ of, what }: { of: Pick<Loading<unknown>, 'state' | 'load'>; what: string }) {
  const state = of.state.value;
  const problem = state.kind === 'loading' ? undefined : state.problem;
  const button = useRef<HTMLButtonElement>(null);
  const tried = useRef(false);
  useLayoutEffect(() => {
    // The button went away, with the focus, while it was tried.
    if (problem && tried.current && document.activeElement === document.body) button.current?.focus();
    if (state.kind !== 'loading') tried.current = false;
  }, [state]);
  if (!problem) return null;
  return (
    <p class="not-loaded" role="alert">
      {what.charAt(0).toUpperCase() + what.slice(1)} could not be loaded. {problem.reason}{' '}
      <button
        ref={button}
        type="button"
        class="link"
        onClick={() => {
          tried.current = true;
          void of.load();
        }}
      >
        Try again
      </button>{' '}
      <ErrorCode code={problem.code} />
    </p>
  );
}
