// The edits that turn one text into another: by lines, and within lines that changed by words. What did not change is
// not touched, so cursors stay where they were and what others type beside it is kept.
import { diffLines, diffWordsWithSpace } from 'diff';
import { LIMITS } from './limits.ts';

/** One replacement; `at` counts in the text before any of them. */
export interface TextEdit {
  readonly at: number;
  readonly remove: number;
  readonly insert: string;
}

/**
 * What to replace so that `before` becomes `after`: in order, not overlapping, none splits a surrogate pair. Texts that
 * have too little in common (`LIMITS.diffLines`, `diffWords`), or take longer than `LIMITS.diffMs`, give one replacement
 * of all that differs; so does a line longer than `LIMITS.diffWordsLength`, and more than `LIMITS.diffLinesAmong` of them.
 */
export function textEdits(before: string, after: string): readonly TextEdit[] {
  const whole = differingPart(before, after, 0);
  if (!whole) return [];
  const { at, remove, insert } = whole;
  const old = before.slice(at, at + remove);
  // From the beginning of its line, so that lines are compared with lines.
  const head = before.slice(before.slice(0, at).lastIndexOf('\n') + 1, at);
  if (linesOf(old, insert) > LIMITS.diffLinesAmong) return [whole];
  const until = performance.now() + LIMITS.diffMs;
  const lines = diffLines(head + old, head + insert, { maxEditLength: LIMITS.diffLines, timeout: LIMITS.diffMs });
  return lines ? hunks(lines, at - head.length).flatMap((hunk) => byWords(hunk, until)) : [whole];
}

/** How many there are, counted no further than to one more than matters. */
function linesOf(...texts: readonly string[]): number {
  let count = 0;
  for (const text of texts) {
    for (let at = text.indexOf('\n'); at >= 0 && count <= LIMITS.diffLinesAmong; at = text.indexOf('\n', at + 1))
      count++;
  }
  return count;
}

interface Piece {
  readonly value: string;
  readonly added?: boolean;
  readonly removed?: boolean;
}

interface Hunk {
  readonly at: number;
  readonly old: string;
  readonly fresh: string;
}

/** Neighbouring removals and additions as one. */
function hunks(pieces: readonly Piece[], from: number): Hunk[] {
  const found: Hunk[] = [];
  let at = from;
  let open = false;
  for (const { value, added = false, removed = false } of pieces) {
    if (added || removed) {
      const last = open ? found.pop() : undefined;
      const { old, fresh, at: start } = last ?? { old: '', fresh: '', at };
      found.push({ at: start, old: removed ? old + value : old, fresh: added ? fresh + value : fresh });
    }
    open = added || removed;
    if (!added) at += value.length;
  }
  return found;
}

function byWords({ at, old, fresh }: Hunk, until: number): TextEdit[] {
  const whole = differingPart(old, fresh, at);
  if (!whole) return [];
  if (whole.remove === 0 || whole.insert === '') return [whole];
  const from = whole.at - at;
  const timeout = until - performance.now();
  if (timeout <= 0 || whole.remove + whole.insert.length > LIMITS.diffWordsLength) return [whole];
  const words = diffWordsWithSpace(old.slice(from, from + whole.remove), whole.insert, {
    maxEditLength: LIMITS.diffWords,
    timeout,
  });
  if (!words) return [whole];
  return hunks(words, whole.at).flatMap((hunk) => differingPart(hunk.old, hunk.fresh, hunk.at) ?? []);
}

/** The smallest single replacement; never splits a surrogate pair. */
function differingPart(before: string, after: string, from: number): TextEdit | undefined {
  if (before === after) return undefined;
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && before[start] === after[start]) start++;
  if (start > 0 && isHighSurrogate(before, start - 1)) start--;
  let end = 0;
  while (end < shorter - start && before[before.length - 1 - end] === after[after.length - 1 - end]) end++;
  if (end > 0 && isLowSurrogate(before, before.length - end)) end--;
  return { at: from + start, remove: before.length - start - end, insert: after.slice(start, after.length - end) };
}

const isHighSurrogate = (text: string, at: number): boolean => (text.charCodeAt(at) & 0xfc00) === 0xd800;
const isLowSurrogate = (text: string, at: number): boolean => (text.charCodeAt(at) & 0xfc00) === 0xdc00;
