// How much the page makes people download.
import fs from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from '@jest/globals';

const BUILT = path.join(import.meta.dirname, '../../dist/web');
/** Bytes of script, gzip, before the page can be used. */
const FIRST_LOAD = 250_000;

test('the script that is loaded first stays small', () => {
  const html = fs.readFileSync(path.join(BUILT, 'index.html'), 'utf8');
  const scripts = [...html.matchAll(/(?:src|href)="\/(assets\/[^"]+\.js)"/g)].map(([, file]) => file as string);
  expect(scripts.length).toBeGreaterThan(0);
  const bytes = scripts.map((file) => gzipSync(fs.readFileSync(path.join(BUILT, file))).length);
  expect(bytes.reduce((sum, each) => sum + each)).toBeLessThan(FIRST_LOAD);
});
