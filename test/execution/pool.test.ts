import { afterEach, expect, test } from '@jest/globals';
import { engineGauges, engineHealth, sandboxSeries } from '../../src/execution/engine-gauges.ts';
import type { Execution, ExecutionOptions } from '../../src/execution/execution.ts';
import { GAUGES, SANDBOX_GAUGES } from '../../src/observe/gauges.ts';
import { until } from '../support/until.ts';
import { begin, openTestExecution, run } from './support.ts';

let execution: Execution;

afterEach(() => execution.close());

async function open(options: Partial<ExecutionOptions> = {}): Promise<void> {
  execution = openTestExecution(options);
  await execution.ready();
}

const many = { running: 5, roomRunning: 5, roomWaiting: 10, waiting: 20 };
const ROOMS = ['a', 'b', 'c', 'd', 'e'];

test('[EX46] more are kept ready after runs found none, up to a bound', async () => {
  await open({ pool: { warm: 1, warmMost: 3 }, queue: many });
  expect(execution.stats()).toMatchObject({ warm: 1, wanted: 1 });
  const runs = ROOMS.map((roomId) => begin(execution, { code: '1', roomId }));
  expect(execution.stats().wanted).toBe(3);
  await Promise.all(runs.map(({ told }) => told));
  await until(() => execution.stats().warm === 3);
});

test('[EX46] the usual number again when the others were not needed', async () => {
  await open({ pool: { warm: 1, warmMost: 3, coolMs: 300 }, queue: many });
  const runs = ROOMS.map((roomId) => begin(execution, { code: '1', roomId }));
  expect(execution.stats().wanted).toBe(3);
  await Promise.all(runs.map(({ told }) => told));
  await until(() => execution.stats().wanted === 1 && execution.stats().warm === 1);
  expect((await run(execution, { code: '1 + 1', roomId: 'f' })).result.value).toBe('2');
});

test('[EX20] more rooms keep their sandboxes while they use them, up to a bound; then the usual number', async () => {
  const bound = () => execution.sandboxes().flatMap(({ state, roomId }) => (state === 'bound' ? roomId : []));
  const useAll = async (surplusMs: number): Promise<void> => {
    await open({ pool: { bound: 1, boundMost: 4, surplusMs } });
    for (const roomId of ROOMS) await run(execution, { code: '1', roomId });
  };
  await useAll(60_000);
  await until(() => execution.stats().bound < ROOMS.length);
  expect(bound()).toEqual(ROOMS.slice(1));
  await execution.close();
  await useAll(50);
  await until(() => execution.stats().bound === 1);
  expect(bound()).toEqual(ROOMS.slice(-1));
});

test('[EX46] a server that is to keep none keeps none', async () => {
  execution = openTestExecution({ pool: { warm: 0 } });
  expect((await run(execution, '1 + 1')).result.value).toBe('2');
  expect(execution.stats()).toMatchObject({ warm: 0, wanted: 0, started: 1 });
});

test('[EX71] none is started beyond those that runs wait for', async () => {
  execution = openTestExecution({ pool: { warm: 0 }, queue: many });
  await Promise.all(ROOMS.map((roomId) => run(execution, { code: '1', roomId })));
  expect(execution.stats()).toMatchObject({ started: ROOMS.length, bound: ROOMS.length, warm: 0 });
});

test('[EX47] what there is: sandboxes by state with memory and CPU time, starts, ends, failures', async () => {
  await open({ pool: { warm: 1 } });
  await run(execution, { code: 'const t = Date.now(); while (Date.now() - t < 100);', roomId: 'busy' });
  await until(() => execution.stats().warm === 1);
  const sandboxes = execution.sandboxes();
  expect(sandboxes.map(({ state, roomId, runs }) => [state, roomId, runs])).toEqual([
    ['warm', undefined, 0],
    ['bound', 'busy', 1],
  ]);
  for (const { rssBytes, cpuMs } of sandboxes) {
    expect(rssBytes).toBeGreaterThan(10e6);
    expect(cpuMs).toBeGreaterThan(10);
  }
  const gauges = engineGauges(execution);
  expect(gauges).toMatchObject({ sandboxesWarm: 1, sandboxesBound: 1, sandboxesStarted: 2, sandboxesEnded: 0 });
  expect(gauges['sandboxesBytes']).toBeGreaterThan(gauges['largestSandboxBytes']!);
  expect(Object.keys(GAUGES)).toEqual(expect.arrayContaining(Object.keys(gauges)));
});

test('[EX47] figures of each sandbox: under a small number, which goes to another one after it', async () => {
  await open({ pool: { warm: 0 }, oneShot: true });
  const series = sandboxSeries(execution);
  const numbers: string[] = [];
  for (let runs = 0; runs < 3; runs++) {
    const waiting = begin(execution, { code: 'prompt()', interactive: true });
    await until(() => waiting.events.some(({ type }) => type === 'input'));
    const [point, ...others] = series();
    expect(others).toEqual([]);
    expect(Object.keys(point!.values)).toEqual(Object.keys(SANDBOX_GAUGES));
    expect(point!.values.sandboxMemoryBytes).toBeGreaterThan(10e6);
    numbers.push(point!.labels.sandbox);
    execution.input(waiting.id, '', { end: true });
    await waiting.told;
    await until(() => series().length === 0);
  }
  expect(numbers).toEqual(['0', '0', '0']);
});

test('[EX47] starts that fail are counted', async () => {
  execution = openTestExecution({ execPath: '/nonexistent/node' });
  await run(execution, '1');
  const { failedStarts, killed, started } = execution.stats();
  expect(failedStarts).toBeGreaterThanOrEqual(3);
  expect(started).toBeGreaterThanOrEqual(failedStarts);
  expect(killed).toBe(0);
});

test('[EX21] the way in which sandboxes are kept apart is told once, with those that do not work here', async () => {
  const told: unknown[] = [];
  await open({ onIsolation: (name, skipped) => told.push([name, skipped]) });
  await run(execution, { code: '1', roomId: 'other' });
  const { isolation, skipped } = execution.stats();
  expect(told).toEqual([[isolation, skipped]]);
  for (const { reason } of skipped) expect(reason).not.toBe('');
  const unavailable = skipped.map(({ name }) => name);
  expect(engineHealth(execution)).toMatchObject({ isolation, unavailable, working: true });
});
