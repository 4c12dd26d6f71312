// npm run bench: sets the peers up, measures everything in turn, three rounds, and writes RESULTS.md.
// --runs 3  --cases a,b  --peers ours,hocuspocus  --secs 4  --from results/x.jsonl (only writes the page)
import { execFile, execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { CASES, type Case } from './cases.ts';
import { type Postgres, startPostgres } from './database.ts';
import { Options } from './options.ts';
import { peers, setUp } from './peers.ts';
import { pin } from './process.ts';
import { writePart } from './results-page.ts';
import { type Machine, type Run, resultsPage } from './table.ts';

const HERE = import.meta.dirname;
const RUNS = 3;
/** Milliseconds for one run, over its own limit. */
const RUN_MS = 270_000;
/** Options that are passed on to every run. */
const PASSED_ON = ['secs', 'servercpu', 'loadcpu', 'nice'];

const options = new Options(process.argv.slice(2));
const results =
  options.text('from') ?? path.join(HERE, 'results', `${new Date().toISOString().replaceAll(':', '-')}.jsonl`);
if (!options.text('from')) await measureAll();
const [machine, ...runs] = fs
  .readFileSync(results, 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line));
writePart(options.text('page') ?? path.join(HERE, 'RESULTS.md'), resultsPage(runs as Run[], machine as Machine));

async function measureAll(): Promise<void> {
  pin(process.pid, options.number('loadcpu', os.cpus().length - 1));
  const wanted = options.list(
    'cases',
    CASES.map(({ name }) => name),
  );
  const cases = CASES.filter(({ name }) => wanted.includes(name));
  for (const name of new Set(cases.flatMap(peersOf))) setUp(peerNamed(name));
  os.setPriority(process.pid, options.number('nice', 0));
  const postgres = await startPostgres();
  try {
    fs.mkdirSync(path.dirname(results), { recursive: true });
    fs.writeFileSync(results, `${JSON.stringify(describeMachine(postgres))}\n`);
    for (let round = 1; round <= options.number('runs', RUNS); round++) {
      for (const one of cases) {
        // Who comes first changes: a machine that grows slower hurts nobody more than others.
        const order = round % 2 ? peersOf(one) : peersOf(one).toReversed();
        for (const peer of order) await measureOne(one, peer, { round, postgres });
      }
    }
  } finally {
    await postgres.stop();
  }
}

function peersOf({ beside, sync }: Case): readonly string[] {
  const usual = [...(beside ? [beside] : []), 'ours', ...(sync ? ['ours-yws'] : [])];
  return options.list('peers', usual);
}

function peerNamed(name: string) {
  const peer = peers.get(name);
  if (!peer) throw new Error(`there is no peer ${name}; there are ${[...peers.keys()].join(', ')}`);
  return peer;
}

async function measureOne(
  one: Case,
  peer: string,
  { round, postgres }: { round: number; postgres: Postgres },
): Promise<void> {
  const passedOn = PASSED_ON.flatMap((name) => (options.text(name) ? [`--${name}`, String(options.text(name))] : []));
  const database = ['--postgres', postgres.url, '--postgrespid', String(postgres.pid)];
  const place = ['--case', one.name, '--round', String(round), '--out', path.basename(results, '.jsonl')];
  const args = [path.join(HERE, 'bench.ts'), one.scenario, peer, ...one.args, ...passedOn, ...database, ...place];
  process.stderr.write(`round ${round}: ${one.name} ${peer}\n`);
  // A run that fails has written so into the results; the others go on.
  await promisify(execFile)(process.execPath, args, { timeout: RUN_MS, maxBuffer: 2 ** 26 }).catch((error: unknown) => {
    process.stderr.write(`${one.name} ${peer} failed: ${String(error).slice(0, 2000)}\n`);
  });
}

function describeMachine({ version }: Postgres): Machine {
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: HERE, encoding: 'utf8' }).trim();
  return {
    cpu: os.cpus()[0]?.model ?? 'unknown CPU',
    cpus: os.cpus().length,
    memoryGiB: Math.round(os.totalmem() / 2 ** 30),
    system: `${os.type()} ${os.release()}`,
    node: process.versions.node,
    postgres: version,
    commit,
  };
}
