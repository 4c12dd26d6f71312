import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Execution } from '../../src/execution/execution.ts';
import { openTestExecution, run } from './support.ts';

let execution: Execution;

beforeAll(() => {
  execution = openTestExecution();
});
afterAll(() => execution.close());

/** Runs expressions in one program; each prints one line. */
async function printed(...expressions: string[]): Promise<string[]> {
  const { stdout, result } = await run(execution, expressions.map((text) => `console.log(${text});`).join('\n'));
  expect(result.error).toBeUndefined();
  return stdout.trimEnd().split('\n');
}

test.each([
  ['1, "a", true, null, undefined, -0, 10n, Symbol("s")', '1 a true null undefined -0 10n Symbol(s)'],
  ['[1, "it\'s", [2, [3, [4, [5, [6]]]]]]', '[ 1, "it\'s", [ 2, [ 3, [ 4, [ 5, [Array] ] ] ] ] ]'],
  [
    '{ a: 1, "b c": [undefined], get d() { throw 1 }, [Symbol("e")]: 2 }',
    "{ a: 1, 'b c': [ undefined ], d: [Getter], [Symbol(e)]: 2 }",
  ],
  ['new Map([["a", new Set([1])]]), new Date(0), /x/g', "Map(1) { 'a' => Set(1) { 1 } } 1970-01-01T00:00:00.000Z /x/g"],
  ['class A {}, function f() {}, () => {}', '[class A] [Function: f] [Function (anonymous)]'],
  ['new (class Point { x = 1 })(), Object.create(null)', 'Point { x: 1 } [Object: null prototype] {}'],
  ['new Uint8Array(3), [, 1], [].concat(1, 2)', 'Uint8Array(3) [ 0, 0, 0 ] [ <empty>, 1 ] [ 1, 2 ]'],
  ['(() => { const a = {}; a.self = a; return a })()', '{ self: [Circular] }'],
  ['"%s is %d, %i, %j and 100%%", "a", 1.5, 1.5, [1], { b: 1 }', 'a is 1.5, 1, [ 1 ] and 100% { b: 1 }'],
])('[EX9] console.log(%s)', async (args, text) => {
  const { stdout } = await run(execution, `console.log(${args})`);
  expect(stdout).toBe(`${text}\n`);
});

test('[EX9] console: streams, groups, counts, tables, assertions', async () => {
  const code = `console.info(1); console.debug(2); console.warn(3); console.error(4); console.dir({ a: 1 });
    console.assert(true, 'no'); console.assert(false, 'yes'); console.count(); console.count(); console.count('x');
    console.group('g'); console.log('in\\nside'); console.groupEnd(); console.log('out');
    console.time('t'); console.timeEnd('t'); console.table([{ a: 1 }, { b: 'x' }]);`;
  const { stdout, stderr } = await run(execution, code);
  expect(stderr).toBe('3\n4\nAssertion failed yes\n');
  const [before, after] = stdout.split(/t: \d+ ms\n/);
  expect(before).toBe('1\n2\n{ a: 1 }\ndefault: 1\ndefault: 2\nx: 1\ng\n  in\n  side\nout\n');
  expect(after).toMatch(/│ \(index\) │ a │ b {3}│\n.*\n│ 0 {7}│ 1 │ {5}│\n│ 1 {7}│ {3}│ 'x' │/);
});

test('[EX9] prompt and readline give the input line by line, then null', async () => {
  const code = 'const name = prompt("Name? "); console.log("Hi " + name, readline(), readline(), readline(), prompt())';
  expect((await run(execution, { code, stdin: 'Ann\r\n\nlast' })).stdout).toBe('Name? Hi Ann  last null null\n');
  expect((await run(execution, { code })).stdout).toBe('Name? Hi null null null null null\n');
});

test('[EX9] URL and URLSearchParams', async () => {
  const code = `const u = new URL('../x?a=1&b=%20c#h', 'https://u:p@ex.org:8080/d/e/f'); u.searchParams.append('d', 'ä&');
    console.log(u.href, u.port, u.origin, [...u.searchParams].length); u.port = ''; u.pathname = '/y'; console.log(String(u));
    console.log(URL.canParse('x'), new URLSearchParams({ q: 'a b' }).toString(), JSON.stringify({ u }));
    try { new URL('no') } catch (e) { console.log(e.name, e.message) }`;
  expect((await run(execution, code)).stdout.split('\n')).toEqual([
    'https://u:p@ex.org:8080/d/x?a=1&b=+c&d=%C3%A4%26#h 8080 https://ex.org:8080 3',
    'https://u:p@ex.org/y?a=1&b=+c&d=%C3%A4%26#h',
    'false q=a+b {"u":"https://u:p@ex.org/y?a=1&b=+c&d=%C3%A4%26#h"}',
    'TypeError Invalid URL',
    '',
  ]);
});

test('[EX9] text encoding', async () => {
  const lines = await printed(
    '[...new TextEncoder().encode("aä€😀\\ud800")].map((n) => n.toString(16)).join(" ")',
    'new TextDecoder().decode(new Uint8Array([0xef, 0xbb, 0xbf, 0xc3, 0xa4, 0xf0, 0x9f, 0x98, 0x80]))',
    'JSON.stringify(new TextDecoder().decode(new Uint8Array([0xff, 0xc0, 0x80, 0x61, 0xe2, 0x82])))',
    '(() => { try { new TextDecoder("utf-8", { fatal: true }).decode(new Uint8Array([0xff])) } catch (e) { return e.name } })()',
    'new TextDecoder().decode(new TextEncoder().encode("x".repeat(100_000))).length',
  );
  expect(lines).toEqual([
    '61 c3 a4 e2 82 ac f0 9f 98 80 ef bf bd',
    'ä😀',
    '"\ufffd\ufffd\ufffda\ufffd"',
    'TypeError',
    '100000',
  ]);
});

test('[EX9] structuredClone, crypto, performance', async () => {
  const lines = await printed(
    '(() => { const a = { d: new Date(0), m: new Map([[1, new Set([2])]]), v: new Float64Array([1.5]) }; a.self = a; const b = structuredClone(a); return b !== a && b.self === b && b.m.get(1).has(2) && b.v[0] === 1.5 && b.d.getTime() === 0 })()',
    '(() => { try { structuredClone({ f() {} }) } catch (e) { return e.name } })()',
    '/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(crypto.randomUUID()), crypto.randomUUID() !== crypto.randomUUID()',
    'new Set(crypto.getRandomValues(new Uint8Array(1000))).size > 100',
    'typeof performance.now(), performance.now() >= 0',
  );
  expect(lines).toEqual(['true', 'DataCloneError', 'true true', 'true', 'number true']);
});

test.each([
  'WebAssembly',
  'SharedArrayBuffer',
  'Atomics',
  'process',
  'require',
  'fetch',
  'Buffer',
  'Worker',
  'WebSocket',
])('[EX9] there is no %s', async (name) => {
  expect((await run(execution, `console.log(typeof ${name}, '${name}' in globalThis)`)).stdout).toBe(
    'undefined false\n',
  );
});
