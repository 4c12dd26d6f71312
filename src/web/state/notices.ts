// Short messages in the corner: what happened without one's own doing, or what failed. Read out politely.
import { signal } from '@preact/signals';

export interface Notice {
  readonly id: number;
  readonly kind: 'info' | 'good' | 'bad';
  readonly text: string;
  readonly action?: { readonly label: string; readonly run: () => void };
}

/** Milliseconds; long enough to read two lines. With an action it stays until it is used or closed. */
const STAY_MS = 6000;
/** More than this at once is noise: the oldest goes. */
const MOST = 4;

export const notices = signal<readonly Notice[]>([]);
let nextId = 1;

/** Shows a message. @returns what takes it away */
export function notify(notice: Omit<Notice, 'id'>): () => void {
  const id = nextId++;
  const same = notices.value.filter((shown) => shown.text !== notice.text);
  notices.value = [...same, { ...notice, id }].slice(-MOST);
  if (!notice.action) setTimeout(() => dismiss(id), STAY_MS);
  return () => dismiss(id);
}

export function dismiss(id: number): void {
  notices.value = notices.value.filter((notice) => notice.id !== id);
}
