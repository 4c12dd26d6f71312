// A part of the page whose code is fetched when it is first shown.
import { type ComponentType, h } from 'preact';
import { useEffect } from 'preact/hooks';
import { openLoading } from '../state/loading.ts';
import { Loaded } from './loaded.tsx';

const WAYS_OUT = 'The network may be gone, or the server has a newer page: then reload this one.';

/**
 * Makes a component of one that is still on the server.
 * @param load imports it; a failure (the server was updated, the network is gone) is offered again
 */
export function later<P extends object>(load: () => Promise<ComponentType<P>>): ComponentType<P> {
  const loading = openLoading(() =>
    load().catch(() => {
      throw new Error(WAYS_OUT);
    }),
  );
  return function Later(props: P) {
    useEffect(() => {
      if (loading.state.peek().kind !== 'here') void loading.load();
    }, []);
    return (
      <Loaded of={loading} what="this part of the page" rows={3}>
        {(Component) => h(Component, props)}
      </Loaded>
    );
  };
}
