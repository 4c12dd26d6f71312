// node test/bench/bench.ts <scenario> <peer> [--key value …] measures once and writes one line of JSON.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { makeDatabase, type RunDatabase, startPostgres } from './database.ts';
import { Options } from './options.ts';
import { connectOf, type Peer, peers, setUp } from './peers.ts';
import { loadAverage, pin } from './process.ts';
import { scenarios } from './scenarios/all-scenarios.ts';
import { running } from './server-process.ts';
import { openStand } from './stand.ts';

/** Seconds after which a run ends, whatever it does. */
const LIMIT = 240;
const RESULTS = path.join(import.meta.dirname, 'results');

const options = new Options(process.argv.slice(2));
const [scenarioName = '', peerName = ''] = options.words;
const scenario = scenarios[scenarioName];
const peer = peers.get(peerName);
if (!scenario || !peer) {
  const usage = `scenarios: ${Object.keys(scenarios).join(' ')}\npeers: ${[...peers.keys()].join(' ')}\n`;
  process.stderr.write(`node test/bench/bench.ts <scenario> <peer> [--key value …]\n${usage}`);
  process.exit(2);
}

// The load, and PostgreSQL with it, keep away from the server's CPU.
pin(process.pid, options.number('loadcpu', os.cpus().length - 1));
setUp(peer);
// On a machine that others use: what is started from here on inherits it.
os.setPriority(process.pid, options.number('nice', 0));
const { database, release } = await openDatabase(options);

let ending = false;
/** Ends what this run started, and nothing else. */
async function end(code: number): Promise<void> {
  if (ending) return;
  ending = true;
  await Promise.all([...running].map((server) => server.stop()));
  await release().catch((error: unknown) => process.stderr.write(`${String(error)}\n`));
  process.exit(code);
}
function fail(error: unknown): void {
  if (ending) return;
  write({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  void end(1);
}
process.on('SIGINT', () => void end(130));
process.on('SIGTERM', () => void end(143));
process.on('uncaughtException', fail);
process.on('unhandledRejection', fail);
const limit = options.number('limit', LIMIT);
setTimeout(() => fail(new Error(`not done after ${limit} s`)), limit * 1000).unref();

const started = { at: new Date(), load: loadAverage() };
const stand = openStand({ peer, connect: await connectOf(peer), options, database });
scenario(stand).then((figures) => {
  write(figures);
  void end(0);
}, fail);

/** A database of this run's own, in the PostgreSQL that was given or in one that lives as long as the run. */
async function openDatabase(given: Options): Promise<{ database: RunDatabase; release: () => Promise<void> }> {
  const url = given.text('postgres');
  const postgres = url
    ? { url, pid: given.number('postgrespid', 0), stop: async () => undefined }
    : await startPostgres();
  const database = await makeDatabase(postgres);
  const release = async (): Promise<void> => {
    await database.drop();
    await postgres.stop();
  };
  return { database, release };
}

function write(figures: object): void {
  const seconds = (Date.now() - started.at.getTime()) / 1000;
  const run = {
    scenario: scenarioName,
    case: caseName(),
    peer: (peer as Peer).name,
    round: options.number('round', 0),
  };
  const line = JSON.stringify({ ...run, at: started.at, loadBefore: started.load, seconds, ...figures });
  process.stdout.write(`${line}\n`);
  fs.mkdirSync(RESULTS, { recursive: true });
  fs.appendFileSync(path.join(RESULTS, `${options.text('out') ?? 'run'}.jsonl`), `${line}\n`);
}

/** Under which runs are put together in a table. */
function caseName(): string {
  return options.text('case') ?? scenarioName;
}
