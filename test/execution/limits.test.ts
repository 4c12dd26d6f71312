import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Execution } from '../../src/execution/execution.ts';
import { REQUEST_LIMITS, RUN_CEILINGS, RUN_LIMITS, runLimits } from '../../src/execution/limits.ts';
import { begin, openTestExecution, run } from './support.ts';

let execution: Execution;

beforeAll(async () => {
  execution = openTestExecution();
  await execution.ready();
});
afterAll(() => execution.close());

test.each([
  ['a loop', 'for (;;);'],
  ['microtasks', 'const f = () => Promise.resolve().then(f); f()'],
  ['timers that never end', 'setInterval(() => {}, 5)'],
  ['host calls', 'for (;;) crypto.randomUUID()'],
])('[EX10] wall clock: %s', async (_, code) => {
  const { result } = await run(execution, { code, limits: { wallMs: 300 } });
  expect(result).toMatchObject({ status: 'timeout', error: { kind: 'timeout' } });
  expect(result.wallMs).toBeGreaterThanOrEqual(290);
  expect(result.wallMs).toBeLessThan(2000);
});

test('[EX10] CPU time, in many small pieces too', async () => {
  const code = 'setInterval(() => { const t = Date.now(); while (Date.now() - t < 10); }, 1)';
  const { result } = await run(execution, { code, limits: { cpuMs: 200 } });
  expect(result).toMatchObject({ status: 'timeout', error: { message: expect.stringMatching(/CPU limit of 200 ms/) } });
  expect(result.wallMs).toBeLessThan(4000);
});

test('[EX10] what was written before the end is not lost', async () => {
  const { stdout, result } = await run(execution, {
    code: 'console.log(1); console.log(2); for (;;);',
    limits: { wallMs: 300 },
  });
  expect(result.status).toBe('timeout');
  expect(stdout).toBe('1\n2\n');
});

test.each([
  ['objects', 'const a = []; for (;;) a.push({ x: [1, 2, 3] })'],
  [
    'text',
    'const a = []; for (;;) { const s = "ab".repeat(2 ** 22) + a.length; a.push(s); s.charCodeAt(7); JSON.stringify(s) }',
  ],
  ['buffers', 'const a = []; for (;;) a.push(new Uint8Array(1 << 20).fill(1))'],
])('[EX11] memory: %s', async (_, code) => {
  const { result } = await run(execution, { code, limits: { heapMb: 24, cpuMs: 8000 } });
  expect(result).toMatchObject({ status: 'failed', error: { kind: 'memory' } });
  expect(result.error?.message).toMatch(/memory limit|allocation failed/);
});

test('[EX11] resident memory of the process, where V8 does not count', async () => {
  const code =
    'const a = []; for (let i = 0; ; i++) { const b = new ArrayBuffer(0, { maxByteLength: 2 ** 26 }); b.resize(2 ** 23); new Uint8Array(b).fill(1); a.push(b) }';
  const { result } = await run(execution, { code, limits: { processRssBytes: 150 * 1024 * 1024, cpuMs: 8000 } });
  expect(result).toMatchObject({ status: 'failed' });
  expect(['memory', 'exception']).toContain(result.error?.kind);
});

test('[EX12] output is cut at the limit, counted, and said to be cut', async () => {
  const code = 'for (let i = 0; i < 300; i++) console.log("x".repeat(99))';
  const { stdout, all, result } = await run(execution, { code, limits: { outputBytes: 10_000 } });
  expect(result).toMatchObject({ status: 'completed', outputBytes: 30_000, outputTruncated: true });
  expect(stdout).toHaveLength(10_000);
  expect(all).toMatch(/\[output cut after 10 kB\]\n$/);
});

test('[EX12] endless output ends the run', async () => {
  const { result, stdout } = await run(execution, {
    code: 'for (;;) console.log("x".repeat(99))',
    limits: { cpuMs: 5000 },
  });
  expect(result).toMatchObject({ status: 'failed', error: { kind: 'output' }, outputTruncated: true });
  expect(stdout.length).toBe(RUN_LIMITS.outputBytes);
});

test('[EX12] values and error texts are cut', async () => {
  expect((await run(execution, '"x".repeat(1e6)')).result.value?.length).toBeLessThanOrEqual(RUN_LIMITS.resultChars);
  const { error } = (await run(execution, 'throw new Error("x".repeat(1e6))')).result;
  expect(error?.message.length).toBeLessThanOrEqual(2000);
  const value = (await run(execution, '"\\0".repeat(65536)')).result.value;
  expect(value?.length).toBeGreaterThan(1000);
});

test('[EX12] timers: as many as allowed at the same time, again after some have fired', async () => {
  const code = `let n = 0; try { for (;;) { setTimeout(() => {}, 1); n++ } } catch (e) { console.log(n, e.message) }
    setTimeout(() => { setTimeout(() => console.log('again'), 1) }, 0)`;
  const { result, stdout } = await run(execution, { code, limits: { timers: 20 } });
  expect(result).toMatchObject({ status: 'failed', error: { message: 'RangeError: too many timers' } });
  expect(stdout).toBe('20 too many timers\n');
  const interval = 'let n = 0; const t = setInterval(() => { if (++n === 5) { clearInterval(t); console.log(n) } }, 1)';
  expect((await run(execution, { code: interval, limits: { timers: 1 } })).stdout).toBe('5\n');
  const free = 'for (let i = 0; i < 20; i++) setTimeout(() => setTimeout(() => {}, 1), 1)';
  expect((await run(execution, { code: free, limits: { timers: 20 } })).result.status).toBe('completed');
});

test.each([
  ['too_large', { files: { 'main.js': 'x'.repeat(REQUEST_LIMITS.sourceBytes) } }],
  ['too_large', { files: { 'main.js': '', 'a.js': '€'.repeat(REQUEST_LIMITS.sourceBytes / 3) } }],
  [
    'too_large',
    { files: Object.fromEntries([['main.js', ''], ...Array.from({ length: 50 }, (_, i) => [`${i}`, ''])]) },
  ],
  ['too_large', { stdin: 'x'.repeat(REQUEST_LIMITS.stdinBytes + 1) }],
  ['language_unavailable', { language: 'cobol' }],
  ['invalid_input', { entry: 'other.js', files: { 'main.js': '' } }],
  ['invalid_input', { entry: 'toString', files: { 'main.js': '' } }],
  ['invalid_input', { files: { 'main.js': '', 'a\nb': '' } }],
])('[EX13] refused with %s', (code, wish) => {
  const before = execution.stats();
  expect(() => begin(execution, wish)).toThrow(expect.objectContaining({ code }));
  expect(execution.stats()).toMatchObject({ running: before.running, waiting: before.waiting });
});

test('[EX13] as much as is allowed runs', async () => {
  const padding = ` ${'\n'.repeat(REQUEST_LIMITS.sourceBytes - 200)}`;
  const files = { 'main.js': `console.log(readline().length);${padding}`, 'b.js': '' };
  const { stdout } = await run(execution, { files, stdin: 'y'.repeat(REQUEST_LIMITS.stdinBytes) });
  expect(stdout).toBe('65536\n');
});

test('[EX14] limits may be lowered, not raised, and nonsense is the default', () => {
  expect(
    runLimits({ wallMs: 100, heapMb: 9999, cpuMs: Number.NaN, timers: -1, outputBytes: Number.POSITIVE_INFINITY }),
  ).toEqual({
    ...RUN_LIMITS,
    wallMs: 100,
  });
  expect(runLimits({ wallMs: 1e9 }).wallMs).toBe(RUN_CEILINGS.wallMs);
});
