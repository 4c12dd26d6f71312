import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Execution } from '../../src/execution/execution.ts';
import { openTestExecution, run } from './support.ts';

let execution: Execution;

beforeAll(() => {
  execution = openTestExecution();
});
afterAll(() => execution.close());

const typescript = (code: string) => run(execution, { code, language: 'typescript' });
const filesOf = (files: Record<string, string>, entry = 'main.js') => run(execution, { files, entry });

describe('forms of programs', () => {
  test('[EX5] sloppy scripts and modules both run', async () => {
    expect((await run(execution, 'x = 010; console.log(x)')).stdout).toBe('8\n');
    expect((await run(execution, 'export {}; console.log(this)')).stdout).toBe('undefined\n');
    expect((await run(execution, { entry: 'm.mjs', code: 'console.log(this)' })).stdout).toBe('undefined\n');
  });

  test('[EX5] TypeScript: types are blanked out', async () => {
    const code = 'interface A { b: number }\nconst a: A = { b: 2 };\nconsole.log(a!.b as number satisfies number);';
    expect(await typescript(code)).toMatchObject({ stdout: '2\n', result: { status: 'completed' } });
  });

  test('[EX5] TypeScript: enums, namespaces and parameter properties are transformed', async () => {
    const code =
      'enum E { A = 3, B }\nnamespace N { export const x = E.B }\nclass P { constructor(readonly y: number) {} }\n' +
      'console.log(E[3], N.x, new P(7).y)';
    expect((await typescript(code)).stdout).toBe('A 4 7\n');
  });

  test('[EX5] a snippet goes by its language, whatever its file is called', async () => {
    const told = await run(execution, {
      language: 'typescript',
      entry: 'snippet',
      files: { snippet: 'let a: number = 1; a' },
    });
    expect(told.result.value).toBe('1');
  });
});

describe('imports', () => {
  test('[EX6] files import each other, in both languages', async () => {
    const told = await filesOf(
      {
        'src/main.js': `import a, { b as c } from './lib/a.js'; import * as d from './lib'; import e from '../data.json';
        export * from './lib/a.js'; console.log(a, c, d.name, e.list)`,
        'src/lib/a.ts': 'export default 1 as number; export const b: string = "b"',
        'src/lib/index.js': 'export const name = "index"',
        'data.json': '{"list":[1,2]}',
      },
      'src/main.js',
    );
    expect(told).toMatchObject({ stdout: '1 b index [ 1, 2 ]\n', result: { status: 'completed' } });
  });

  test('[EX6] cycles work, and a file is evaluated once', async () => {
    const told = await filesOf({
      'main.js': `import { isEven } from './even.js'; import './odd.js'; console.log(isEven(10))`,
      'even.js': `import { isOdd } from './odd.js'; console.log('even'); export function isEven(n) { return n === 0 || isOdd(n - 1) }`,
      'odd.js': `import { isEven } from './even.js'; console.log('odd'); export function isOdd(n) { return n !== 0 && isEven(n - 1) }`,
    });
    expect(told.stdout).toBe('odd\neven\ntrue\n');
  });

  test.each([
    [`import a from 'lodash'`, /Cannot import 'lodash'.*not available/],
    [`\nimport fs from 'node:fs'`, /Cannot import 'node:fs'.*not available/],
    [`import a from 'constructor'`, /not available/],
    [`import a from './missing.js'`, /Cannot find '.\/missing.js', imported from 'main.js'/],
    [`import a from '../../etc/passwd'`, /Cannot find/],
    [`import a from '/etc/passwd'`, /Cannot find/],
    [`import a from './__proto__'`, /Cannot find/],
    [`await import('./main.js')`, /import\(\) is not available/],
    [`import { nothing } from './other.js'`, /does not provide an export named 'nothing'/],
  ])('[EX6] refused: %s', async (code, message) => {
    const { result } = await filesOf({ 'main.js': code, 'other.js': '' });
    expect(result).toMatchObject({ status: 'failed', error: { file: 'main.js' } });
    expect(result.error?.message).toMatch(message);
    expect(result.error?.line).toBe(code.startsWith('\n') ? 2 : 1);
  });
});

describe('errors', () => {
  test.each([
    [
      'exception',
      'function f() {\n  null.x\n}\nf()',
      { kind: 'exception', line: 2, column: 8, message: /^TypeError: Cannot read/ },
    ],
    ['thrown text', '\nthrow "no"', { kind: 'exception', message: /^Uncaught 'no'$/ }],
    [
      'rejection',
      'async function q() { throw new RangeError("r") }\n q()',
      { line: 1, column: 28, message: /^RangeError: r$/ },
    ],
    [
      'top-level await',
      'await 1;\nawait Promise.reject(new Error("t"))',
      { line: 2, column: 22, message: /^Error: t$/ },
    ],
    [
      'timer',
      '\n\nsetTimeout(() => { throw new Error("late") }, 1)',
      { line: 3, column: 26, message: /^Error: late$/ },
    ],
    [
      'syntax',
      'let a = 1;\nlet b = ;',
      { kind: 'syntax', line: 2, column: 9, message: /^SyntaxError: Unexpected token ';'$/ },
    ],
    [
      'syntax of a module',
      'import "./main.js";\nlet b = ;',
      { kind: 'syntax', line: 2, column: 9, message: /Unexpected/ },
    ],
  ])('[EX7] JavaScript, %s: file, line and column', async (_, code, { message, ...place }) => {
    const { result } = await run(execution, code);
    expect(result).toMatchObject({ status: 'failed', error: place });
    expect(result.error?.message).toMatch(message);
    if ('line' in place) expect(result.error?.file).toBe('main.js');
  });

  test.each([
    [
      'stripped',
      'const a: number = 1;\nfunction f(x: string): never { throw new Error(x) }\nf("e")',
      { line: 2, column: 38 },
    ],
    [
      'transformed',
      'enum E {\n  A,\n  B,\n}\nfunction f(): void {\n  throw new Error("e")\n}\nf()',
      { line: 6, column: 9 },
    ],
    ['syntax', 'let a: number = 1;\nlet b: string = ;', { line: 2, column: 17, kind: 'syntax' }],
  ])('[EX7] TypeScript, %s: the place in the text as written', async (_, code, place) => {
    const { result } = await typescript(code);
    expect(result.error).toMatchObject({ file: 'main.ts', ...place });
  });

  test("[EX7] an error in an imported file names that file; the stack has the room's files only", async () => {
    const { result } = await filesOf({
      'main.js': `import { f } from './lib/x.ts';\nfunction g() {\n  f(1)\n}\ng()`,
      'lib/x.ts': 'type A = 1;\nexport function f(a: A) { return a.b.c }',
    });
    expect(result.error).toMatchObject({ file: 'lib/x.ts', line: 2, column: 38 });
    expect(result.error?.stack).toMatch(
      /^TypeError: .*\n {4}at f \(lib\/x\.ts:2:38\)\n {4}at g \(main\.js:3:3\)\n {4}at main\.js:5:1$/,
    );
  });

  test('[EX7] file names with spaces and brackets', async () => {
    const { result } = await run(execution, { entry: 'my file (1).js', code: '\nnull.x' });
    expect(result.error).toMatchObject({ file: 'my file (1).js', line: 2, column: 6 });
  });
});

describe('time', () => {
  test('[EX8] top-level await, timers and microtasks run to the end', async () => {
    const code = `const wait = (ms) => new Promise((done) => setTimeout(done, ms));
      setTimeout(() => console.log('late'), 30);
      queueMicrotask(() => console.log('micro'));
      await wait(5); console.log('awaited');
      const t = setInterval(() => { console.log('tick'); clearInterval(t) }, 5);`;
    const { stdout, result } = await run(execution, code);
    expect(stdout).toBe('micro\nawaited\ntick\nlate\n');
    expect(result.status).toBe('completed');
  });

  test('[EX8] a promise that nothing can settle ends the run at once', async () => {
    const { result } = await run(execution, 'console.log(1); await new Promise(() => {}); console.log(2)');
    expect(result).toMatchObject({
      status: 'failed',
      error: { message: expect.stringMatching(/top-level await never ends/) },
    });
    expect(result.wallMs).toBeLessThan(2000);
  });
});
