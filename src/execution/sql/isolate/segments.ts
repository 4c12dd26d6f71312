// A file of SQL taken apart: stretches of statements, for SQLite to divide further, and dot commands of the shell between
// them. Knows comments, quotes and nothing else of the language.

export type Segment =
  | { readonly kind: 'statements'; readonly text: string; readonly at: number }
  | { readonly kind: 'command'; readonly text: string; readonly at: number };

/** Comments, and whatever is quoted, to its end or that of the text. */
const WHOLE =
  /--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|'(?:[^']|'')*(?:'|$)|"(?:[^"]|"")*(?:"|$)|`(?:[^`]|``)*(?:`|$)|\[[^\]]*(?:\]|$)/y;

/** A dot command stands at the beginning of a line, where a statement could begin. */
export function segmentsOf(text: string): Segment[] {
  const found: Segment[] = [];
  let from = 0;
  let between = true;
  const upTo = (end: number): void => {
    if (text.slice(from, end).trim() !== '') found.push({ kind: 'statements', text: text.slice(from, end), at: from });
  };
  for (let at = 0; at < text.length; ) {
    const char = text[at]!;
    if (char === '.' && between && (at === 0 || text[at - 1] === '\n')) {
      upTo(at);
      const end = endOfLine(text, at);
      found.push({ kind: 'command', text: text.slice(at, end).trim(), at });
      from = end;
      at = end;
      continue;
    }
    const whole = wholeAt(text, at);
    if (whole === 0) {
      if (!/\s/.test(char)) between = char === ';';
      at++;
    } else {
      if (!isComment(text, at)) between = false;
      at += whole;
    }
  }
  upTo(text.length);
  return found;
}

/** Where a statement begins in `text`: after white space and comments. */
export function startOf(text: string): number {
  for (let at = 0; at < text.length; ) {
    if (isComment(text, at)) at += wholeAt(text, at);
    else if (/\s|;/.test(text[at]!)) at++;
    else return at;
  }
  return 0;
}

/** Places at which `words` stand in a text outside of quotes and comments, or are all that is quoted. */
export function placesOf(text: string, words: string): number[] {
  const found: number[] = [];
  for (let at = 0; at < text.length; ) {
    const whole = wholeAt(text, at);
    const here =
      whole === 0 ? startsWith(text, words, at) : !isComment(text, at) && isQuoted(text, words, { at, whole });
    if (here) found.push(at);
    at += Math.max(whole, 1);
  }
  return found;
}

function startsWith(text: string, words: string, at: number): boolean {
  const end = at + words.length;
  if (text.slice(at, end).toLowerCase() !== words.toLowerCase()) return false;
  const glued = (one: string | undefined, other: string | undefined): boolean => isWord(one) && isWord(other);
  return !glued(text[at - 1], text[at]) && !glued(text[end - 1], text[end]);
}

function isQuoted(text: string, words: string, { at, whole }: { at: number; whole: number }): boolean {
  const quoted = text.slice(at, at + whole);
  // What stands in single quotes is a text, not a name.
  return quoted === words || (quoted[0] !== "'" && quoted.slice(1, -1).toLowerCase() === words.toLowerCase());
}

function isWord(char: string | undefined): boolean {
  return char !== undefined && /[\w$\u0080-\uffff]/.test(char);
}

function wholeAt(text: string, at: number): number {
  if (!/[-/'"`[]/.test(text[at]!)) return 0;
  WHOLE.lastIndex = at;
  return WHOLE.exec(text)?.[0].length ?? 0;
}

function isComment(text: string, at: number): boolean {
  return text.startsWith('--', at) || text.startsWith('/*', at);
}

function endOfLine(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end < 0 ? text.length : end + 1;
}

/** A place in a text, both counted from 1. */
export function lineAndColumn(text: string, at: number): { line: number; column: number } {
  const before = text.slice(0, at);
  return { line: before.split('\n').length, column: at - before.lastIndexOf('\n') };
}
