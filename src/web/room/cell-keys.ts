// Moving through the cells of a table by keyboard: one cell can be reached by Tab, from there arrows lead on.

type Step = (place: Place, last: Place) => Place;

interface Place {
  readonly row: number;
  readonly column: number;
}

/** Rows of a page up or down; about what shows at once. */
const PAGE_ROWS = 10;

const STEPS: Readonly<Record<string, Step>> = {
  ArrowUp: ({ row, column }) => ({ row: row - 1, column }),
  ArrowDown: ({ row, column }) => ({ row: row + 1, column }),
  ArrowLeft: ({ row, column }) => ({ row, column: column - 1 }),
  ArrowRight: ({ row, column }) => ({ row, column: column + 1 }),
  PageUp: ({ row, column }) => ({ row: row - PAGE_ROWS, column }),
  PageDown: ({ row, column }) => ({ row: row + PAGE_ROWS, column }),
  Home: ({ row }) => ({ row, column: 0 }),
  End: ({ row }, last) => ({ row, column: last.column }),
  'Mod-Home': () => ({ row: 0, column: 0 }),
  'Mod-End': (_place, last) => last,
};

/** Handles a key in a table; the head is its first row. Ctrl or Cmd with C copies the cell, where nothing is selected. */
export function onCellKey(event: KeyboardEvent & { readonly currentTarget: HTMLTableElement }): void {
  const cell = (event.target as Element).closest('td, th');
  if (!(cell instanceof HTMLTableCellElement) || event.altKey) return;
  const mod = event.ctrlKey || event.metaKey;
  if (mod && event.key === 'c' && String(getSelection()) === '') {
    void navigator.clipboard.writeText(cell.dataset['empty'] === undefined ? (cell.textContent ?? '') : '');
    return event.preventDefault();
  }
  const step = STEPS[mod ? `Mod-${event.key}` : event.key];
  if (!step) return;
  event.preventDefault();
  const { rows } = event.currentTarget;
  const row = [...rows].indexOf(cell.parentElement as HTMLTableRowElement);
  const last = { row: rows.length - 1, column: (rows[0]?.cells.length ?? 1) - 1 };
  const to = step({ row, column: cell.cellIndex }, last);
  const target = rows[within(to.row, last.row)]?.cells[within(to.column, last.column)];
  target?.focus();
}

/** The cell with the focus is the one that Tab leads to from now on. */
export function onCellFocus(event: FocusEvent & { readonly currentTarget: HTMLTableElement }): void {
  const cell = event.target;
  if (!(cell instanceof HTMLTableCellElement)) return;
  for (const other of event.currentTarget.querySelectorAll<HTMLElement>('[tabindex="0"]')) other.tabIndex = -1;
  cell.tabIndex = 0;
  cell.scrollIntoView({ block: 'nearest', inline: 'nearest' });
}

const within = (number: number, last: number): number => Math.min(Math.max(number, 0), last);
