// Code by this machine's interpreters, in real boxes. Where the system lets nobody make one, that is what has to be said.
import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Execution } from '../../src/execution/execution.ts';
import { treeUsage } from '../../src/execution/local/process-tree.ts';
import { programPath } from '../support/debian-package.ts';
import { until } from '../support/until.ts';
import { begin, openTestExecution, run, type Told, type Wish } from './support.ts';

const bwrap = programPath({ file: 'usr/bin/bwrap', packages: ['bubblewrap'], variable: 'TEST_BWRAP' });

let execution: Execution;
/** Whether this system lets us make boxes. */
let works: boolean;

beforeAll(async () => {
  execution = openTestExecution({ local: ['perl', 'bash', 'lua'], bwrap, pool: { warm: 0 } });
  await execution.ready();
  works = execution.languages().some(({ id, available }) => id === 'bash' && available);
});
afterAll(() => execution.close());

/** Runs a program, or sees that it is refused with the reason. */
async function local(code: string, more: Wish = {}): Promise<Told | undefined> {
  const wish = { language: 'bash', entry: 'dir/main.sh', files: { 'dir/main.sh': code, 'data.txt': 'ä\n' }, ...more };
  if (works) return run(execution, wish);
  expect(() => begin(execution, wish)).toThrow(expect.objectContaining({ code: 'language_unavailable' }));
  return undefined;
}

/** What is expected of a run where there are boxes. */
function expectOf(told: Told | undefined, wanted: object): void {
  if (works) expect(told).toMatchObject(wanted);
  else expect(told).toBeUndefined();
}

test('[EX67] without bubblewrap, or with a name that is not known, the engine does not open', () => {
  const open = (options: object) => () => openTestExecution({ pool: { warm: 0 }, ...options });
  expect(open({ local: ['python3', 'cobol'], bwrap })).toThrow(/These cannot run locally: cobol\. Known are python3, /);
  expect(open({ local: ['bash'], bwrap: '/nonexistent/bwrap' })).toThrow(
    'Local runs need bubblewrap to be kept apart: bubblewrap is not installed.',
  );
});

test('[EX67] languages come first; what is not here or does not work says so, before any run', async () => {
  const states = execution.languages();
  expect(states.map(({ id }) => id).slice(0, 3)).toEqual(['perl', 'lua', 'bash']);
  const lua = states.find(({ id }) => id === 'lua');
  if (lua?.available !== true)
    expect(lua?.reason).toMatch(/^lua (is not installed|does not work in a sandbox) on this machine$/);
  const other = openTestExecution({ local: ['bash'], bwrap: '/bin/false', pool: { warm: 0 } });
  try {
    await other.ready();
    expect(other.languages()[0]).toMatchObject({
      id: 'bash',
      available: false,
      reason: 'bash does not work in a sandbox on this machine',
    });
    expect(() => begin(other, { language: 'bash', code: '' })).toThrow(
      expect.objectContaining({ code: 'language_unavailable' }),
    );
  } finally {
    await other.close();
  }
});

test('[EX68] files, arguments, variables, input, both streams, and the exit code', async () => {
  const code = 'cat data.txt; echo "$1|$2|$KEY"; read line; echo "read $line" >&2; exit 3';
  const told = await local(code, { args: ['a b', '"'], env: { KEY: 'välue' }, stdin: 'typed\n' });
  expectOf(told, {
    stdout: 'ä\na b|"|välue\n',
    stderr: 'read typed\n',
    result: { status: 'failed', error: { kind: 'exception', message: 'the program ended with code 3' } },
  });
  expectOf(await local('true'), { result: { status: 'completed' } });
});

test('[EX68] inside are the system’s programs, no other process, no network, and little to write to', async () => {
  const code = `cd /; echo *; for p in /x /dev/x /usr/x /proc/sys/x; do (echo 1 > $p) 2>/dev/null && echo "wrote $p"; done
for p in /work/x /tmp/x /dev/shm/x; do echo 1 > $p && echo "wrote $p"; done
head -c 90000000 /dev/zero > /work/big 2>/dev/null; echo "big: $?"
ls /proc | grep -c '^[0-9]'; cat /proc/net/dev | grep -vc 'Inter\\|face\\|lo:'; cat /etc/passwd 2>/dev/null; env | sort | cut -d= -f1 | tr '\\n' ' '`;
  const told = await local(code);
  expectOf(told, { stderr: '' });
  if (!told) return;
  const [root, ...rest] = told.stdout.split('\n');
  expect(root?.split(' ').filter((name) => /^(home|root|var|boot|opt|run|srv)$/.test(name))).toEqual([]);
  expect(rest.slice(0, 4)).toEqual(['wrote /work/x', 'wrote /tmp/x', 'wrote /dev/shm/x', 'big: 1']);
  expect(Number(rest[4])).toBeLessThan(6);
  expect(rest[5]).toBe('0');
  expect(rest[6]).toMatch(/^HOME LANG (OLDPWD )?PATH PWD (SHLVL )?_ $/);
});

test('[EX68] input while it runs', async () => {
  if (!works) return expectOf(await local(''), {});
  const files = { 'main.sh': 'echo name?; read name; echo "hello $name"' };
  const started = begin(execution, { language: 'bash', entry: 'main.sh', files, interactive: true });
  await until(() => started.events.some((event) => event.type === 'output' && event.text === 'name?\n'));
  execution.input(started.id, 'Ada\n', { end: true });
  expect((await started.told).stdout).toBe('name?\nhello Ada\n');
});

test.each([
  {
    what: 'the wall clock',
    code: 'sleep 60',
    more: { limits: { wallMs: 300 } },
    wanted: { status: 'timeout', error: { message: 'time limit of 300 ms reached' } },
  },
  {
    what: 'CPU time of all processes',
    code: 'for i in 1 2; do (while :; do :; done) & done; wait',
    more: { limits: { cpuMs: 500 } },
    wanted: { status: 'timeout', error: { message: 'CPU limit of 500 ms reached' } },
  },
  {
    what: 'output',
    code: 'while :; do echo xxxxxxxxxxxxxxxxxxxxxxxxxxxx; done',
    more: { limits: { outputBytes: 1000 } },
    wanted: { status: 'failed', error: { kind: 'output' }, outputTruncated: true },
  },
  {
    what: 'memory',
    code: 'my $a; $a .= "x" x 10_000_000 while 1;',
    more: { language: 'perl', limits: { processRssBytes: 100_000_000, cpuMs: 10_000, wallMs: 10_000 } },
    wanted: { status: 'failed', error: { kind: 'memory' } },
  },
])('[EX69] a limit: $what', async ({ code, more, wanted }) => {
  expectOf(await local(code, more), { result: wanted });
});

test('[EX69] processes: a fork bomb ends, and nothing of it is left', async () => {
  const told = await local('f() { f | f & }; f; wait; sleep 60', { limits: { wallMs: 1500 } });
  expect(told?.result.status ?? 'failed').not.toBe('completed');
  expectOf(await local('echo on'), { stdout: 'on\n' });
});

test('[EX69] cancelled: what it has started ends with it', async () => {
  if (!works) return expectOf(await local(''), {});
  const mark = `sleep 12345.${process.pid}`;
  const started = begin(execution, {
    language: 'bash',
    entry: 'main.sh',
    files: { 'main.sh': `${mark} & setsid ${mark} & echo on; wait` },
  });
  await until(() => started.events.some((event) => event.type === 'output'));
  await until(() => sleepers().length === 2);
  execution.cancel(started.id, 'enough');
  expect((await started.told).result).toMatchObject({ status: 'cancelled', error: { message: 'enough' } });
  await until(() => sleepers().length === 0);
});

/** Processes that are called `sleep`, as ids, of all users. */
function sleepers(): string[] {
  return readdirSync('/proc').filter(
    (pid) => /^\d+$/.test(pid) && commandOf(pid).includes(`12345.${process.pid}`) && commandOf(pid).startsWith('sleep'),
  );
}

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

test('[EX70] the mode is told', async () => {
  const { events } = await run(execution, '1');
  expect(events[0]).toMatchObject({ type: 'started', mode: 'sandbox' });
  const told = await local('true');
  expectOf(told, { events: [{ type: 'started', mode: 'local' }, { type: 'finished' }] });
});

test('[EX69] what a process and its children use together', () => {
  expect(treeUsage(process.pid)).toMatchObject({ processes: expect.any(Number) });
  expect(treeUsage(process.pid)?.rssBytes).toBeGreaterThan(10_000_000);
  expect(treeUsage(2 ** 30)).toBeUndefined();
});
