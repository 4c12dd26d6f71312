// The world in which the documents engine is tried: everything that happens is a step, nothing moves between steps, and
// after every one the properties of world-evidence.ts must hold. What fails is shrunk to few steps that still fail.
import { settled } from './manual-clock.ts';
import { seededRandom } from './random.ts';
import { actions } from './world-actions.ts';
import { Evidence } from './world-evidence.ts';
import type { Replica } from './world-replica.ts';
import { Stage } from './world-stage.ts';
import { printSteps, type Step, stepsOf } from './world-steps.ts';

/** Milliseconds that shrinking may take. */
const SHRINK_MS = 20_000;

/**
 * Runs the steps, and in the end brings everybody together.
 * @throws Violation, or whatever the engine throws that it should not
 */
export async function replay(seed: number, steps: readonly Step[]): Promise<void> {
  const evidence = new Evidence();
  const stage = new Stage(seed, evidence);
  evidence.stage = stage;
  // Looking builds the Y.Doc of a document, which else is built when needed: half of the worlds do without.
  const watchful = seed % 2 === 0;
  try {
    for (const { kind, who, n } of steps) {
      const replica = stage.replicas[who % stage.replicas.length] as Replica;
      await actions[kind](stage, { replica, random: seededRandom(n), evidence });
      await settled();
      stage.sweep();
      await evidence.check();
      if (watchful) evidence.look();
    }
    await evidence.finish();
  } finally {
    for (const replica of stage.replicas) replica.destroy();
  }
}

/**
 * Runs as many steps of a seed.
 * @throws Error that names the seed and the shortest list of steps found that fails the same way
 */
export async function runWorld(seed: number, count: number): Promise<void> {
  const steps = stepsOf(seed, count);
  const failure = await failureOf(seed, steps);
  if (!failure) return;
  const shortest = await shrink(steps, async (fewer) => sameKind(await failureOf(seed, fewer), failure));
  const last = (await failureOf(seed, shortest)) ?? failure;
  const report = `seed ${seed}: ${last.message}\nreplay(${seed}, toSteps([\n${printSteps(shortest)}\n]))`;
  throw new Error(report, { cause: last });
}

async function failureOf(seed: number, steps: readonly Step[]): Promise<Error | undefined> {
  try {
    await replay(seed, steps);
    return undefined;
  } catch (error) {
    return error as Error;
  }
}

/** Whether two failures break the same rule; what stands behind the colon is about the case. */
function sameKind(one: Error | undefined, other: Error): boolean {
  return one !== undefined && one.message.split(':')[0] === other.message.split(':')[0];
}

/** Leaves out ever smaller runs of steps, as long as the rest still fails. */
async function shrink(steps: readonly Step[], fails: (fewer: readonly Step[]) => Promise<boolean>): Promise<Step[]> {
  const deadline = performance.now() + SHRINK_MS;
  let kept = [...steps];
  for (let size = Math.ceil(kept.length / 2); size >= 1; ) {
    let removed = false;
    for (let at = 0; at < kept.length; ) {
      if (performance.now() > deadline) return kept;
      const fewer = [...kept.slice(0, at), ...kept.slice(at + size)];
      if (await fails(fewer)) {
        kept = fewer;
        removed = true;
      } else at += size;
    }
    if (size > 1) size = Math.ceil(size / 2);
    else if (!removed) break;
  }
  return kept;
}
