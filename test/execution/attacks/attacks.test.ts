// Every attack of the corpus against real sandboxes, a few at a time, while a neighbour's runs go on.
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Execution, RunLimits, RunResult } from '../../../src/execution/execution.ts';
import { openTestExecution, run } from '../support.ts';

interface Attack {
  readonly name: string;
  readonly language: string;
  readonly code: string;
  /** Verdicts that are right, separated by `|`; `contained` is any end without harm. */
  readonly expect: string;
  readonly why: string;
}

const attacks = JSON.parse(readFileSync(new URL('./attacks.json', import.meta.url), 'utf8')) as Attack[];

/** A name of the environment that must not be seen; the corpus looks for it too. */
const CANARY = 'CANARY_OF_THE_HOST';

/** Traces of this machine: its folders, its modules, its variables, and the word that the corpus prints on success. */
const TRACES = /ESCAPED|CANARY|file:\/\/|node:internal|node_modules|isolated-vm|\/src\/execution|root:x:0/;

let execution: Execution;

beforeAll(async () => {
  process.env[CANARY] = CANARY;
  execution = openTestExecution({ queue: { running: 3 }, pool: { warm: 3 } });
  await execution.ready();
  await run(execution, { language: 'python' }); // the first of a checkout makes the snapshot
}, 150_000);

afterAll(async () => {
  delete process.env[CANARY];
  await execution.close();
});

function verdicts({ status, error }: RunResult): string[] {
  const words = ['contained', status];
  if (error?.kind === 'memory') words.push('memory');
  if (error?.kind === 'output') words.push('output');
  if (error?.kind === 'exception' || error?.kind === 'syntax') words.push('error');
  return words;
}

/** A loop is a loop after half a second; memory has to fill up, and a small heap does so sooner. */
function limitsFor(attack: Attack): Partial<RunLimits> {
  if (/timeout|contained/.test(attack.expect)) return { wallMs: 700, cpuMs: 400 };
  return { wallMs: 10_000, cpuMs: 8000, heapMb: 24 };
}

test.concurrent.each(attacks)('[EX25] $name: $why', async (attack) => {
  const { language, code } = attack;
  // A process for Python takes long to start: what ended well leaves its own to the next attack.
  const roomId = language === 'python' ? language : attack.name;
  const attacked = run(execution, { roomId, language, code, limits: limitsFor(attack) });
  const neighbour = await run(execution, { code: 'console.log("alive")', roomId: 'neighbours', userId: attack.name });
  expect(neighbour).toMatchObject({ stdout: 'alive\n', result: { status: 'completed' } });
  const { result, all } = await attacked;
  const wanted = attack.expect.replace(/ \(.*\)$/, '').split('|');
  expect({ wanted, result, got: verdicts(result).some((word) => wanted.includes(word)) }).toMatchObject({ got: true });
  expect(result.error?.kind).not.toBe('sandbox');
  expect(`${all}${JSON.stringify(result)}`).not.toMatch(TRACES);
});
