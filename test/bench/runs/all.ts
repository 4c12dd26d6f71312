// npm run bench:runs: how soon the first output of a run comes, beside other ways to run a program. Writes its part of
// RESULTS.md. --rounds 3  --samples 60  --secs 8  --page FILE
import { execFileSync } from 'node:child_process';
import os from 'node:os';
import path from 'node:path';
import { SNAPSHOTS } from '../../support/server.ts';
import { type ServerProcess, startProcess } from '../../support/server-process.ts';
import { until } from '../../support/until.ts';
import { makeDatabase, type Postgres, startPostgres } from '../database.ts';
import { Options } from '../options.ts';
import { writePart } from '../results-page.ts';
import { measureBusy } from './busy.ts';
import { type Comparison, comparisons } from './comparisons.ts';
import { measureMemory } from './memory.ts';
import { type Figures, figuresOf, type Round, runsPage } from './page.ts';
import { openBenchRoom } from './rooms.ts';

/** Between two runs, in ms: the room's process makes its next isolate meanwhile. */
const PAUSE_MS = { javascript: 100, typescript: 100, sql: 200, python: 1000 } as const;
const NAMES = { javascript: 'JavaScript', typescript: 'TypeScript', sql: 'SQL', python: 'Python' } as const;
const LANGUAGES = Object.keys(NAMES) as (keyof typeof NAMES)[];
/** Runs that are not measured: a server that has been used has compiled what it does often. */
const WARM_UP = 20;
/** What takes long is sampled less often, by this factor. */
const FEWER = { slow: 10, python: 2 } as const;
const READY_MS = 60_000;
/** Idle minutes of the server whose memory is measured; a usual one has 10. */
const SHORT_IDLE_MINUTES = 0.1;

const options = new Options(process.argv.slice(2));
const samples = options.number('samples', 60);
const seconds = options.number('secs', 8);
const fewSamples = Math.ceil(samples / FEWER.slow);
const peers = await comparisons();
const postgres = await startPostgres();
const rounds: Round[] = [];
try {
  for (let round = 1; round <= options.number('rounds', 3); round++) {
    rounds.push({
      ...(await measureComparisons(peers)),
      ...(await measureWarm(postgres)),
      ...(await measureEmpty(postgres)),
      ...(await measureUse(postgres)),
    });
    process.stderr.write(`round ${round}: ${JSON.stringify(rounds.at(-1))}\n`);
  }
} finally {
  await postgres.stop();
}
writePart(options.text('page') ?? path.join(import.meta.dirname, '../RESULTS.md'), runsPage(rounds, about(postgres)));
process.exit(0);

async function measureComparisons(all: readonly Comparison[]): Promise<Round> {
  const found: Record<string, Figures> = {};
  for (const { name, slow, sample } of all) {
    const times: number[] = [];
    for (let i = 0; i < (slow ? fewSamples : samples); i++) times.push(await sample());
    found[name] = figuresOf(times);
  }
  return found;
}

/** A room whose people have run something before, and then many rooms at once. */
async function measureWarm(database: Postgres): Promise<Round> {
  return withServer(database, { SANDBOX_WARM: '2' }, async ({ url }) => {
    const found: Record<string, Figures> = {};
    for (const language of LANGUAGES) {
      const room = await openBenchRoom(url);
      for (let i = 0; i < (language === 'python' ? 1 : WARM_UP); i++) await room.run(language);
      const ready = language === 'python' ? 3 : 2;
      await until(async () => (await room.load()).warm >= ready, { timeoutMs: READY_MS });
      const count = language === 'python' ? Math.ceil(samples / FEWER.python) : samples;
      found[NAMES[language]] = figuresOf(await room.samples(language, count, PAUSE_MS[language]));
      room.close();
    }
    const { runs, idleKeys, busyKeys } = await measureBusy(url, seconds);
    found['JavaScript, 20 runs a second'] = figuresOf(runs);
    found['typing, nothing runs'] = figuresOf(idleKeys);
    found['typing, 20 runs a second'] = figuresOf(busyKeys);
    return found;
  });
}

/** A server that keeps nothing ready: every room has to wait for a process. */
async function measureEmpty(database: Postgres): Promise<Round> {
  return withServer(database, { SANDBOX_WARM: '0' }, async ({ url }) => {
    const found: Record<string, Figures> = {};
    for (const language of ['javascript', 'python'] as const) {
      const times: number[] = [];
      for (let i = 0; i < fewSamples; i++) {
        const room = await openBenchRoom(url);
        times.push(await room.run(language));
        room.close();
      }
      found[`${NAMES[language]}, empty pool`] = figuresOf(times);
    }
    return found;
  });
}

async function measureUse(database: Postgres): Promise<Round> {
  const settings = { SANDBOX_WARM: '2', SANDBOX_IDLE_MINUTES: String(SHORT_IDLE_MINUTES) };
  return withServer(database, settings, async (server) => {
    const { idlePool, warmPython, leftOver } = await measureMemory(server);
    return {
      'memory: idle pool': figuresOf([idlePool]),
      'memory: warm Python': figuresOf([warmPython]),
      'memory: Python, given back': figuresOf([leftOver]),
    };
  });
}

async function withServer<T>(
  { url, pid }: Postgres,
  settings: Record<string, string>,
  measure: (server: ServerProcess) => Promise<T>,
): Promise<T> {
  const database = await makeDatabase({ url, pid });
  const server = await startProcess({
    DATABASE_URL: database.url,
    CACHE_DIR: SNAPSHOTS,
    LOG_LEVEL: 'info',
    ...settings,
  });
  try {
    return await measure(server);
  } finally {
    await server.end('SIGTERM');
    await database.drop();
  }
}

function about({ version }: Postgres): string {
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
  const cpus = os.cpus();
  const python = execFileSync('python3', ['-V'], { encoding: 'utf8' }).trim();
  const memory = Math.round(os.totalmem() / 2 ** 30);
  const what = `${cpus[0]?.model ?? ''}, ${cpus.length} CPUs, ${memory} GiB, ${os.type()} ${os.release()}`;
  const line = `${new Date().toISOString().slice(0, 10)}, commit ${commit}: ${what}, Node ${process.versions.node}, ${python}, PostgreSQL ${version} with fsync. Made by \`npm run bench:runs\`.`;
  return `${line}

Time to the first output. Ours: from the call of one client to the output at another one of the room, through Socket.io,
the server, its commit in PostgreSQL and the sandbox; \`SANDBOX_WARM=2\`, for the empty pool 0. The others: from the start
of the process, or of the context within this one. Each of ${options.number('rounds', 3)} rounds measures everything in turn: ${samples} samples, ${Math.ceil(samples / FEWER.python)} of
Python, ${fewSamples} of Pyodide and of empty pools. Median of the rounds (smallest – largest); a ratio is of one round. Memory is
resident, pages shared by several processes (Node.js itself) counted in parts (PSS); Python was given back after ${SHORT_IDLE_MINUTES * 60} s
without use instead of 10 minutes (\`SANDBOX_IDLE_MINUTES\`).`;
}
