// What came of a test case.
import type { RunResult } from '../../execution/execution.ts';
import type { Verdict } from '../../protocol/runs.ts';

export interface Trial {
  /** Null when the program only has to end by itself. */
  readonly expected: string | null;
  /** All of its standard output. */
  readonly printed: string;
  readonly result: Pick<RunResult, 'status'>;
}

/** The verdict: first how the program ended, then what it printed. */
export function judge({ expected, printed, result }: Trial): Verdict['verdict'] {
  if (result.status !== 'completed') return result.status;
  return expected === null || sameOutput(printed, expected) ? 'passed' : 'wrong_output';
}

/** A text as far as it is read here. */
type Text = Pick<string, 'length' | 'charCodeAt'>;

const TAB = 9;
const LINE_FEED = 10;
const RETURN = 13;
const BLANK = 32;

/**
 * Whether two outputs are the same: line ends are all the same (`\r\n`, `\n`, `\r`), blanks at the end of a line and empty
 * lines at the end do not count. Everything else does: blanks at the start, inner blanks and empty lines, case.
 */
export function sameOutput(one: Text, other: Text): boolean {
  const [left, right] = [new Reading(one), new Reading(other)];
  for (;;) {
    const unit = left.next();
    if (unit !== right.next()) return false;
    if (unit === undefined) return true;
  }
}

/**
 * What counts of a text, one unit after the other, each looked at a few times at most and nothing kept of it: everybody
 * waits meanwhile, and of lines put into a list a program can print millions.
 */
class Reading {
  readonly #text: Text;
  readonly #end: number;
  #at = 0;
  /** Where the blanks end that are being read. */
  #blanksTo = 0;

  constructor(text: Text) {
    this.#text = text;
    let end = text.length;
    while (end > 0 && (isBlank(text.charCodeAt(end - 1)) || isLineEnd(text.charCodeAt(end - 1)))) end--;
    this.#end = end;
  }

  /** The next UTF-16 unit, a line feed for every line end; undefined at the end. */
  next(): number | undefined {
    if (this.#at >= this.#end) return undefined;
    let unit = this.#text.charCodeAt(this.#at++);
    if (unit > BLANK || unit === LINE_FEED) return unit;
    if (isBlank(unit)) {
      if (this.#at <= this.#blanksTo) return unit;
      let to = this.#at;
      let behind = this.#text.charCodeAt(to);
      while (isBlank(behind)) behind = this.#text.charCodeAt(++to);
      this.#blanksTo = to;
      if (!isLineEnd(behind)) return unit;
      this.#at = to + 1;
      unit = behind;
    }
    if (unit !== RETURN) return unit;
    if (this.#text.charCodeAt(this.#at) === LINE_FEED) this.#at++;
    return LINE_FEED;
  }
}

const isBlank = (unit: number): boolean => unit === BLANK || unit === TAB;
const isLineEnd = (unit: number): boolean => unit === LINE_FEED || unit === RETURN;
