// What can happen in the world, as data: a step names an actor and carries a number from which everything else about
// it follows, so a list of steps can be replayed, and still makes sense when some of them are left out.
import { type Random, seededRandom } from './random.ts';

/** How often each kind comes, relative to the others. */
const WEIGHTS = {
  type: 36,
  erase: 8,
  cursor: 8,
  hide: 1,
  deliver: 36,
  burst: 18,
  duplicate: 4,
  repeat: 6,
  connect: 20,
  leave: 2,
  empty: 2,
  cut: 3,
  abandon: 3,
  reap: 3,
  reload: 1,
  move: 2,
  role: 4,
  replace: 3,
  pass: 8,
  look: 4,
  hostile: 7,
  stall: 2,
  flow: 3,
  commit: 4,
  commitUnheard: 1,
  answer: 3,
  fail: 2,
  failCommit: 3,
  refuse: 1,
  remove: 1,
  crash: 1,
  restart: 1,
  recreate: 1,
  mark: 2,
  closeRoom: 1,
  settle: 1,
} as const;

export type StepKind = keyof typeof WEIGHTS;

export interface Step {
  readonly kind: StepKind;
  readonly who: number;
  readonly n: number;
}

const KINDS = Object.entries(WEIGHTS) as [StepKind, number][];
const TOTAL = KINDS.reduce((sum, [, weight]) => sum + weight, 0);

function pickKind(random: Random): StepKind {
  let left = random.below(TOTAL);
  for (const [kind, weight] of KINDS) {
    left -= weight;
    if (left < 0) return kind;
  }
  throw new Error('The weights do not add up.');
}

export function stepsOf(seed: number, count: number): Step[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, () => ({
    kind: pickKind(random),
    who: random.below(64),
    n: random.below(2 ** 31),
  }));
}

/** One step a line, as `replay` and a named test take it. */
export function printSteps(steps: readonly Step[]): string {
  return steps.map(({ kind, who, n }) => `  ['${kind}', ${who}, ${n}],`).join('\n');
}

export function toSteps(lines: readonly (readonly [StepKind, number, number])[]): Step[] {
  return lines.map(([kind, who, n]) => ({ kind, who, n }));
}
