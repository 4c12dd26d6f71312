// RESULTS.md has parts, each under a heading of the first rank: a command writes its own and leaves the others.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

/** Puts a part in the place of the one with the same first line, or behind all others. */
export function writePart(file: string, part: string): void {
  const heading = (text: string): string => text.slice(0, text.indexOf('\n'));
  const there = existsSync(file) ? readFileSync(file, 'utf8').split(/^(?=# )/m) : [];
  const others = there.map((one) => (heading(one) === heading(part) ? part : one));
  const parts = others.includes(part) ? others : [...others, part];
  writeFileSync(file, `${parts.map((one) => one.trim()).join('\n\n')}\n`);
}
