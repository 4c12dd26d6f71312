// What the server reads of a program before it runs, and of its output: everybody waits meanwhile, so a text that was made to
// take long must not.
import { expect, test } from '@jest/globals';
import { pythonFiles } from '../../src/execution/python/imports.ts';
import { readNames } from '../../src/execution/sql/isolate/read-command.ts';
import { gatherSources, namesFiles } from '../../src/features/runs/sources.ts';
import { comparable } from '../../src/features/runs/verdict.ts';

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
  ['a line of blanks with an end', () => comparable(`${spaces}x\n${spaces}`)],
  ['a .read that does not end', () => readNames(`.read a${spaces}b${spaces};${spaces}c`)],
])('%s is read in no time', (_, read) => {
  const began = performance.now();
  read();
  // Seconds to hours where a run of spaces can be shared out in several ways.
  expect(performance.now() - began).toBeLessThan(3_000);
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
