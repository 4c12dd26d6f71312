// Runs fresh worlds for a while and tells what they found: `npm run fuzz -- --minutes 10`, `-- --seed 42`.
import { parseArgs } from 'node:util';
import { runWorld } from './world.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '5' },
    seed: { type: 'string' },
    steps: { type: 'string', default: '400' },
  },
});

const steps = Number(values.steps);
const print = (line: string): void => void process.stdout.write(`${line}\n`);
let failures = 0;
let worlds = 0;

async function run(seed: number): Promise<void> {
  worlds++;
  await runWorld(seed, steps).catch((error: Error) => {
    failures++;
    print(error.message);
    const own = (error.cause as Error | undefined)?.stack?.split('\n').slice(0, 8).join('\n');
    if (own) print(own);
  });
}

const from = performance.now();
const until = from + Number(values.minutes) * 60_000;
if (values.seed !== undefined) await run(Number(values.seed));
else {
  const first = Date.now() % 1_000_000_000;
  for (let seed = first; performance.now() < until; seed++) await run(seed);
}
const rate = Math.round((worlds * steps) / ((performance.now() - from) / 1000));
print(`${worlds} worlds of ${steps} steps, ${rate} steps per second, ${failures} failures`);
process.exitCode = failures > 0 ? 1 : 0;
