import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Execution } from '../../src/execution/execution.ts';
import { REQUEST_LIMITS } from '../../src/execution/limits.ts';
import type { Log } from '../../src/observe/log.ts';
import { until } from '../support/until.ts';
import { begin, openTestExecution, run, type Started } from './support.ts';

let execution: Execution;
const logged: unknown[] = [];

beforeAll(async () => {
  const note = (...words: unknown[]): void => void logged.push(words);
  const log: Log = { debug: note, info: note, warn: note, error: note };
  execution = openTestExecution({ log });
  await execution.ready();
});
afterAll(() => execution.close());

/** What a run told of its waiting so far. */
function waits({ events }: Started): boolean[] {
  return events.flatMap((event) => (event.type === 'input' ? event.wanted : []));
}

async function untilWaits(started: Started): Promise<void> {
  await until(() => waits(started).at(-1) === true);
}

function printed({ events }: Started): string {
  return events.map((event) => (event.type === 'output' ? event.text : '')).join('');
}

test.each(['javascript', 'typescript'])('[EX40] args are a frozen array of texts: %s', async (language) => {
  const code = 'console.log(args); try { args.push("x") } catch (e) { console.log(e.name) }; console.log(args.length)';
  const { stdout } = await run(execution, { language, code, args: ['a b', '', '"ä😀\n'] });
  expect(stdout).toBe(`[ 'a b', '', '"ä😀\\n' ]\nTypeError\n3\n`);
  expect((await run(execution, { language, code: 'console.log(args)' })).stdout).toBe('[]\n');
});

test('[EX40] args: too many, too long, no texts', () => {
  const most = REQUEST_LIMITS;
  const wrong = (args: readonly string[], code: string): void =>
    expect(() => begin(execution, { args })).toThrow(expect.objectContaining({ code }));
  wrong(Array.from({ length: most.args + 1 }, String), 'too_large');
  wrong(['x'.repeat(most.argsBytes + 1)], 'too_large');
  wrong([1 as never], 'invalid_input');
});

test('[EX41] env is a frozen object of texts, also with names that mean something to JavaScript', async () => {
  const code = `"use strict"; console.log(env.KEY, Object.keys(env).join(), env.__proto__);
    for (const change of [() => { env.KEY = "x" }, () => { delete env.KEY }, () => { env.NEW = "x" }]) {
      try { change() } catch (e) { console.log(e.name) } }`;
  const env = Object.fromEntries([
    ['KEY', 'välue'],
    ['__proto__', 'own'],
  ]) as Record<string, string>;
  const { stdout } = await run(execution, { code, env });
  expect(stdout).toBe('välue KEY,__proto__ own\nTypeError\nTypeError\nTypeError\n');
  expect((await run(execution, 'console.log(env)')).stdout).toBe('{}\n');
});

test('[EX41] env: too many, too long, no texts, names that are none', () => {
  const most = REQUEST_LIMITS;
  const wrong = (env: Record<string, string>, code: string): void =>
    expect(() => begin(execution, { env })).toThrow(
      expect.objectContaining({ code, message: expect.not.stringContaining('SECRET') }),
    );
  wrong(Object.fromEntries(Array.from({ length: most.variables + 1 }, (_, i) => [`A${i}`, 'SECRET'])), 'too_large');
  wrong({ A: 'SECRET'.repeat(most.envBytes / 6 + 1) }, 'too_large');
  wrong({ A: 1 as never }, 'invalid_input');
  for (const name of ['', '1A', 'A-SECRET', 'A B', 'Ä', 'A'.repeat(101)]) wrong({ [name]: 'SECRET' }, 'invalid_input');
});

test('[EX41] variables are in no error, no log line and not on the command line of a sandbox', async () => {
  const env = { TOKEN: 'hunter2-of-the-room' };
  const ends = await Promise.all(
    ['null.x', 'throw new Error("no")', 'for (;;);', 'import "./nowhere.js"', '}{'].map((code, i) =>
      run(execution, { code, env, roomId: `env-${i}`, limits: { wallMs: 200 } }),
    ),
  );
  expect(ends.map(({ result }) => result.status)).toEqual(['failed', 'failed', 'timeout', 'failed', 'failed']);
  expect(JSON.stringify([ends, logged])).not.toContain('hunter2');
});

test.each(['prompt("name? ")', 'readline()', 'await stdin.readLine()'])(
  '[EX42] %s waits for a line that somebody types',
  async (read) => {
    const started = begin(execution, { code: `const name = ${read}; console.log("hello", name)`, interactive: true });
    await untilWaits(started);
    expect(printed(started)).toBe(read.startsWith('prompt') ? 'name? ' : '');
    expect(execution.input(started.id, 'Ada\n')).toBe(true);
    const { stdout, result } = await started.told;
    expect(stdout).toMatch(/hello Ada\n$/);
    expect(result.status).toBe('completed');
    expect(waits(started)).toEqual([true, false]);
    expect(execution.input(started.id, 'late')).toBe(false);
  },
);

test('[EX42] a line may come in pieces, several lines in one; its end may be the end of the input', async () => {
  const code = 'for (let line; (line = readline()) !== null; ) console.log(line.length, line)';
  const started = begin(execution, { code, interactive: true, stdin: 'given\nfir' });
  await untilWaits(started);
  expect(printed(started)).toBe('5 given\n');
  execution.input(started.id, 's');
  await until(() => waits(started).length === 3); // waits again: that was no whole line
  execution.input(started.id, 't\r\nsecond\n\nla');
  execution.input(started.id, 'st', { end: true });
  const { stdout } = await started.told;
  expect(stdout).toBe('5 given\n5 first\n6 second\n0 \n4 last\n');
});

test('[EX42] stdin lets timers go on; lines, the rest, and a loop over them', async () => {
  const code = `const ticks = setInterval(() => console.log("tick"), 5);
    console.log(await stdin.readLine());
    clearInterval(ticks);
    for await (const line of stdin) { console.log(line); if (line === "stop") break }
    console.log(JSON.stringify(await stdin.readAll()), await stdin.readLine(), readline())`;
  const started = begin(execution, { code, interactive: true });
  await until(() => printed(started).includes('tick\n') && waits(started).length > 0);
  execution.input(started.id, 'first\nsecond\nstop\nthe\nrest', { end: true });
  const { stdout } = await started.told;
  expect(stdout.replaceAll('tick\n', '')).toBe('first\nsecond\nstop\n"the\\nrest" null null\n');
});

test('[EX42] reading both ways at once: each line goes to one of them', async () => {
  const code = `const later = [stdin.readLine(), stdin.readLine()];
    const held = readline();
    console.log([held, ...(await Promise.all(later))].sort().join())`;
  const started = begin(execution, { code, interactive: true });
  await untilWaits(started);
  execution.input(started.id, 'a\n');
  await until(() => waits(started).length === 3);
  execution.input(started.id, 'b\nc\n');
  expect((await started.told).stdout).toBe('a,b,c\n');
});

test('[EX42] input that comes before the program reads, or before it runs, is kept', async () => {
  const held = begin(execution, { code: 'readline()', interactive: true, userId: 'one' });
  const next = begin(execution, { code: 'console.log(readline(), readline())', interactive: true, userId: 'one' });
  expect(next.events.map(({ type }) => type)).toEqual(['queued']);
  execution.input(next.id, 'early\nbird', { end: true });
  execution.input(held.id, '\n');
  expect((await held.told).result.status).toBe('completed');
  expect((await next.told).stdout).toBe('early bird\n');
  expect(waits(next)).toEqual([]);
});

test('[EX42] without `interactive` the input ends after what was given, and nothing is taken', async () => {
  const code = 'console.log(readline(), readline(), await stdin.readLine(), await stdin.readAll())';
  expect((await run(execution, { code, stdin: 'one' })).stdout).toBe('one null null \n');
  const started = begin(execution, { code: 'setTimeout(() => {}, 60_000)' });
  expect(() => execution.input(started.id, 'x')).toThrow(expect.objectContaining({ code: 'conflict' }));
  execution.cancel(started.id);
  await started.told;
  expect(execution.input('nobody', 'x')).toBe(false);
});

test('[EX42] input is limited, and ends once', async () => {
  const most = REQUEST_LIMITS;
  const started = begin(execution, { code: 'setTimeout(() => {}, 60_000)', interactive: true });
  const refused = (text: string, code: string): void =>
    expect(() => execution.input(started.id, text)).toThrow(expect.objectContaining({ code }));
  execution.input(started.id, 'x'.repeat(most.inputBytes - 2));
  refused('xxx', 'too_large');
  execution.input(started.id, 'x', { end: true });
  refused('', 'conflict');
  execution.cancel(started.id);
  await started.told;
  const many = begin(execution, { code: 'stdin.readAll()', interactive: true });
  for (let i = 0; i < most.inputPieces; i++) execution.input(many.id, '');
  expect(() => execution.input(many.id, '')).toThrow(expect.objectContaining({ code: 'too_large' }));
  execution.cancel(many.id);
  await many.told;
});

test('[EX42] the ways to hold a program up are out of its reach', async () => {
  const code = `const seen = [];
    Int32Array.prototype.valueOf = function () { seen.push(this) };
    Error.prepareStackTrace = (_, sites) => sites.map((s) => [s.getThis(), s.getFunction()]).flat();
    console.log(readline(), seen.length, new Error().stack.filter((v) => v !== undefined).length,
      typeof SharedArrayBuffer, Object.values(stdin).map((f) => f.constructor.name).join())`;
  const { stdout, result } = await run(execution, { code: `"use strict"; ${code}`, stdin: 'x' });
  expect(result.error).toBeUndefined();
  expect(stdout).toBe('x 0 0 undefined Function,Function\n');
});

test('[EX43] the clock stands still while it waits, and then goes on', async () => {
  const code = 'readline(); const t = Date.now(); while (Date.now() - t < 60_000);';
  const started = begin(execution, { code, interactive: true, limits: { wallMs: 300 } });
  await untilWaits(started);
  const since = performance.now();
  await until(() => performance.now() - since > 500);
  expect(started.events.at(-1)).toEqual({ type: 'input', wanted: true });
  execution.input(started.id, '\n');
  const { result } = await started.told;
  expect(result).toMatchObject({ status: 'timeout', error: { message: 'time limit of 300 ms reached' } });
  expect(result.inputMs).toBeGreaterThanOrEqual(490);
  expect(result.wallMs - result.inputMs).toBeGreaterThanOrEqual(290);
});

test.each(['readline()', 'await stdin.readLine()', 'setInterval(() => {}, 5); await stdin.readAll()'])(
  '[EX43] nobody types anything: %s',
  async (code) => {
    const { result } = await run(execution, { code, interactive: true, limits: { inputWaitMs: 150 } });
    expect(result).toMatchObject({
      status: 'timeout',
      error: { kind: 'timeout', message: 'no input within 150 ms' },
    });
    expect(result.wallMs).toBeLessThan(2000);
  },
);

test('[EX43] CPU time goes on counting while timers do', async () => {
  const code = 'stdin.readAll(); setInterval(() => { const t = Date.now(); while (Date.now() - t < 10); }, 1)';
  const { result } = await run(execution, { code, interactive: true, limits: { cpuMs: 200 } });
  expect(result).toMatchObject({ status: 'timeout', error: { message: 'CPU limit of 200 ms reached' } });
});

test('[EX43] a run that waits can be cancelled', async () => {
  const started = begin(execution, { code: 'readline()', interactive: true });
  await untilWaits(started);
  execution.cancel(started.id, 'enough');
  expect((await started.told).result).toMatchObject({ status: 'cancelled', error: { message: 'enough' } });
});

test('[EX44] who waits for a person gives its place to others, but not to its own user', async () => {
  const one = openTestExecution({ queue: { running: 1, parked: 1 }, pool: { warm: 1 } });
  try {
    const waiting = begin(one, { code: 'console.log(readline())', interactive: true, userId: 'a' });
    await untilWaits(waiting);
    expect(one.stats()).toMatchObject({ running: 0, parked: 1 });
    const own = begin(one, { code: '1', userId: 'a' });
    expect(own.events).toEqual([{ type: 'queued', position: 1 }]);
    expect((await run(one, { code: '1 + 1', userId: 'b' })).result.value).toBe('2');
    expect(own.events).toHaveLength(1);
    const keeps = begin(one, { code: 'readline()', interactive: true, userId: 'c' });
    await untilWaits(keeps);
    expect(one.stats()).toMatchObject({ running: 1, parked: 1 });
    one.input(waiting.id, 'on\n');
    expect((await waiting.told).stdout).toBe('on\n');
    one.input(keeps.id, '\n');
    await Promise.all([keeps.told, own.told]);
    expect(one.stats()).toMatchObject({ running: 0, waiting: 0, parked: 0 });
  } finally {
    await one.close();
  }
});
