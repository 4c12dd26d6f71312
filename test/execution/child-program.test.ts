import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Work } from '../../src/execution/active-run.ts';
import { BUILD_FOLDER, builtName } from '../../src/execution/child-program.ts';
import { RUN_LIMITS } from '../../src/execution/limits.ts';
import { SandboxProcess } from '../../src/execution/sandbox-process.ts';

const ROOT = path.join(import.meta.dirname, '../..');
let folder: string;
let program: string;
let sandbox: SandboxProcess;

/** As deep as the real one, whose way to its sources is built in, and not in the way of a server that runs from that. */
beforeAll(() => {
  const parent = path.join(BUILD_FOLDER, '..');
  mkdirSync(parent, { recursive: true });
  folder = mkdtempSync(path.join(parent, 'sandbox-of-a-test-'));
  const vite = path.join(ROOT, 'node_modules/vite/bin/vite.js');
  execFileSync(process.execPath, [vite, 'build', 'src/execution', '--outDir', folder], { cwd: ROOT, stdio: 'pipe' });
  program = path.join(folder, builtName());
});
afterAll(async () => {
  sandbox.kill({ kind: 'sandbox', message: 'the test is over' });
  await sandbox.exited;
  rmSync(folder, { recursive: true, force: true });
});

async function start(...more: string[]): Promise<void> {
  const args = ['--no-node-snapshot', '--no-wasm-code-gc', '--no-warnings', program, 'script', ...more];
  const plan = { name: 'plain', command: process.execPath, args } as const;
  await new Promise<void>((ready, reject) => {
    const gone = (_: SandboxProcess, reason: string): void => reject(new Error(reason));
    sandbox = new SandboxProcess('s', plan, { restMs: 60_000, atOnce: false, ready: () => ready(), gone });
  });
}

async function outputOf(language: string, text: string): Promise<string> {
  const pieces: string[] = [];
  const program = { language, entry: 'main', files: [['main', text]] as const, args: [], env: {} };
  const work: Work = { ...program, stdin: '', interactive: false, limits: RUN_LIMITS };
  const { error } = await sandbox.run(work, {
    output: (some) => void pieces.push(...some.map(([, piece]) => piece)),
    input: () => {},
  });
  expect(error).toBeUndefined();
  return pieces.join('');
}

test.each([
  ['javascript', 'console.log(new URL("a", "https://b.c/").href)', 'https://b.c/a\n'],
  ['typescript', 'enum A { One = 1 }\nconsole.log(A[1])', 'One\n'],
  ['sql', 'select 41 + count(distinct 1) as n from users', expect.stringContaining('42')],
])('[EX71] the program as it is built runs %s, also in a hurry', async (language, code, output) => {
  expect(readdirSync(folder)).toEqual([builtName()]);
  for (const hurry of [[], ['at-once']]) {
    await start(...hurry);
    expect(await outputOf(language, code)).toEqual(output);
    sandbox.kill({ kind: 'sandbox', message: 'one run is enough' });
    await sandbox.exited;
  }
});
