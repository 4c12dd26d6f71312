import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import type { Execution, ExecutionOptions } from '../../src/execution/execution.ts';
import { until } from '../support/until.ts';
import { begin, isAlive, openTestExecution, run } from './support.ts';

let execution: Execution;

afterEach(() => execution.close());

async function open(options: Partial<ExecutionOptions> = {}): Promise<void> {
  execution = openTestExecution(options);
  await execution.ready();
}

/** The sandbox that a run was given. */
async function sandboxOf(wish: Parameters<typeof run>[1]): Promise<string> {
  const { events } = await run(execution, wish);
  return events.flatMap((event) => (event.type === 'started' ? event.sandboxId : []))[0]!;
}

test('[EX19] rooms never share a sandbox; a room gets its own again', async () => {
  await open();
  const a = await sandboxOf({ code: '1', roomId: 'a' });
  const b = await sandboxOf({ code: '1', roomId: 'b' });
  expect(a).not.toBe(b);
  expect(await sandboxOf({ code: '1', roomId: 'a' })).toBe(a);
  expect(await sandboxOf({ code: '1', roomId: 'b' })).toBe(b);
});

test('[EX19] nothing passes from one run to the next', async () => {
  await open();
  const dirty = `globalThis.leak = 1; Object.prototype.leak = 2; Array.prototype.map = null; console.log = null;
    setTimeout(() => {}, 1); Promise.prototype.then = () => {}`;
  const first = await sandboxOf(dirty);
  const { stdout, events } = await run(execution, 'console.log(typeof leak, typeof [].map, (await 1, 2))');
  expect(stdout).toBe('undefined function 2\n');
  expect(events[0]).toMatchObject({ sandboxId: first });
});

test.each([
  ['endless loop', 'for (;;);'],
  ['memory', 'const a = []; for (;;) a.push(new Uint8Array(1 << 20).fill(1))'],
  ['output', 'for (;;) console.log("x".repeat(1000))'],
])('[EX20] not used again after: %s', async (_, code) => {
  await open();
  const limits = { wallMs: 300, cpuMs: 5000 };
  const first = await sandboxOf({ code, limits });
  expect(await sandboxOf({ code: '1', limits })).not.toBe(first);
});

test('[EX20] used again after an ordinary error; not after a file that broke the translator', async () => {
  await open();
  const first = await sandboxOf('null.x');
  const depth = 50_000;
  const poison = `let a: number = ${'('.repeat(depth)}1${')'.repeat(depth)}`;
  const { result, events } = await run(execution, { language: 'typescript', code: poison });
  expect(events[0]).toMatchObject({ sandboxId: first });
  expect(result.status).toBe('failed');
  expect(await sandboxOf({ language: 'typescript', code: 'let a: number = 1' })).not.toBe(first);
});

test('[EX20] used for so many runs', async () => {
  await open({ pool: { runsPerProcess: 3 } });
  const ids: string[] = [];
  for (let i = 0; i < 4; i++) ids.push(await sandboxOf('1'));
  expect(new Set(ids.slice(0, 3)).size).toBe(1);
  expect(ids[3]).not.toBe(ids[0]);
});

test('[EX20] not kept when idle, too large, or in one-shot mode', async () => {
  await open({ pool: { idleMs: 30 } });
  await run(execution, '1');
  await until(() => execution.stats().bound === 0);
  await execution.close();
  await open({ pool: { reuseRssBytes: 1 } });
  await run(execution, '1');
  expect(execution.stats().bound).toBe(0);
  await execution.close();
  await open({ oneShot: true });
  expect(await sandboxOf('1')).not.toBe(await sandboxOf('1'));
});

test('[EX20] the least recently used goes first', async () => {
  await open({ pool: { bound: 2, boundMost: 2 } });
  const a = await sandboxOf({ code: '1', roomId: 'a' });
  const b = await sandboxOf({ code: '1', roomId: 'b' });
  expect(await sandboxOf({ code: '1', roomId: 'a' })).toBe(a);
  await sandboxOf({ code: '1', roomId: 'c' });
  await until(() => execution.stats().bound === 2);
  expect(await sandboxOf({ code: '1', roomId: 'a' })).toBe(a);
  expect(await sandboxOf({ code: '1', roomId: 'b' })).not.toBe(b);
});

test('[EX21] a sandbox has no environment, lower priority, and what the system offers', async () => {
  await open();
  const { isolation, rlimits, pids } = execution.stats();
  const pid = pids[0]!;
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  expect(Number(readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]!.split(' ')[16])).toBe(10);
  if (isolation.startsWith('other-user')) expect(status).toMatch(/^Uid:\s+65534\s+65534/m);
  if (isolation !== 'plain') expect(status).toMatch(/^NoNewPrivs:\s+1/m);
  // Two lines of headings and the loopback device, which is down.
  if (isolation.endsWith('no-network'))
    expect(readFileSync(`/proc/${pid}/net/dev`, 'utf8').trim().split('\n')).toHaveLength(3);
  if (rlimits) expect(readFileSync(`/proc/${pid}/limits`, 'utf8')).toMatch(/^Max file size\s+0 /m);
  expect(readFileSync(`/proc/${pid}/environ`, 'utf8')).toBe('');
  expect(readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')).toContain('--permission');
});

test('[EX45] no sandbox collects dead WebAssembly code', async () => {
  await open();
  const { pids } = execution.stats();
  expect(pids.length).toBeGreaterThanOrEqual(1);
  for (const pid of pids)
    expect(readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')).toContain('--no-wasm-code-gc');
});

test('[EX23] killed from outside while it runs: the run fails, the next one runs', async () => {
  await open();
  const victim = begin(execution, { code: 'console.log("on"); setInterval(() => {}, 100)' });
  await until(() => victim.events.some((event) => event.type === 'output'));
  process.kill(execution.stats().pids.at(-1)!, 'SIGKILL'); // bound ones come last
  const { result } = await victim.told;
  expect(result).toMatchObject({
    status: 'failed',
    error: { kind: 'sandbox', message: expect.stringMatching(/ended unexpectedly/) },
  });
  expect((await run(execution, '1 + 1')).result.value).toBe('2');
});

test('[EX23] killed from outside while it waits: replaced', async () => {
  await open();
  const before = execution.stats().pids;
  for (const pid of before) process.kill(pid, 'SIGKILL');
  await until(() => execution.stats().warm === 2 && execution.stats().pids.every((pid) => !before.includes(pid)));
  expect((await run(execution, '1 + 1')).result.value).toBe('2');
});

test('[EX23] no sandbox can be started: runs fail with the reason, languages say so', async () => {
  execution = openTestExecution({ execPath: '/nonexistent/node' });
  const { result } = await run(execution, '1');
  expect(result).toMatchObject({
    status: 'failed',
    error: { kind: 'sandbox', message: 'the sandbox cannot be started' },
  });
  expect(execution.languages()).toContainEqual(
    expect.objectContaining({ id: 'javascript', available: false, reason: expect.any(String) }),
  );
});

test('[EX23] the program of the sandboxes goes away and comes back: runs fail with the reason, then work again', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'coderoom-node-'));
  const node = path.join(folder, 'node');
  chmodSync(folder, 0o755); // sandboxes are another user's
  symlinkSync(process.execPath, node);
  try {
    await open({ execPath: node, pool: { warm: 1 } });
    expect((await run(execution, '1 + 1')).result.value).toBe('2');
    rmSync(node);
    for (const pid of execution.stats().pids) process.kill(pid, 'SIGKILL');
    await until(() => execution.languages().every(({ available }) => !available));
    const { result } = await run(execution, '1 + 1');
    expect(result.error).toEqual({ kind: 'sandbox', message: 'the sandbox cannot be started' });
    symlinkSync(process.execPath, node);
    await until(() => execution.languages().every(({ available }) => available));
    expect((await run(execution, '1 + 1')).result.value).toBe('2');
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('[EX23] languages are available otherwise', async () => {
  await open();
  expect(execution.languages()).toEqual([
    { id: 'javascript', name: 'JavaScript', extensions: ['.js', '.mjs'], available: true },
    { id: 'typescript', name: 'TypeScript', extensions: ['.ts', '.mts'], available: true },
    { id: 'python', name: 'Python', extensions: ['.py'], available: true },
    { id: 'sql', name: 'SQL', extensions: ['.sql'], available: true },
  ]);
});

test('[EX24] close ends what runs and waits, leaves no process, and refuses afterwards', async () => {
  await open({ queue: { running: 1 } });
  const running = begin(execution, { code: 'console.log(1); for (;;);', userId: 'a' });
  const waiting = begin(execution, { code: '1', userId: 'b' });
  await until(() => running.events.some((event) => event.type === 'output'));
  const { pids } = execution.stats();
  expect(pids.length).toBeGreaterThanOrEqual(1);
  await execution.close();
  expect(pids.filter(isAlive)).toEqual([]);
  for (const { result } of await Promise.all([running.told, waiting.told])) expect(result.status).toBe('cancelled');
  expect(() => begin(execution, { code: '1' })).toThrow(expect.objectContaining({ code: 'draining' }));
});

test('[EX24] close while sandboxes are starting', async () => {
  execution = openTestExecution();
  await until(() => execution.stats().pids.length > 0);
  const { pids } = execution.stats();
  await execution.close();
  expect(pids.filter(isAlive)).toEqual([]);
});

test('[EX24] sandboxes end with a server that is killed, also in the middle of a loop', async () => {
  execution = openTestExecution({ pool: { warm: 0 } });
  const script = `
    import { openExecution } from ${JSON.stringify(new URL('../../src/execution/execution.ts', import.meta.url).href)};
    const log = { debug() {}, info() {}, warn() {}, error() {} };
    const execution = openExecution({ log });
    await execution.ready();
    const files = { 'main.js': 'console.log(1); for (;;);' };
    execution.start({ id: '1', roomId: 'r', userId: 'u', language: 'javascript', entry: 'main.js', files }, (event) => {
      if (event.type === 'output') console.log(JSON.stringify(execution.stats().pids));
    });`;
  const server = spawn(process.execPath, ['--no-warnings', '--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let text = '';
  server.stdout.on('data', (chunk) => {
    text += String(chunk);
  });
  await until(() => text.includes(']'));
  const pids = JSON.parse(text) as number[];
  expect(pids.filter(isAlive).length).toBeGreaterThanOrEqual(1);
  server.kill('SIGKILL');
  await until(() => pids.every((pid) => !isAlive(pid)));
});
