// Sealed values: they open where they were sealed, with the key they were sealed with, unchanged; nowhere else.
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { openSecrets, type Secrets } from '../../src/db/secrets.ts';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'coderoom-secrets-'));
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

const key = (id: number): string => `${id}:${randomBytes(32).toString('base64')}`;
const withKeys = (keys: string): Secrets => openSecrets({ keys, folder: undefined });

test('what is sealed opens again, looks different each time, and does not show the text', () => {
  const secrets = withKeys(key(1));
  const text = 'pass word 👩‍🚀';
  const sealed = [secrets.seal(text, 'a.b:1'), secrets.seal(text, 'a.b:1')] as const;
  expect(sealed.map((each) => secrets.open(each, 'a.b:1'))).toEqual([text, text]);
  expect(sealed[0].equals(sealed[1])).toBe(false);
  expect(sealed[0].includes('pass')).toBe(false);
});

test('moved to another row, or changed in any byte, it does not open', () => {
  const secrets = withKeys(key(1));
  const sealed = secrets.seal('secret', 'a.b:1');
  expect(() => secrets.open(sealed, 'a.b:2')).toThrow();
  for (let at = 0; at < sealed.length; at++) {
    const changed = Buffer.from(sealed);
    changed[at]! ^= 1;
    expect(() => secrets.open(changed, 'a.b:1')).toThrow();
  }
});

test('a new key seals, the old one still opens; without it that is said', () => {
  const [old, fresh] = [key(1), key(2)];
  const sealed = withKeys(old).seal('old', 'a.b:1');
  const both = withKeys(`${old},${fresh}`);
  expect(both.open(sealed, 'a.b:1')).toBe('old');
  const resealed = both.seal('new', 'a.b:1');
  expect(withKeys(fresh).open(resealed, 'a.b:1')).toBe('new');
  expect(() => withKeys(fresh).open(sealed, 'a.b:1')).toThrow(expect.objectContaining({ code: 'unavailable' }));
});

test('the key file is made once, for its owner only', () => {
  const first = openSecrets({ keys: undefined, folder });
  const sealed = first.seal('kept', 'a.b:1');
  expect(openSecrets({ keys: undefined, folder }).open(sealed, 'a.b:1')).toBe('kept');
  const [file] = fs.readdirSync(folder);
  expect(fs.statSync(path.join(folder, file as string)).mode & 0o777).toBe(0o600);
});

test('without a key nothing is sealed, and a key that is none is refused without being shown', () => {
  const none = openSecrets({ keys: undefined, folder: undefined });
  expect(() => none.seal('x', 'a.b:1')).toThrow(expect.objectContaining({ code: 'unavailable' }));
  for (const bad of ['', 'short', '1:c2hvcnQ=', `70000:${randomBytes(32).toString('base64')}`]) {
    expect(() => withKeys(bad)).toThrow(/SECRET_KEYS/);
    if (bad) expect(() => withKeys(bad)).not.toThrow(new RegExp(bad.replace(/[+/]/g, '.')));
  }
});

test('an index finds a text again, also after a new key came, and says nothing to those without the key', () => {
  const [old, fresh] = [key(1), key(2)];
  const stored = withKeys(old).blindIndex('ada@example.org', 'email')[0];
  expect(stored).toHaveLength(32);
  expect(withKeys(old).blindIndex('ada@example.org', 'email')).toEqual([stored]);
  const both = withKeys(`${old},${fresh}`).blindIndex('ada@example.org', 'email');
  expect(both).toEqual([withKeys(fresh).blindIndex('ada@example.org', 'email')[0], stored]);
  expect(withKeys(old).blindIndex('ada@example.org', 'phone')).not.toEqual([stored]);
  expect(withKeys(old).blindIndex('eve@example.org', 'email')).not.toEqual([stored]);
  expect(withKeys(fresh).blindIndex('ada@example.org', 'email')).not.toContainEqual(stored);
  const none = openSecrets({ keys: undefined, folder: undefined });
  expect(() => none.blindIndex('ada@example.org', 'email')).toThrow(expect.objectContaining({ code: 'unavailable' }));
});
