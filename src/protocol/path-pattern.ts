// What the patterns of rules by path stand for, the same for the server and for who writes them.
//
// A pattern is an absolute path in which `*` stands for any characters within a segment, none included, and
// `**`, as a whole segment, for any number of segments, none included. Everything else stands for itself, case counts.
//   /private/*      the files right in /private       /private/**     those below it, too
//   /**/*.env      files that end so, anywhere       /notes/*.md     Markdown right in /notes
// There are no other wildcards and no regular expressions: matching takes at most (segments × segments) comparisons, each
// of (characters × characters) steps, whatever the pattern.

/**
 * Whether a pattern stands for a path.
 * @param path without a slash at the beginning
 */
export function matches(pattern: string, path: string): boolean {
  return matchesList(pattern.slice(1).split('/'), path.split('/'), {
    isMany: (part) => part === '**',
    fits: (part, segment) => matchesList(part.split(''), segment.split(''), CHARACTERS),
  });
}

/** How the parts of a pattern stand for items: `isMany` for any number of them, `fits` for one. */
interface Wild {
  readonly isMany: (part: string) => boolean;
  readonly fits: (part: string, item: string) => boolean;
}

const CHARACTERS: Wild = { isMany: (part) => part === '*', fits: (part, item) => part === item };

/**
 * Greedy, and back to the latest wildcard only: what an earlier one could take more of, the latest can take as well.
 * Steps: parts × items at most.
 */
function matchesList(parts: readonly string[], items: readonly string[], { isMany, fits }: Wild): boolean {
  let [part, item] = [0, 0];
  let [wildAt, takenTo] = [-1, 0];
  while (item < items.length) {
    const wanted = parts[part];
    if (wanted !== undefined && isMany(wanted)) {
      [wildAt, takenTo] = [part, item];
      part++;
    } else if (wanted !== undefined && fits(wanted, items[item] as string)) {
      part++;
      item++;
    } else if (wildAt >= 0) {
      takenTo++;
      [part, item] = [wildAt + 1, takenTo];
    } else return false;
  }
  return parts.slice(part).every(isMany);
}

/** How long a pattern is: its characters that stand for themselves. Of two that match, the longer one counts. */
export function patternLength(pattern: string): number {
  let length = 0;
  for (const character of pattern) if (character !== '*') length++;
  return length;
}
