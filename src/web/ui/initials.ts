/** First letters of the first and the last word; characters, not UTF-16 units. */
export function initials(name: string): string {
  const words = name.split(/\s+/).filter((word) => word !== '');
  const chosen = words.length > 1 ? [words[0], words.at(-1)] : [words[0]];
  return chosen.map((word) => Array.from(word ?? '?')[0]?.toUpperCase()).join('');
}
