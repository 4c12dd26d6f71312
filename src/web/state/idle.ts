// Who is away from the keyboard: oneself, told to the others, and the others, as far as one has a file open with them.
import { effect, type ReadonlySignal, signal } from '@preact/signals';
import type { Client, RoomDocument } from '../../client/index.ts';
import type { OpenDocuments } from './open-documents.ts';

/** Milliseconds without a key, a click or a move. */
const IDLE_AFTER_MS = 30_000;
const pageEvents = globalThis as unknown as EventTarget;
const SIGNS = ['pointermove', 'pointerdown', 'keydown', 'wheel', 'touchstart', 'focus'] as const;

/**
 * Tells the others when one is away from the keyboard and when one is back, until the returned function is called.
 * @param source where the signs come from
 */
export function tellIdle(client: Pick<Client, 'setIdle'>, source = pageEvents): () => void {
  let activeAt = performance.now();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const wait = (): void => {
    timer = setTimeout(look, IDLE_AFTER_MS - (performance.now() - activeAt));
  };
  function look(): void {
    timer = undefined;
    if (performance.now() - activeAt < IDLE_AFTER_MS) return wait();
    client.setIdle(true);
  }
  const onSign = (): void => {
    activeAt = performance.now();
    if (timer !== undefined) return;
    client.setIdle(false);
    wait();
  };
  for (const sign of SIGNS) source.addEventListener(sign, onSign, { passive: true, capture: true });
  wait();
  return () => {
    clearTimeout(timer);
    for (const sign of SIGNS) source.removeEventListener(sign, onSign, { capture: true });
  };
}

export interface IdlePeople {
  /** User ids. Somebody with several pages open is idle when all of them are. */
  readonly ids: ReadonlySignal<ReadonlySet<string>>;
  readonly dispose: () => void;
}

/** Follows the marks in all documents that are open here. */
export function idlePeople(documents: OpenDocuments): IdlePeople {
  const ids = signal<ReadonlySet<string>>(new Set());
  const dispose = effect(() => {
    const open = [...documents.all.value.values()].map(({ document }) => document);
    const read = (): void => {
      const found = idleIn(open);
      const before = ids.peek();
      if (found.size !== before.size || [...found].some((id) => !before.has(id))) ids.value = found;
    };
    for (const { awareness } of open) awareness.on('change', read);
    read();
    return () => {
      for (const { awareness } of open) awareness.off('change', read);
    };
  });
  return { ids, dispose };
}

function idleIn(open: readonly Pick<RoomDocument, 'awareness'>[]): ReadonlySet<string> {
  const idle = new Set<string>();
  const active = new Set<string>();
  for (const { awareness } of open) {
    for (const [client, state] of awareness.getStates()) {
      const id = state['user']?.id;
      if (client === awareness.clientID || typeof id !== 'string') continue;
      (state['idle'] === true ? idle : active).add(id);
    }
  }
  for (const id of active) idle.delete(id);
  return idle;
}
