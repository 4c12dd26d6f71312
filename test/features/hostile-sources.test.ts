// What the server reads of a program before it runs, of its output, and of other texts that people make: everybody waits
// meanwhile, so one that was made to take long must not.
import { setFlagsFromString } from 'node:v8';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { textEdits } from '../../src/documents/text-edit.ts';
import { REQUEST_LIMITS } from '../../src/execution/limits.ts';
import { pythonFiles } from '../../src/execution/python/imports.ts';
import { readNames } from '../../src/execution/sql/isolate/read-command.ts';
import { deviceOf } from '../../src/features/identity/device.ts';
import { suspicionsIn } from '../../src/features/runs/security-log.ts';
import { gatherSources, namesFiles } from '../../src/features/runs/sources.ts';
import { sameOutput } from '../../src/features/runs/verdict.ts';

const MANY = 300_000;
const spaces = ' '.repeat(MANY);

function pathsNamedBy(text: string): string[] {
  const asked = new Set<string>();
  pythonFiles({ path: 'pkg/main.py', text, entry: 'pkg/main.py' }, (path) => asked.add(path).size < 0);
  return [...asked].filter((path) => !/^\/|__init__|^pkg\.py$/.test(path)).sort();
}

test.each<[string, () => unknown]>([
  [
    'an import of JavaScript that never says what',
    () => namesFiles('javascript', `from${spaces}x import${spaces}(${spaces}x`),
  ],
  ['an import of Python that never says from where', () => pathsNamedBy(`from${spaces}x${spaces}y`)],
  ['one from ever further up', () => pathsNamedBy(`from ${'.'.repeat(MANY)}-`)],
  ['brackets that are never closed', () => pathsNamedBy('from a import (\n'.repeat(MANY / 10))],
  ['modules in modules', () => pathsNamedBy(`from ${'a.'.repeat(MANY)}b import c\nimport ${'a.'.repeat(400)}b`)],
  ['a .read that does not end', () => readNames(`.read a${spaces}b${spaces};${spaces}c`)],
])('%s is read in no time', (_, read) => {
  const began = performance.now();
  read();
  // Seconds to hours where a run of spaces can be shared out in several ways.
  expect(performance.now() - began).toBeLessThan(3_000);
});

describe('a long run of one character takes no stack where patterns are not optimized, as in a server with much code:', () => {
  // V8 stops optimizing them when there is much (RegExpImpl::TooMuchRegExpCode).
  beforeAll(() => setFlagsFromString('--no-regexp-optimization'));
  afterAll(() => setFlagsFromString('--regexp-optimization'));

  test.each<[string, string]>([
    ['blanks', ' '],
    ['letters', 'x'],
    ['dots', '.'],
    ['backslashes', '\\'],
  ])('%s', (_, character) => {
    const run = character.repeat(4 * 1024 * 1024);
    const texts = [
      run,
      `import${run}(`,
      `from${run}x`,
      `from ${run} import y`,
      `process${run}.binding`,
      `.read a${run};`,
    ];
    for (const text of texts) {
      namesFiles('javascript', text);
      pathsNamedBy(text);
      suspicionsIn({ 'main.js': text });
      readNames(text);
      expect(sameOutput(`a${text}b`, `a${text}c`)).toBe(false);
      expect(textEdits('kept', `${text}kept`)).toEqual([{ at: 0, remove: 0, insert: text }]);
      expect(textEdits('kept', `${text}!`)).toEqual([{ at: 0, remove: 4, insert: `${text}!` }]);
    }
  });

  test('the patterns are still those that find what they look for', () => {
    expect(suspicionsIn({ 'main.py': 'import   subprocess', 'main.js': 'process . binding' })).toEqual([
      'process_internals',
      'python_internals',
    ]);
  });
});

test.each<[string, string]>([
  ['line ends', '\n'],
  ['old line ends', '\r'],
  ['pairs of line ends', '\r\n'],
  ['blanks', ' '],
  ['lines of blanks', ' \t\n'],
  ['lines with blanks behind', 'x \t\r\n'],
  ['lines with blanks within', ' x\t \tx'],
])('an output of nothing but %s is compared unit by unit, each looked at a few times', (_, piece) => {
  const text = piece.repeat(MANY);
  for (const printed of [text, `${text}x`, `x${text}`, `x${text}x`]) {
    let looks = 0;
    const charCodeAt = (at: number): number => {
      looks++;
      return printed.charCodeAt(at);
    };
    // There is nothing else to read it by: no list of lines, no pattern.
    expect(sameOutput({ length: printed.length, charCodeAt }, printed)).toBe(true);
    expect(looks).toBeGreaterThan(0);
    expect(looks).toBeLessThanOrEqual(8 * printed.length);
  }
});

test('a program that says much of itself is known by how it begins', () => {
  const words = 'Version/1 Android '.repeat(1_000);
  expect(deviceOf(`Firefox/9 ${words}Edg/9 iPad`)).toEqual({ browser: 'Firefox', system: 'Android', kind: 'tablet' });
});

test('imports that lead nowhere are not all looked up; what is beyond is an import that the run does not find', async () => {
  const asked = new Set<string>();
  const paths = new Map([['last.js', 'id']]);
  const documents = {
    async snapshot(fileId: string) {
      asked.add(fileId);
      return { text: '', stateVector: new Uint8Array() };
    },
  };
  const gather = (imports: number) => {
    const nowhere = Array.from({ length: imports }, (_, n) => `import './no${n}.js';\n`).join('');
    const text = `${nowhere}import './last.js';\n`;
    return gatherSources({ language: 'javascript', entry: 'main.js', text, paths, documents });
  };
  expect(Object.keys(await gather(1_000))).toEqual(['main.js', 'last.js']);
  const began = performance.now();
  expect(Object.keys(await gather(40_000))).toEqual(['main.js']);
  expect(performance.now() - began).toBeLessThan(3_000);
  expect([...asked]).toEqual(['id']);
});

test.each<[string, string]>([
  ['many names of a module of many parts', `from ${'a.'.repeat(30)}a import ${'b,'.repeat(450)}\n`],
  ['many modules', `import ${'a,'.repeat(400)}\n`],
])('%s are not all looked up', (_, line) => {
  let looked = 0;
  const has = (path: string): boolean => {
    looked++;
    return path === 'first.py' || path === 'last.py';
  };
  const text = `import first\n${line.repeat(400)}from last import x\n`;
  expect(pythonFiles({ path: 'pkg/main.py', text, entry: 'pkg/main.py' }, has)).toEqual(['first.py']);
  expect(looked).toBe(300_000);
});

test('a program names as many files as it likes among as many other texts', () => {
  const others = Array.from({ length: 20_000 }, (_, n) => `'word ${n % 9_000}'`).join(',\n');
  const text = `words = [${others}]\nopen('data.csv')\n`;
  expect(pythonFiles({ path: 'main.py', text, entry: 'main.py' }, (path) => path === 'data.csv')).toEqual(['data.csv']);
});

test.each([
  ['javascript', `import './other.js';\n`],
  ['python', 'import other\n'],
  ['sql', '.read other.sql\n'],
])('what is too large for a run is not read for its imports: %s', async (language, line) => {
  const asked: string[] = [];
  const paths = new Map(['other.js', 'other.py', 'other.sql'].map((path) => [path, path]));
  const documents = {
    async snapshot(fileId: string) {
      asked.push(fileId);
      return { text: '', stateVector: new Uint8Array() };
    },
  };
  const gather = (text: string) => gatherSources({ language, entry: 'main', text, paths, documents });
  await gather(line);
  expect(asked).toHaveLength(1);
  expect(Object.keys(await gather(line + ' '.repeat(REQUEST_LIMITS.sourceBytes)))).toEqual(['main']);
  expect(asked).toHaveLength(1);
});

test.each<[string, string[]]>([
  ['from .. import x', ['x.py']],
  ['from . a import b', ['pkg/a.py', 'pkg/a/b.py']],
  ['  from .a.b  import\t(c, # the first\n d)', ['pkg/a.py', 'pkg/a/b.py', 'pkg/a/b/c.py', 'pkg/a/b/d.py']],
  ['from a import b as c; import d.e as f, g', ['a.py', 'a/b.py', 'pkg/a.py', 'pkg/a/b.py']],
])('what %j names is found', (text, paths) => {
  expect(pathsNamedBy(text)).toEqual(paths);
});

test('a .read names its file however it ends', () => {
  const text = '.read a b.sql\n.read \t"c.sql" ; \n.read d.sql;\r\n.read \n.reader e\n';
  expect(readNames(text)).toEqual(['a b.sql', 'c.sql', 'd.sql']);
});
