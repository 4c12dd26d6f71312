// What the browser remembers between visits. It may refuse (private windows, full); then things hold until the page is
// closed.
import { effect, type Signal, signal } from '@preact/signals';

/** A signal that is kept in localStorage as JSON. What is stored and does not fit is ignored. */
export function remembered<T>(key: string, initial: T, fits: (value: unknown) => boolean = () => true): Signal<T> {
  const stored = readStored(key);
  const kept = signal<T>(stored !== undefined && fits(stored) ? (stored as T) : initial);
  let first = true;
  effect(() => {
    const { value } = kept;
    if (first) first = false;
    else write(key, value);
  });
  return kept;
}

/** @returns undefined where nothing readable is stored */
export function readStored(key: string): unknown {
  try {
    const text = localStorage.getItem(key);
    return text === null ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function write(key: string, value: unknown): void {
  try {
    if (value === null || value === undefined) localStorage.removeItem(key);
    else localStorage.setItem(key, JSON.stringify(value));
  } catch {
    // Refused by the browser: nothing that is needed to work on.
  }
}
