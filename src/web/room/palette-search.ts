// Finding by some of the letters, in order: `rsp` finds `room/side-panel.tsx`.

export interface Found<T> {
  readonly item: T;
  /** Indices of the letters that were matched, for marking them. */
  readonly marks: readonly number[];
}

interface Scored<T> extends Found<T> {
  readonly score: number;
}

/** What fits best comes first; without a query everything comes as it is. */
export function search<T>(items: readonly T[], query: string, text: (item: T) => string): readonly Found<T>[] {
  const wanted = query.toLowerCase().replace(/\s+/g, '');
  if (wanted === '') return items.map((item) => ({ item, marks: [] }));
  const found: Scored<T>[] = [];
  for (const item of items) {
    const match = score(text(item), wanted);
    if (match) found.push({ item, ...match });
  }
  return found.sort((a, b) => b.score - a.score);
}

/** Letters at the start of a word and in a row count more; long texts a little less. */
function score(text: string, wanted: string): { score: number; marks: readonly number[] } | undefined {
  const lower = text.toLowerCase();
  const whole = lower.indexOf(wanted);
  const marks = whole >= 0 ? Array.from(wanted, (_, index) => whole + index) : inOrder(lower, wanted);
  if (!marks) return undefined;
  let points = whole >= 0 ? 40 : 0;
  for (const [index, mark] of marks.entries()) {
    if (mark === 0 || /[\s/._-]/.test(lower[mark - 1] ?? '')) points += 8;
    if (index > 0 && marks[index - 1] === mark - 1) points += 4;
  }
  if ((marks[0] ?? 0) > lower.lastIndexOf('/')) points += 10;
  return { score: points - text.length / 50, marks };
}

/** From the end, so that the file's name is preferred to its folders. */
function inOrder(lower: string, wanted: string): readonly number[] | undefined {
  const marks: number[] = [];
  let at = lower.length;
  for (const letter of Array.from(wanted).reverse()) {
    at = at > 0 ? lower.lastIndexOf(letter, at - 1) : -1;
    if (at < 0) return undefined;
    marks.unshift(at);
  }
  return marks;
}
