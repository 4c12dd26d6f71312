// The colours of tokens.css, checked by WCAG's formula: people's must be readable as text, as cursors, and behind a name.
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { COLOR_COUNT } from '../../src/protocol/constants.ts';

const CSS = fs.readFileSync(path.join(import.meta.dirname, '../../src/web/styles/tokens.css'), 'utf8');
const TOKENS = new Map(
  [...CSS.matchAll(/--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)/g)].map(
    ([, name, light, dark]) => [name as string, { light: light as string, dark: dark as string }] as const,
  ),
);
/** WCAG 2.2, level AA, for text of ordinary size. */
const AA = 4.5;
const SURFACES = ['surface', 'chrome', 'raised', 'hover'];

function luminance(hex: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(a: string, b: string): number {
  const [dark = 0, light = 0] = [luminance(a), luminance(b)].sort((one, other) => one - other);
  return (light + 0.05) / (dark + 0.05);
}

function token(name: string, theme: 'light' | 'dark'): string {
  const found = TOKENS.get(name)?.[theme];
  if (!found) throw new Error(`tokens.css has no --${name}`);
  return found;
}

describe.each(['light', 'dark'] as const)('in the %s theme', (theme) => {
  const people = Array.from({ length: COLOR_COUNT }, (_, index) => token(`person-${index}`, theme));

  test('every person can be read on every surface, and their name on their colour', () => {
    for (const color of people) {
      for (const surface of SURFACES) expect(contrast(color, token(surface, theme))).toBeGreaterThanOrEqual(AA);
      expect(contrast(color, token('on-person', theme))).toBeGreaterThanOrEqual(AA);
    }
    expect(new Set(people).size).toBe(COLOR_COUNT);
  });

  test('text, muted text, the accent and the signals can be read', () => {
    for (const name of ['text', 'text-muted', 'accent', 'good', 'warn', 'bad']) {
      for (const surface of SURFACES)
        expect(contrast(token(name, theme), token(surface, theme))).toBeGreaterThanOrEqual(AA);
    }
    expect(contrast(token('accent', theme), token('on-accent', theme))).toBeGreaterThanOrEqual(AA);
  });
});
