// The README's table of settings, made from src/config.ts. `node test/support/settings-table.ts` writes it.
import fs from 'node:fs';
import path from 'node:path';
import { SETTINGS } from '../../src/config.ts';

export const README = path.join(import.meta.dirname, '../../README.md');
const FROM = '<!-- settings: npm run docs:settings -->';
const TO = '<!-- /settings -->';

/** The Markdown between the two marks. */
export function settingsTable(): string {
  const rows = Object.entries(SETTINGS).map(([name, { schema, help }]) => {
    const parsed = schema.safeParse(undefined);
    const value = parsed.success ? parsed.data : undefined;
    const shown =
      value === undefined || (Array.isArray(value) && value.length === 0)
        ? ''
        : `\`${Number(value) === 0 && value === false ? 0 : value}\``;
    return `| \`${name}\` | ${shown} | ${help} |`;
  });
  return `${FROM}\n| variable | default | meaning |\n| --- | --- | --- |\n${rows.join('\n')}\n${TO}`;
}

/** The README with its table renewed. */
export function withSettings(readme: string): string {
  const [from, to] = [readme.indexOf(FROM), readme.indexOf(TO)];
  if (from < 0 || to < 0) throw new Error('README.md has lost the marks of its settings table.');
  return readme.slice(0, from) + settingsTable() + readme.slice(to + TO.length);
}

if (process.argv[1] === import.meta.filename) fs.writeFileSync(README, withSettings(fs.readFileSync(README, 'utf8')));
