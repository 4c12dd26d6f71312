// What the sandbox processes of a server take: they are its only children, its PostgreSQL is somewhere else.
import { until } from '../../support/until.ts';
import { descendantsOf, proportionalMiB } from '../process.ts';
import { openBenchRoom } from './rooms.ts';

/** Milliseconds for Python to be made ready, and to be given back after its idle time. */
const LATEST_MS = 60_000;
/** Processes kept ready for scripts. */
const IDLE_POOL = 2;

/** MiB resident; pages that processes share, those of the Node.js binary, count in parts. */
export interface Memory {
  readonly idlePool: number;
  /** Of a Python that is ready, in a room where a file of Python was opened. */
  readonly warmPython: number;
  /** Of everything besides the idle pool, after Python's idle time. */
  readonly leftOver: number;
}

/** @param server one that has just been started, with an idle time of seconds */
export async function measureMemory({ url, pid }: { url: string; pid: number }): Promise<Memory> {
  const room = await openBenchRoom(url);
  const ready = (count: number): Promise<unknown> =>
    until(async () => (await room.load()).warm === count, { timeoutMs: LATEST_MS });
  await ready(IDLE_POOL);
  const usual = new Set(descendantsOf(pid));
  const besides = (): number => sum(descendantsOf(pid).filter((one) => !usual.has(one)));
  const idlePool = sum([...usual]);
  await room.openFile('main.py');
  await ready(IDLE_POOL + 1);
  const warmPython = besides();
  await ready(IDLE_POOL);
  // A process that is killed takes a moment to go.
  await until(() => besides() === 0, { timeoutMs: LATEST_MS });
  room.close();
  return { idlePool, warmPython, leftOver: besides() };
}

const sum = (pids: readonly number[]): number =>
  pids.map(proportionalMiB).reduce((total, one) => total + (Number.isNaN(one) ? 0 : one), 0);
