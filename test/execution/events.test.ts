import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Execution } from '../../src/execution/execution.ts';
import { until } from '../support/until.ts';
import { begin, openTestExecution, run } from './support.ts';

let execution: Execution;

beforeAll(() => {
  execution = openTestExecution();
});
afterAll(() => execution.close());

test('[EX1] started, output, finished: in this order, and finished once and last', async () => {
  const { events } = await run(execution, 'console.log(1); setTimeout(() => console.log(2), 5)');
  const kinds = events.map((event) => event.type);
  expect(kinds[0]).toBe('started');
  expect(kinds.at(-1)).toBe('finished');
  expect(kinds.filter((kind) => kind === 'started')).toHaveLength(1);
  expect(kinds.filter((kind) => kind === 'finished')).toHaveLength(1);
  expect(kinds.slice(1, -1)).toEqual(expect.arrayContaining(['output']));
});

test('[EX1] nothing follows finished, also when a killed run was still writing', async () => {
  const started = begin(execution, { code: 'for (;;) console.log("x".repeat(50))', limits: { outputBytes: 100_000 } });
  await until(() => started.events.some((event) => event.type === 'output'));
  execution.cancel(started.id);
  const { events } = await started.told;
  const told = events.length;
  await run(execution, '1');
  expect(started.events).toHaveLength(told);
});

test('[EX1] a listener that throws harms neither its run nor the engine', async () => {
  const done = Promise.withResolvers<void>();
  const files = { 'main.js': 'console.log(1)' };
  const request = { id: 'throws', roomId: 'r', userId: 'u', language: 'javascript', entry: 'main.js', files };
  execution.start(request, (event) => {
    if (event.type === 'finished') done.resolve();
    throw new Error('a fault of the listener');
  });
  await done.promise;
  expect((await run(execution, 'console.log(2)')).stdout).toBe('2\n');
});

test('[EX2] output is numbered without gaps and keeps its order', async () => {
  const code =
    'for (let i = 0; i < 5000; i++) console.log(i); for (let i = 0; i < 5; i++) { console.log("o" + i); console.error("e" + i) }';
  const { events, stdout, stderr } = await run(execution, code);
  const seqs = events.flatMap((event) => (event.type === 'output' ? event.seq : []));
  expect(seqs).toEqual(seqs.map((_, index) => index));
  expect(stdout).toBe(`${Array.from({ length: 5000 }, (_, i) => `${i}\n`).join('')}o0\no1\no2\no3\no4\n`);
  expect(stderr).toBe('e0\ne1\ne2\ne3\ne4\n');
});

test('[EX2] streams keep their order among each other', async () => {
  const { all } = await run(execution, 'console.log(1); console.error(2); console.log(3); console.error(4)');
  expect(all).toBe('1\n2\n3\n4\n');
});

test('[EX2] the first output is out while the program is still running', async () => {
  const started = begin(execution, { code: 'console.log("first"); setTimeout(() => console.log("last"), 60_000)' });
  await until(() => started.events.some((event) => event.type === 'output' && event.text === 'first\n'));
  expect(started.events.some((event) => event.type === 'finished')).toBe(false);
  execution.cancel(started.id);
  await started.told;
});

test('[EX2] a program that writes much makes few events', async () => {
  const code = 'for (let i = 0; i < 20_000; i++) { console.log("a"); console.error("b") }';
  const { events } = await run(execution, { code, limits: { cpuMs: 5000 } });
  expect(events.length).toBeLessThan(1500);
});

test('[EX3] a result has its figures', async () => {
  const { result } = await run(execution, 'let n = 0; for (let i = 0; i < 1e8; i++) n ^= i; console.log("äö")');
  expect(result).toMatchObject({ status: 'completed', outputBytes: 5, outputTruncated: false });
  expect(result.error).toBeUndefined();
  expect(result.wallMs).toBeGreaterThanOrEqual(20);
  expect(result.cpuMs).toBeGreaterThanOrEqual(20);
  expect(result.memoryBytes).toBeGreaterThan(100_000);
  expect(result.queueMs).toBeGreaterThanOrEqual(0);
});

test('[EX4] the value is the last expression of a script', async () => {
  const { result } = await run(execution, 'const a = [1, "b", { c: null }]; a');
  expect(result.value).toBe("[ 1, 'b', { c: null } ]");
});

test('[EX4] the value is the default export of a module', async () => {
  const { result } = await run(execution, 'await 1; export default new Map([["k", 2n]])');
  expect(result.value).toBe("Map(1) { 'k' => 2n }");
});

test.each(['let a = 1', 'undefined', 'Promise.resolve(1)', 'export const a = 1'])(
  '[EX4] no value: %s',
  async (code) => {
    const { result } = await run(execution, code);
    expect(result.status).toBe('completed');
    expect(result).not.toHaveProperty('value');
  },
);
