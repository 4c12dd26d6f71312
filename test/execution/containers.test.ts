import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { extract } from 'tar-stream';
import { packFiles } from '../../src/execution/containers/archive.ts';
import { StreamReader } from '../../src/execution/containers/stream-reader.ts';
import type { Execution } from '../../src/execution/execution.ts';
import { FakeDocker } from '../support/fake-docker.ts';
import { until } from '../support/until.ts';
import { begin, openTestExecution, run, type Wish } from './support.ts';

let docker: FakeDocker;
let execution: Execution;

beforeEach(async () => {
  docker = new FakeDocker();
  execution = openTestExecution({ containers: docker.address, pool: { warm: 0 } });
  await until(() => execution.languages().some(({ id, available }) => id === 'bash' && available));
});
afterEach(async () => {
  await execution.close();
  await docker.close();
});

const bash = (code: string, more: Wish = {}): Wish => ({
  language: 'bash',
  entry: 'dir/main.sh',
  files: { 'dir/main.sh': code, 'data.txt': 'ä from a file\n' },
  ...more,
});

test('[EX50] a language can run when its image is there; else it says why, before any run', () => {
  const states = execution.languages();
  expect(states).toContainEqual({ id: 'ruby', name: 'Ruby', extensions: ['.rb'], available: true });
  expect(states.find(({ id }) => id === 'go')).toEqual(
    expect.objectContaining({ available: false, reason: 'the image golang:1 is not on this machine' }),
  );
  const refused = (wish: Wish): void =>
    expect(() => begin(execution, wish)).toThrow(expect.objectContaining({ code: 'language_unavailable' }));
  refused({ language: 'go', entry: 'main.go', files: { 'main.go': '' } });
  refused(bash('', { image: 'bash:4' }));
  refused({ code: '1', image: 'node:1' });
  refused({ code: 'select 1', language: 'sql', image: 'bash:5' });
});

test('[EX50] an engine that does not answer: its languages say so, the others run', async () => {
  const other = openTestExecution({ containers: 'unix:///nonexistent/docker.sock' });
  try {
    await other.ready();
    const states = other.languages();
    expect(states.find(({ id }) => id === 'bash')).toMatchObject({
      available: false,
      reason: 'the container engine does not answer',
    });
    expect((await run(other, '1 + 1')).result.value).toBe('2');
  } finally {
    await other.close();
  }
});

test('[EX51] files, arguments, variables, input, both streams, and the exit code', async () => {
  const code = 'cat data.txt; echo "$1|$2|$KEY|$CODEROOM_PARTS"; read line; echo "read $line" >&2; exit 3';
  const wish = bash(code, { args: ['a b', '"'], env: { KEY: 'välue' }, stdin: 'typed\n' });
  const { stdout, stderr, result, events } = await run(execution, wish);
  expect(stdout).toBe('ä from a file\na b|"|välue|\n');
  expect(stderr).toBe('read typed\n');
  expect(result).toMatchObject({
    status: 'failed',
    error: { kind: 'exception', message: 'the program ended with code 3' },
  });
  expect(events.map(({ type }) => type)).toEqual(['started', ...events.slice(1, -1).map(() => 'output'), 'finished']);
  expect((await run(execution, bash('true'))).result.status).toBe('completed');
});

test('[EX51] half a megabyte of source gets there', async () => {
  const noise = Array.from({ length: 60_000 }, (_, i) => Math.sin(i).toString(36))
    .join('')
    .slice(0, 400_000);
  const { stdout } = await run(
    execution,
    bash('wc -c < big.txt', { files: { 'dir/main.sh': 'wc -c < big.txt', 'big.txt': noise } }),
  );
  expect(stdout.trim()).toBe('400000');
});

test('[EX51] output comes while it runs, and input is taken meanwhile', async () => {
  const started = begin(execution, bash('echo name?; read name; echo "hello $name"', { interactive: true }));
  await until(() => started.events.some((event) => event.type === 'output' && event.text === 'name?\n'));
  execution.input(started.id, 'Ada\n', { end: true });
  expect((await started.told).stdout).toBe('name?\nhello Ada\n');
});

test('[EX52] what a container may: no network, no privileges, nothing to write but /work, memory, processes, CPU', async () => {
  await run(execution, bash('true'));
  const { HostConfig: host, User: user, Labels: labels } = docker.specs[0]!;
  expect(user).toBe('65534:65534');
  expect(host).toMatchObject({
    NetworkMode: 'none',
    ReadonlyRootfs: true,
    CapDrop: ['ALL'],
    SecurityOpt: ['no-new-privileges'],
    PidsLimit: 128,
    NanoCpus: 1e9,
    Memory: 512 * 1024 * 1024,
    MemorySwap: 512 * 1024 * 1024,
  });
  expect(Number(labels['coderoom.until'])).toBeGreaterThan(Date.now() / 1000);
  expect(JSON.stringify(host)).not.toContain('Binds');
});

test.each([
  [
    'the wall clock',
    bash('sleep 60', { limits: { wallMs: 300 } }),
    { status: 'timeout', error: { message: 'time limit of 300 ms reached' } },
  ],
  [
    'output',
    bash('while :; do echo xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx; done', { limits: { outputBytes: 1000 } }),
    { status: 'failed', error: { kind: 'output' }, outputTruncated: true },
  ],
])('[EX52] a limit: %s', async (_, wish, wanted) => {
  expect((await run(execution, wish)).result).toMatchObject(wanted);
  await until(() => docker.containers.size === 0);
});

test('[EX52] limits that the engine tells of: CPU time, memory', async () => {
  docker.usage = { cpuNs: 9e9, bytes: 123 };
  const busy = await run(execution, bash('sleep 60'));
  expect(busy.result).toMatchObject({
    status: 'timeout',
    error: { message: 'CPU limit of 2000 ms reached' },
    memoryBytes: 123,
  });
  docker.outOfMemory = true;
  expect((await run(execution, bash('exit 137'))).result.error?.kind).toBe('memory');
});

test('[EX52] cancelled, while it runs and before its container is there; nothing is left', async () => {
  const running = begin(execution, bash('echo on; sleep 60', { userId: 'a' }));
  await until(() => running.events.some((event) => event.type === 'output'));
  execution.cancel(running.id, 'enough');
  const early = begin(execution, bash('sleep 60', { userId: 'b' }));
  execution.cancel(early.id, 'too much');
  expect((await running.told).result).toMatchObject({ status: 'cancelled', error: { message: 'enough' } });
  expect((await early.told).result).toMatchObject({ status: 'cancelled', error: { message: 'too much' } });
  await until(() => docker.containers.size === 0);
});

test.each([/create/, /attach/, /start/, /wait/, /c\d+\/json/])(
  '[EX53] the engine fails at %s: so does the run, with the reason, and nothing is left',
  async (broken) => {
    docker.broken = broken;
    const { result } = await run(execution, bash('true'));
    expect(result).toMatchObject({
      status: 'failed',
      error: { kind: 'sandbox', message: 'the container engine failed' },
    });
    docker.broken = undefined;
    await until(() => docker.containers.size === 0);
    expect((await run(execution, bash('true'))).result.status).toBe('completed');
  },
);

test('[EX53] an engine that does not tell of an end, or does not bring it about', async () => {
  docker.mute = true;
  expect((await run(execution, bash('echo on'))).result.status).toBe('completed');
  docker.stubborn = true;
  const { result } = await run(execution, bash('sleep 60', { limits: { wallMs: 200 } }));
  expect(result.status).toBe('timeout');
  expect(result.wallMs).toBeLessThan(6000);
  docker.deaf = true;
  expect((await run(execution, bash('true', { limits: { wallMs: 200 } }))).result.status).toBe('timeout');
});

test('[EX50] the engine that DOCKER_HOST names', async () => {
  const before = process.env['DOCKER_HOST'];
  process.env['DOCKER_HOST'] = docker.address;
  const second = openTestExecution({ containers: true, pool: { warm: 0 } });
  try {
    await second.ready();
    expect((await run(second, bash('echo here'))).stdout).toBe('here\n');
  } finally {
    if (before === undefined) delete process.env['DOCKER_HOST'];
    else process.env['DOCKER_HOST'] = before;
    await second.close();
  }
});

test('[EX53] the engine goes away in the middle of a run', async () => {
  const running = begin(execution, bash('echo on; sleep 60'));
  await until(() => running.events.some((event) => event.type === 'output'));
  await docker.close();
  expect((await running.told).result).toMatchObject({ status: 'failed', error: { kind: 'sandbox' } });
});

test('[EX53] what a dead server left behind is removed once its time is over', async () => {
  docker.leaveBehind('old', Date.now() / 1000 - 10);
  docker.leaveBehind('young', Date.now() / 1000 + 1000);
  const second = openTestExecution({ containers: docker.address, pool: { warm: 0 } });
  try {
    await second.ready();
    expect([...docker.containers.keys()]).toEqual(['young']);
  } finally {
    await second.close();
  }
});

test('[EX53] streams that are garbled are seen', () => {
  expect(() => new StreamReader().push(Buffer.from('HTTP/1.1 500'))).toThrow(/garbled/);
  const reader = new StreamReader();
  const frame = Buffer.from([1, 0, 0, 0, 0, 0, 0, 2, 104, 105]);
  expect(reader.push(frame.subarray(0, 5))).toEqual([]);
  expect(reader.push(frame.subarray(5))).toEqual([['stdout', Buffer.from('hi')]]);
});

test('[EX51] a program that writes byte by byte', () => {
  const frame = Buffer.from([1, 0, 0, 0, 0, 0, 0, 1, 104]);
  expect(new StreamReader().push(Buffer.concat(Array.from({ length: 20_000 }, () => frame))).length).toBe(20_000);
});

test('[EX51] an archive keeps to its folder, whatever files are called', async () => {
  const long = `${'d'.repeat(90)}/${'ü'.repeat(90)}.txt`;
  const archive = extract();
  archive.end(
    await packFiles([
      ['/a/../../etc/x', '1'],
      [long, 'ä'],
    ]),
  );
  const names: string[] = [];
  for await (const entry of archive) {
    names.push(entry.header.name);
    entry.resume();
  }
  expect(names).toEqual(['a/etc/x', long]);
});
