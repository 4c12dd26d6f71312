// Every attack of the corpus against real sandboxes, a few at a time, while runs of another room go on.
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Execution, RunLimits, RunResult } from '../../../src/execution/execution.ts';
import { begin, openTestExecution, run } from '../support.ts';

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

/** Milliseconds in which a run of another room is answered while an attack goes on. */
const ANSWER_MS = 100;
/** Other processes of this machine are late now and then: so often somebody may ask during one attack. */
const ASKED_MOST = 20;

/** Places for all attacks that Jest starts at once, and for the runs beside them: their order is not what this is about. */
const ENOUGH = { running: 10, roomRunning: 5 };

let execution: Execution;
/** Attacks during which somebody else was answered in time. */
let answeredInTime = 0;

beforeAll(async () => {
  process.env[CANARY] = CANARY;
  execution = openTestExecution({ queue: ENOUGH, pool: { warm: 3, bound: 8 } });
  await execution.ready();
  await run(execution, { language: 'python' }); // the first of a checkout makes the snapshot
}, 150_000);

afterAll(async () => {
  delete process.env[CANARY];
  await execution.close();
  // Most attacks last long enough for that, on a slow machine too.
  expect(answeredInTime).toBeGreaterThan(attacks.length / 3);
});

/** Asks until an answer came in time. @returns the shortest time, in ms */
async function answered(attack: Attack, isOver: () => boolean): Promise<number> {
  let shortest = Number.POSITIVE_INFINITY;
  for (let asked = 0; asked < ASKED_MOST && shortest >= ANSWER_MS && (asked === 0 || !isOver()); asked++) {
    const from = performance.now();
    let answer = Number.POSITIVE_INFINITY;
    const wish = { code: 'console.log("alive")', roomId: 'neighbours', userId: attack.name };
    const neighbour = begin(execution, wish, (event) => {
      if (event.type === 'output') answer = performance.now() - from;
    });
    expect(await neighbour.told).toMatchObject({ stdout: 'alive\n', result: { status: 'completed' } });
    shortest = Math.min(shortest, answer);
  }
  return shortest;
}

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
  const attacked = begin(execution, { roomId, language, code, limits: limitsFor(attack) });
  const isOver = () => attacked.events.at(-1)?.type === 'finished';
  const shortest = await answered(attack, isOver);
  if (!isOver()) expect(shortest).toBeLessThan(ANSWER_MS);
  if (shortest < ANSWER_MS) answeredInTime++;
  const { result, all } = await attacked.told;
  const wanted = attack.expect.replace(/ \(.*\)$/, '').split('|');
  expect({ wanted, result, got: verdicts(result).some((word) => wanted.includes(word)) }).toMatchObject({ got: true });
  expect(result.error?.kind).not.toBe('sandbox');
  expect(`${all}${JSON.stringify(result)}`).not.toMatch(TRACES);
});
