// Listeners of one kind. A listener that throws must not keep the others, or the client’s own state, from going on.
import type { Unsubscribe } from './api.ts';

export class Emitter<A extends readonly unknown[]> {
  readonly #listeners = new Set<(...args: A) => void>();

  on(listener: (...args: A) => void): Unsubscribe {
    // A wrapper of its own, so that the same function can be added twice and removed once.
    const entry = (...args: A): void => listener(...args);
    this.#listeners.add(entry);
    return () => void this.#listeners.delete(entry);
  }

  emit(...args: A): void {
    // Those there are now: one that is added by a listener has not missed anything.
    const listeners = [...this.#listeners];
    for (const listener of listeners) {
      try {
        listener(...args);
      } catch (error) {
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }

  clear(): void {
    this.#listeners.clear();
  }
}
