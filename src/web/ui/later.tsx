// A part of the page whose code is fetched when it is first shown.
import { useSignal } from '@preact/signals';
import { type ComponentType, h } from 'preact';
import { useEffect } from 'preact/hooks';

const BONES = (
  <div class="skeleton-rows" role="status" aria-label="Loading">
    <span />
    <span />
    <span />
  </div>
);

/**
 * Makes a component of one that is still on the server.
 * @param load imports it; a failure (the server was updated, the network is gone) is offered again
 */
export function later<P extends object>(load: () => Promise<ComponentType<P>>): ComponentType<P> {
  let found: ComponentType<P> | undefined;
  return function Later(props: P) {
    const state = useSignal<'loading' | 'here' | 'failed'>(found ? 'here' : 'loading');
    useEffect(() => {
      if (state.value !== 'loading') return;
      load().then(
        (component) => {
          found = component;
          state.value = 'here';
        },
        () => {
          state.value = 'failed';
        },
      );
    }, [state.value]);
    if (found) return h(found, props);
    if (state.value === 'loading') return BONES;
    return (
      <p class="empty">
        This part of the page could not be loaded.{' '}
        <button
          type="button"
          class="link"
          onClick={() => {
            state.value = 'loading';
          }}
        >
          Try again
        </button>
      </p>
    );
  };
}
