import { afterEach, describe, expect, test } from '@jest/globals';
import type { Work, WorkListener } from '../../src/execution/active-run.ts';
import { encodeFrame, FrameError, FrameReader, parseFromChild } from '../../src/execution/ipc.ts';
import type { LaunchPlan } from '../../src/execution/launch.ts';
import { MAX_FRAME_FROM_CHILD, RUN_LIMITS } from '../../src/execution/limits.ts';
import { SandboxProcess } from '../../src/execution/sandbox-process.ts';
import { until } from '../support/until.ts';

const DONE = { type: 'done', run: 1, cpuMs: 1, heapBytes: 1, outputBytes: 0, truncated: false, reusable: true };

describe('frames', () => {
  test('[EX22] come out whole, however the bytes arrive', () => {
    const frames = [
      { type: 'ready' } as const,
      { type: 'output', run: 1, pieces: [['stdout', 'ä'.repeat(500)]] } as const,
    ];
    const bytes = Buffer.concat(frames.map((frame) => encodeFrame(frame, 10_000)));
    for (const size of [1, 3, 7, 100, bytes.length]) {
      const reader = new FrameReader(10_000);
      const got: unknown[] = [];
      for (let at = 0; at < bytes.length; at += size) got.push(...reader.push(bytes.subarray(at, at + size)));
      expect(got).toEqual(frames);
    }
  });

  test('[EX22] a length above the limit is refused before its body has arrived', () => {
    const header = Buffer.alloc(4);
    header.writeUInt32BE(MAX_FRAME_FROM_CHILD + 1, 0);
    expect(() => new FrameReader(MAX_FRAME_FROM_CHILD).push(header)).toThrow(FrameError);
    expect(() => encodeFrame({ type: 'ready' }, 5)).toThrow(FrameError);
  });

  test.each([
    null,
    [],
    'ready',
    {},
    { type: 'READY' },
    { type: '__proto__' },
    { type: 'fatal' },
    { type: 'fatal', run: -1 },
    { type: 'fatal', run: 1.5 },
    { type: 'output', run: 1 },
    { type: 'output', run: 1, pieces: [] },
    { type: 'output', run: 1, pieces: [['stdin', 'x']] },
    { type: 'output', run: 1, pieces: [['stdout', 1]] },
    { type: 'output', run: 1, pieces: [['stdout', 'x', 'y']] },
    { type: 'output', run: 1, pieces: [['stdout', 'x'.repeat(20_000)]] },
    { type: 'output', run: 1, pieces: Array.from({ length: 17 }, () => ['stdout', 'x']) },
    { ...DONE, cpuMs: Number.MAX_VALUE },
    { ...DONE, cpuMs: '1' },
    { ...DONE, value: 7 },
    { ...DONE, value: 'x'.repeat(70_000) },
    { ...DONE, error: 'x' },
    { ...DONE, error: { kind: 'cancelled', message: 'x' } },
    { ...DONE, error: { kind: 'sandbox', message: 'x' } },
    { ...DONE, error: { kind: 'exception' } },
    { ...DONE, error: { kind: 'exception', message: 'x'.repeat(3000) } },
    { ...DONE, error: { kind: 'exception', message: 'x', line: 'y' } },
  ])('[EX22] refused: %j', (message) => {
    expect(() => parseFromChild(message)).toThrow(FrameError);
  });

  test('[EX22] unknown fields do not get through', () => {
    expect(parseFromChild({ ...DONE, admin: true, error: { kind: 'syntax', message: 'm', x: 1 } })).toEqual({
      ...DONE,
      error: { kind: 'syntax', message: 'm' },
    });
  });
});

describe('a sandbox that was taken over', () => {
  let sandbox: SandboxProcess | undefined;
  afterEach(async () => {
    sandbox?.kill({ kind: 'sandbox', message: 'test' });
    await sandbox?.exited;
  });

  /** A child that greets properly and then, asked to run something, does as it likes. */
  async function takenOver(onRun: string): Promise<SandboxProcess> {
    const script = `
      const pipe = new (require('node:net').Socket)({ fd: 3 });
      const raw = (length, body) => { const b = Buffer.alloc(4); b.writeUInt32BE(length); pipe.write(Buffer.concat([b, Buffer.from(body)])) };
      const send = (message) => { const body = Buffer.from(JSON.stringify(message)); raw(body.length, body) };
      pipe.on('data', (chunk) => { if (String(chunk).includes('"greet"')) send({ type: 'ready' }); else { ${onRun} } });
      pipe.on('error', () => {}); pipe.on('close', () => process.exit());
      send({ type: 'ready' });`;
    const plan: LaunchPlan = { name: 'plain', command: process.execPath, args: ['-e', script] };
    let ready = false;
    sandbox = new SandboxProcess('s', plan, {
      restMs: 2000,
      atOnce: false,
      ready: () => {
        ready = true;
      },
      gone: () => {},
    });
    await until(() => ready);
    return sandbox;
  }

  const work: Work = {
    language: 'javascript',
    entry: 'm',
    files: [],
    stdin: '',
    interactive: false,
    args: [],
    env: {},
    limits: { ...RUN_LIMITS, wallMs: 3000 },
  };
  const nobody: WorkListener = { output: () => {}, input: () => {} };
  const done = JSON.stringify(DONE);

  test.each([
    ['a frame that is too large', `raw(300_000, '')`],
    ['a frame that is not JSON', `raw(3, '{x}')`],
    ['a frame of an unknown type', `send({ type: 'admin' })`],
    ['output of another run', `send({ type: 'output', run: 7, pieces: [['stdout', 'x']] })`],
    [
      'output above the limit',
      `for (let i = 0; i < 100; i++) send({ type: 'output', run: 1, pieces: [['stdout', 'x'.repeat(16_000)]] })`,
    ],
    [
      'frames without end',
      `for (let i = 0; i < 6000; i++) send({ type: 'output', run: 1, pieces: [['stdout', 'x']] })`,
    ],
    ['waiting for input in a run that takes none', `send({ type: 'input', run: 1, seen: 0 })`],
    ['ready in the middle of a run', `send({ type: 'ready' })`],
    ['a forged cancellation', `send({ ...${done}, error: { kind: 'cancelled', message: 'x' } })`],
    [
      'a table with a row of another length',
      `send({ ...${done}, tables: [{ columns: ['a'], rows: [[1, 2]], truncated: false, rowCount: 1 }] })`,
    ],
    [
      'a table with more rows than may be',
      `send({ ...${done}, tables: [{ columns: [], rows: Array(1001).fill([]), truncated: false, rowCount: 1 }] })`,
    ],
    [
      'a table with objects in it',
      `send({ ...${done}, tables: [{ columns: ['a'], rows: [[{}]], truncated: false, rowCount: 1 }] })`,
    ],
    ['a value of the wrong type', `send({ ...${done}, value: { toString: 1 } })`],
  ])('[EX22] %s ends it', async (_, onRun) => {
    const process = await takenOver(onRun);
    let bytes = 0;
    const outcome = await process.run(work, {
      ...nobody,
      output: (pieces) => {
        for (const [, text] of pieces) bytes += text.length;
      },
    });
    expect(outcome.error).toMatchObject({ kind: 'sandbox' });
    expect(bytes).toBeLessThanOrEqual(2 * RUN_LIMITS.outputBytes);
    await process.exited;
  });

  test('[EX22] one that is never ready again is killed, and its run has ended before', async () => {
    const process = await takenOver(`send(${done})`);
    expect((await process.run(work, nobody)).error).toBeUndefined();
    expect(process.isReady).toBe(false);
    await process.exited;
  });

  test('[EX22] figures are cut to what is possible', async () => {
    const process = await takenOver(
      `send({ ...${done}, cpuMs: 1e15, heapBytes: 1e15, outputBytes: 1e15, value: 'x'.repeat(60_000) })`,
    );
    const outcome = await process.run({ ...work, limits: { ...work.limits, resultChars: 10 } }, nobody);
    expect(outcome.cpuMs).toBeLessThanOrEqual(work.limits.wallMs);
    expect(outcome.memoryBytes).toBeLessThanOrEqual(work.limits.processRssBytes);
    expect(outcome.outputBytes).toBeLessThanOrEqual(10 * work.limits.outputBytes);
    expect(outcome.value).toHaveLength(10);
  });

  test('[EX43] one that only says that it waits ends when that time is up; more said changes nothing', async () => {
    const process = await takenOver(`setInterval(() => send({ type: 'input', run: 1, seen: 0 }), 10)`);
    const told: boolean[] = [];
    const limits = { ...work.limits, wallMs: 9000, inputWaitMs: 100 };
    const listener = { ...nobody, input: (wanted: boolean) => told.push(wanted) };
    const outcome = await process.run({ ...work, limits, interactive: true }, listener);
    expect(outcome.error).toMatchObject({ kind: 'timeout', message: 'no input within 100 ms' });
    expect(told).toEqual([true]);
    await process.exited;
  });

  test('[EX22] waiting for input that nobody has sent ends it', async () => {
    const process = await takenOver(`send({ type: 'input', run: 1, seen: 3 })`);
    const outcome = await process.run({ ...work, interactive: true }, nobody);
    expect(outcome.error).toMatchObject({ kind: 'sandbox' });
  });

  test('[EX10] a child that does not answer is killed after its time', async () => {
    const process = await takenOver('for (;;);');
    const outcome = await process.run({ ...work, limits: { ...work.limits, wallMs: 200, cpuMs: 8000 } }, nobody);
    expect(outcome.error).toMatchObject({ kind: 'timeout' });
    await process.exited;
  });

  test('[EX10] CPU of the whole process counts, also of one that does not answer', async () => {
    const process = await takenOver('for (;;);');
    const outcome = await process.run({ ...work, limits: { ...work.limits, wallMs: 9000, cpuMs: 50 } }, nobody);
    expect(outcome.error).toMatchObject({ kind: 'timeout', message: 'CPU limit of 50 ms reached' });
  });

  test('[EX11] resident memory of one that does not answer', async () => {
    const process = await takenOver('const a = []; for (;;) a.push(Buffer.alloc(4e6, 1));');
    const outcome = await process.run(
      { ...work, limits: { ...work.limits, processRssBytes: 120e6, cpuMs: 8000 } },
      nobody,
    );
    expect(outcome.error).toMatchObject({ kind: 'memory' });
  });
});
