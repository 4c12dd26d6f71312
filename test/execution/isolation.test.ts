import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { Execution } from '../../src/execution/execution.ts';
import { type LaunchPlan, launchPlans } from '../../src/execution/launch.ts';
import { POOL_LIMITS, RUN_LIMITS } from '../../src/execution/limits.ts';
import { SandboxPool } from '../../src/execution/pool.ts';
import { seccompFilter } from '../../src/execution/seccomp.ts';
import { silentLog } from '../../src/observe/log.ts';
import { programPath } from '../support/debian-package.ts';
import { until } from '../support/until.ts';
import { begin, isAlive, openTestExecution, run } from './support.ts';

const bwrap = programPath({ file: 'usr/bin/bwrap', packages: ['bubblewrap'], variable: 'TEST_BWRAP' });
const plans = launchPlans({ execPath: process.execPath, bwrap });

/** A user namespace of one's own is what bubblewrap needs; some systems forbid that, and say so at the first start. */
async function boxed(): Promise<{ execution: Execution; works: boolean }> {
  const execution = openTestExecution({ bwrap, pool: { warm: 1 } });
  await execution.ready();
  const { isolation, skipped } = execution.stats();
  const works = isolation === 'bubblewrap';
  expect(skipped.some(({ name, reason }) => name === 'bubblewrap' && reason !== '')).toBe(!works);
  return { execution, works };
}

describe('each way to keep sandboxes apart', () => {
  let pool: SandboxPool | undefined;

  afterEach(() => pool?.close());

  test.each(plans.map((plan) => [plan.name, plan] as const))('[EX48] %s', async (_, plan) => {
    const options = { log: silentLog, limits: { ...POOL_LIMITS, warm: 1 }, missing: [], oneShot: false };
    pool = new SandboxPool({ ...options, plans: [plan, plans.at(-1)!], newId: () => 'id', onIsolation: () => {} });
    const process = await pool.acquire('room');
    expect([plan.name, 'plain']).toContain(pool.stats.isolation);
    if (pool.stats.isolation !== plan.name) expect(pool.stats.skipped[0]).toMatchObject({ name: plan.name });
    const work = { language: 'javascript', entry: 'm', files: [['m', 'console.log(6 * 7)']] as const, stdin: '' };
    const given = { interactive: false, args: [], env: {}, limits: RUN_LIMITS };
    let text = '';
    const outcome = await process.run(
      { ...work, ...given },
      {
        output: (pieces) => {
          text += pieces.map(([, words]) => words).join('');
        },
        input: () => {},
      },
    );
    expect({ text, error: outcome.error }).toEqual({ text: '42\n', error: undefined });
    expect(outcome.memoryBytes).toBeGreaterThan(0);
  });
});

test('[EX48] inside bubblewrap there are its own code, the libraries, no other process and no network', async () => {
  const { execution, works } = await boxed();
  try {
    const pid = execution.stats().pids[0]!;
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const names = ['mnt', 'pid', 'net', 'ipc', 'uts', 'user'];
    const shared = names.filter(
      (name) => readlinkSync(`/proc/${pid}/ns/${name}`) === readlinkSync(`/proc/self/ns/${name}`),
    );
    expect(shared.length === 0).toBe(works);
    expect(/^Seccomp:\s+2$/m.test(status)).toBe(works);
    const root = readdirSync(`/proc/${pid}/root`);
    // The code may lie in one of these itself: then the way to it is there, and nothing beside it.
    const [, top = '', second = ''] = import.meta.dirname.split('/');
    for (const folder of ['home', 'root', 'tmp', 'var', 'boot'])
      expect(root.includes(folder)).toBe(works ? folder === top : readdirSync('/').includes(folder));
    if (works) expect(readdirSync(`/proc/${pid}/root/${top}`)).toEqual([second]);
    expect(readFileSync(`/proc/${pid}/environ`, 'utf8')).toBe(works ? 'PWD=/\0' : '');
    expect(status).toMatch(/^CapEff:\s+0+$/m);
    expect(status).toMatch(/^NoNewPrivs:\s+1$/m);
  } finally {
    await execution.close();
  }
});

test('[EX48] its limits hold and its end is seen as without: memory, time, a crash, being killed, closing', async () => {
  const { execution } = await boxed();
  const memory = 'const a = []; for (;;) a.push(new Uint8Array(1 << 20).fill(1))';
  expect((await run(execution, memory)).result.error?.kind).toBe('memory');
  const loop = await run(execution, { code: 'for (;;);', limits: { wallMs: 300 } });
  expect(loop.result.status).toBe('timeout');
  const victim = begin(execution, { code: 'console.log("on"); setInterval(() => {}, 100)' });
  await until(() => victim.events.some((event) => event.type === 'output'));
  const bound = execution.sandboxes().length - 1;
  process.kill(execution.stats().pids[bound]!, 'SIGKILL');
  expect((await victim.told).result.error).toMatchObject({
    kind: 'sandbox',
    message: expect.stringMatching(/SIGKILL/),
  });
  expect((await run(execution, '1 + 1')).result.value).toBe('2');
  const { pids } = execution.stats();
  await execution.close();
  expect(pids.filter(isAlive)).toEqual([]);
});

test('[EX48] where bubblewrap is not installed, that is the reason told', () => {
  const told: LaunchPlan['name'][] = launchPlans({ execPath: process.execPath }).map(({ name }) => name);
  const execution = openTestExecution({ pool: { warm: 0 } });
  const missing = execution.stats().skipped.map(({ name }) => name);
  expect([...told, ...missing]).toContain('bubblewrap');
  return execution.close();
});

test('[EX48] the filter: instructions of 8 bytes for the machines it knows, none for others', () => {
  for (const arch of ['x64', 'arm64']) {
    const filter = seccompFilter(arch)!;
    expect(filter.length % 8).toBe(0);
    const count = filter.length / 8;
    for (let at = 0; at < count; at++) {
      const [code, yes, no] = [filter.readUInt16LE(at * 8), filter[at * 8 + 2]!, filter[at * 8 + 3]!];
      if (code === 0x15 || code === 0x35) expect(at + 1 + Math.max(yes, no)).toBeLessThan(count);
    }
    expect(filter.readUInt16LE(filter.length - 8)).toBe(0x06);
  }
  expect(seccompFilter('mips')).toBeUndefined();
});
