// A table as text, as psql writes it: columns side by side, numbers to the right, nothing at the ends of lines.

/** A wider cell moves what follows it; else one long cell would fill every row with blanks. */
const WIDEST = 60;

export type Alignment = 'left' | 'right';

export interface TextColumn {
  readonly width: number;
  readonly align: Alignment;
}

/** How wide the columns of these rows are. */
export function columnsOf(names: readonly string[], rows: readonly (readonly string[])[], numeric: readonly boolean[]) {
  return names.map((name, index): TextColumn => {
    const widest = rows.reduce((most, row) => Math.max(most, widthOf(row[index]!)), widthOf(name));
    return { width: Math.min(widest, WIDEST), align: numeric[index] === true ? 'right' : 'left' };
  });
}

/** The names of the columns and a line below. */
export function headText(names: readonly string[], columns: readonly TextColumn[]): string {
  const line = columns.map(({ width }) => '-'.repeat(width + 2)).join('+');
  return `${rowText(names, columns)}${line}\n`;
}

export function rowText(cells: readonly string[], columns: readonly TextColumn[]): string {
  const padded = cells.map((cell, index) => {
    const { width, align } = columns[index]!;
    const blanks = ' '.repeat(Math.max(0, width - widthOf(cell)));
    return align === 'right' ? blanks + cell : cell + blanks;
  });
  return `${` ${padded.join(' | ')}`.trimEnd()}\n`;
}

/** Characters, not UTF-16 units; one that is twice as wide counts once. */
function widthOf(text: string): number {
  let width = 0;
  for (const _ of text) width++;
  return width;
}
