// The documents engine in a world that loses, delays, repeats and breaks things by a seed; see test/support/world.ts.
// Titles of found seeds say what was wrong.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import * as Y from 'yjs';
import { walkUpdate } from '../../src/documents/update-walk.ts';
import { replay, runWorld } from '../support/world.ts';
import { type StepKind, stepsOf, toSteps } from '../support/world-steps.ts';

const STEPS = 400;
/** Milliseconds for fresh worlds; at least one runs. */
const FRESH_MS = 5_000;

test.each([1, 2, 3, 4, 6, 9, 10, 14, 16, 22])(
  '[DOC1] [DOC2] [DOC3] [DOC4] [DOC5] [DOC6] [DOC7] [DOC8] [DOC9] [DOC10] [DOC11] [DOC12] [DOC13] [DOC14] [DOC15] [DOC16] [DOC17] [DOC18] [DOC20] [DOC21] [DOC23] [DOC24] seed %i',
  (seed) => runWorld(seed, STEPS),
);

test('[DOC8] fresh seeds', async () => {
  const first = Date.now() % 1_000_000_000;
  const until = performance.now() + FRESH_MS;
  for (let seed = first; performance.now() < until; seed++) await runWorld(seed, STEPS);
});
