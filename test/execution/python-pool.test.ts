import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Execution, ExecutionOptions } from '../../src/execution/execution.ts';
import { SnapshotStore } from '../../src/execution/python/snapshot-store.ts';
import { silentLog } from '../../src/observe/log.ts';
import { until } from '../support/until.ts';
import { begin, CACHE, openTestExecution, run } from './support.ts';

let execution: Execution;
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'coderoom-cache-'));
});
afterEach(async () => {
  await execution.close();
  rmSync(folder, { recursive: true, force: true });
});

const PATIENCE_MS = 120_000; // making a snapshot takes seconds of CPU, of which a busy machine has few
const PATIENT = { timeoutMs: PATIENCE_MS };

function open(options: Partial<ExecutionOptions> = {}): void {
  execution = openTestExecution({ pool: { warm: 0, warmMost: 0 }, pythonPool: { warmMost: 1 }, ...options });
}

const hello = () => run(execution, { language: 'python', code: 'print("hello")' });
const snapshots = () => readdirSync(folder).filter((name) => name.endsWith('.snapshot'));
const python = () => execution.languages().find(({ id }) => id === 'python');

test(
  '[EX36] a snapshot that is missing is made, one that is damaged or cut is made anew',
  async () => {
    for (const harm of ['none', 'damaged', 'cut']) {
      const [name] = snapshots();
      const path = join(folder, name ?? '');
      const before = name === undefined ? Buffer.alloc(0) : readFileSync(path);
      if (harm === 'damaged') writeFileSync(path, before.fill(7, 20_000_000, 20_000_001));
      if (harm === 'cut') truncateSync(path, 1000);
      open({ cacheFolder: folder });
      expect((await hello()).stdout).toBe('hello\n');
      await execution.close();
      expect(snapshots()).toHaveLength(1);
      expect(readFileSync(join(folder, snapshots()[0]!)).length).toBeGreaterThan(20e6);
    }
  },
  PATIENCE_MS,
);

test(
  '[EX36] when none can be made, runs say so, other languages go on, and it is tried again',
  async () => {
    await warmCache();
    const cacheFolder = join(folder, 'cache');
    writeFileSync(cacheFolder, 'a file where the folder should be');
    open({ cacheFolder, pool: { warm: 1 } });
    const { result } = await hello();
    expect(result).toMatchObject({
      status: 'failed',
      error: { kind: 'sandbox', message: 'the sandbox cannot be started' },
    });
    expect(python()).toMatchObject({ available: false, reason: 'the sandbox cannot be started' });
    expect((await run(execution, 'console.log(1)')).stdout).toBe('1\n');
    rmSync(cacheFolder);
    mkdirSync(cacheFolder);
    cpSync(CACHE, cacheFolder, { recursive: true });
    await until(() => python()?.available === true, PATIENT);
    expect((await hello()).stdout).toBe('hello\n');
  },
  PATIENCE_MS,
);

test(
  '[EX36] on a disk that is full before the snapshot is whole there is none, with the reason, and no part of it is left',
  async () => {
    open();
    // A limit for the size of a file fails as a full disk does: in the middle of the writing.
    const execPath = join(folder, 'node');
    writeFileSync(execPath, `#!/bin/sh\nulimit -f 20000\nexec '${process.execPath}' "$@"\n`, { mode: 0o755 });
    const cacheFolder = join(folder, 'cache');
    const store = new SnapshotStore({ folder: cacheFolder, execPath, log: silentLog });
    await expect(store.open()).rejects.toThrow(/EFBIG/);
    expect(readdirSync(cacheFolder)).toEqual([]);
  },
  PATIENCE_MS,
);

test(
  '[EX37] none before somebody needs one, then one of at most 300 MB, and none when nobody did for long',
  async () => {
    await warmCache();
    open({ pool: { warm: 1 }, pythonPool: { coolMs: 500 } });
    await execution.ready();
    execution.expect('main.js');
    await run(execution, 'console.log(1)');
    expect(execution.sandboxes().filter(({ state }) => state !== 'bound').length).toBeLessThanOrEqual(1);
    await until(() => {
      execution.expect('lib/main.py'); // again and again: on a slow machine it would be gone before it is ready
      return execution.stats().warm === 2;
    }, PATIENT);
    const largest = Math.max(...execution.sandboxes().map(({ rssBytes }) => rssBytes));
    expect(largest).toBeGreaterThan(100e6);
    expect(largest).toBeLessThan(300 * 1024 * 1024);
    await until(() => execution.stats().warm === 1, PATIENT);
    await until(() => execution.sandboxes().every(({ rssBytes }) => rssBytes < largest), PATIENT);
  },
  PATIENCE_MS,
);

test(
  '[EX37] a Python that is killed from outside is replaced; a room that runs again has its own or the spare one',
  async () => {
    open();
    const started = begin(execution, { language: 'python', code: 'print("on")\nwhile True: pass' });
    await until(() => started.events.some(({ type }) => type === 'output'), PATIENT);
    const [bound] = execution.sandboxes().filter(({ state }) => state === 'bound');
    expect(bound).toMatchObject({ roomId: 'room', runs: 1 });
    for (const pid of execution.stats().pids) process.kill(pid, 'SIGKILL');
    expect((await started.told).result.error).toMatchObject({ kind: 'sandbox' });
    expect((await hello()).stdout).toBe('hello\n');
    expect((await hello()).stdout).toBe('hello\n');
  },
  PATIENCE_MS,
);

/** The tests' own cache has the snapshot of this version. */
async function warmCache(): Promise<void> {
  open();
  await hello();
  await execution.close();
}
