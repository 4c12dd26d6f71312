// Many rooms run short programs at once while people type in others.
import { setTimeout as sleep } from 'node:timers/promises';
import { type BenchRoom, openBenchRoom } from './rooms.ts';

const ROOMS = 10;
const RUNS_PER_SECOND = 20;
const TYPISTS = 3;
const KEY_EVERY_MS = 100;

export interface Busy {
  /** ms to the first output of each run, under load. */
  readonly runs: readonly number[];
  /** ms from key to sight while nothing runs, and under load. */
  readonly idleKeys: readonly number[];
  readonly busyKeys: readonly number[];
}

/** Takes twice so many seconds. */
export async function measureBusy(url: string, seconds: number): Promise<Busy> {
  const open = (count: number): Promise<BenchRoom[]> =>
    Promise.all(Array.from({ length: count }, () => openBenchRoom(url)));
  const rooms = await open(ROOMS);
  const typists = await open(TYPISTS);
  try {
    await typedFor(typists, 1000); // opens the documents
    const idleKeys = await typedFor(typists, seconds * 1000);
    for (const room of rooms.slice(0, 4)) await room.run('javascript');
    const [runs, busyKeys] = await Promise.all([runsFor(rooms, seconds), typedFor(typists, seconds * 1000)]);
    return { runs, idleKeys, busyKeys };
  } finally {
    for (const room of [...rooms, ...typists]) room.close();
  }
}

async function typedFor(typists: readonly BenchRoom[], ms: number): Promise<number[]> {
  const signal = AbortSignal.timeout(ms);
  return (await Promise.all(typists.map((room) => room.typing(KEY_EVERY_MS, signal)))).flat();
}

/** By a timetable that does not wait for the end of a run, the rooms in turn. */
async function runsFor(rooms: readonly BenchRoom[], seconds: number): Promise<number[]> {
  const began = performance.now();
  const found: Promise<number>[] = [];
  for (let i = 0; i < seconds * RUNS_PER_SECOND; i++) {
    await sleep(Math.max(0, began + (i * 1000) / RUNS_PER_SECOND - performance.now()));
    found.push(rooms[i % rooms.length]!.run('javascript'));
  }
  return Promise.all(found);
}
