// Key combinations: how they are written in code (`Mod-Shift-p`), matched, and shown.

const isMac = /Mac|iP(hone|ad)/.test(navigator.platform);

const SHOWN_MAC: Record<string, string> = { Mod: '⌘', Ctrl: '⌃', Alt: '⌥', Shift: '⇧', Enter: '↩' };
const SHOWN: Record<string, string> = { Mod: 'Ctrl', PageDown: 'PgDn', PageUp: 'PgUp' };

/** A combination as it stands on this machine's keyboard: `Ctrl+Shift+P`, `⌘⇧P`. */
export function shownKeys(keys: string): string {
  const names = isMac ? SHOWN_MAC : SHOWN;
  const parts = keys.split(/-(?=.)/).map((part) => names[part] ?? (part.length === 1 ? part.toUpperCase() : part));
  return parts.join(isMac ? '' : '+');
}

/** Whether a key event is this combination. */
export function matches(event: KeyboardEvent, keys: string): boolean {
  const parts = keys.split(/-(?=.)/);
  const key = parts.pop();
  const wanted = new Set(parts);
  const mod = wanted.has('Mod');
  return (
    isKey(event, key ?? '') &&
    event.ctrlKey === (wanted.has('Ctrl') || (mod && !isMac)) &&
    event.metaKey === (mod && isMac) &&
    event.altKey === wanted.has('Alt') &&
    event.shiftKey === wanted.has('Shift')
  );
}

/** With Alt, a Mac writes another letter; there the place of the key counts. */
function isKey(event: KeyboardEvent, key: string): boolean {
  if (event.key.toLowerCase() === key.toLowerCase()) return true;
  return event.altKey && event.code === `Key${key.toUpperCase()}`;
}
