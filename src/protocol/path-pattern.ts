// What the patterns of rules by path stand for, the same for the server and for who writes them.
//
// A pattern is an absolute path in which `*` stands for any characters within a segment, none included, and
// `**`, as a whole segment, for any number of segments, none included. Everything else stands for itself, case counts.
//   /private/*      the files right in /private       /private/**     those below it, too
//   /**/*.env      files that end so, anywhere       /notes/*.md     Markdown right in /notes
// There are no other wildcards and no regular expressions: matching takes at most (segments × segments) comparisons of a
// segment, whatever the pattern, and each of those reads the segment about once. Whoever owns a room writes patterns and
// paths: together they must not be able to keep the server busy.

/** `**`, a segment that stands for itself, or texts that follow each other with anything between. */
type Part = string | readonly string[];

interface Pattern {
  readonly parts: readonly Part[];
  readonly length: number;
}

/** Patterns taken apart, of all rooms; begun anew when there are so many. */
const MOST_KNOWN = 2_000;
const known = new Map<string, Pattern>();

function takenApart(written: string): Pattern {
  const there = known.get(written);
  if (there) return there;
  const parts = written
    .slice(1)
    .split('/')
    .map((part) => (part === '**' || !part.includes('*') ? part : part.split('*')));
  const pattern = { parts, length: Array.from(written.replaceAll('*', '')).length };
  if (known.size >= MOST_KNOWN) known.clear();
  known.set(written, pattern);
  return pattern;
}

/**
 * Whether a pattern stands for a path.
 * @param path without a slash at the beginning
 */
export function matches(pattern: string, path: string): boolean {
  return matchesSegments(pattern, path.split('/'));
}

/**
 * The same for a path that is taken apart. Greedy, and back to the latest `**` only: what an earlier one could take more
 * of, the latest can take as well.
 */
export function matchesSegments(pattern: string, segments: readonly string[]): boolean {
  const { parts } = takenApart(pattern);
  let [part, segment] = [0, 0];
  let [wildAt, takenTo] = [-1, 0];
  while (segment < segments.length) {
    const wanted = parts[part];
    if (wanted === '**') {
      [wildAt, takenTo] = [part, segment];
      part++;
    } else if (wanted !== undefined && fits(wanted, segments[segment] as string)) {
      part++;
      segment++;
    } else if (wildAt >= 0) {
      takenTo++;
      [part, segment] = [wildAt + 1, takenTo];
    } else return false;
  }
  return parts.slice(part).every((rest) => rest === '**');
}

function fits(part: Part, segment: string): boolean {
  return typeof part === 'string' ? part === segment : follow(part, segment);
}

/** Each text is taken where it comes first: what is left is the most that can be. */
function follow(texts: readonly string[], segment: string): boolean {
  const [first, last] = [texts[0] as string, texts.at(-1) as string];
  const end = segment.length - last.length;
  if (end < first.length || !segment.startsWith(first) || !segment.endsWith(last)) return false;
  let at = first.length;
  for (const text of texts.slice(1, -1)) {
    const found = segment.indexOf(text, at);
    if (found < 0) return false;
    at = found + text.length;
  }
  return at <= end;
}

/** How long a pattern is: its characters that stand for themselves. Of two that match, the longer one counts. */
export function patternLength(pattern: string): number {
  return takenApart(pattern).length;
}
