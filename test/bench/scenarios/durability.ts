// `kill -9` as soon as every client has every edit; then a new server, and what is gone. Acknowledged edits may not be.
import { setTimeout as sleep } from 'node:timers/promises';
import * as Y from 'yjs';
import { Histogram, rounded, spread } from '../histogram.ts';
import type { Load } from '../load.ts';
import { join } from '../newcomer.ts';
import type { Scenario, Stand } from '../stand.ts';
import { CLIENT_BASE } from '../yjs-codec.ts';

/** Milliseconds for the last edits to arrive before the kill. */
const ARRIVE_MS = 4_000;
/** Seconds by which the rounds differ, so that the kill meets other phases of a store that waits. */
const PHASES = 2;

interface Round {
  readonly edits: number;
  readonly acknowledged: number;
  readonly lost: number;
  readonly acknowledgedLost: number;
  /** Age of the oldest edit that is gone. */
  readonly oldestLostMs: number;
}

export const durability: Scenario = async (stand) => {
  const { options } = stand;
  const n = options.number('n', 5);
  const rate = options.number('rate', 10);
  const wanted = options.number('rounds', 5);
  const rounds: Round[] = [];
  const stored = new Histogram();
  for (let round = 0; round < wanted; round++) {
    const seconds = options.number('secs', 4) + (round / wanted) * PHASES;
    rounds.push(await killOnce(stand, { n, rate, seconds, seed: 50 + round, stored }));
  }
  const sum = (of: (round: Round) => number): number => rounds.reduce((total, round) => total + of(round), 0);
  return {
    n,
    rate,
    rounds: rounds.length,
    edits: sum(({ edits }) => edits),
    acknowledged: sum(({ acknowledged }) => acknowledged),
    acknowledgedLost: sum(({ acknowledgedLost }) => acknowledgedLost),
    lost: spread(rounds.map(({ lost }) => lost)),
    oldestLostMs: spread(rounds.map(({ oldestLostMs }) => oldestLostMs)),
    savedLatency: stored.n > 0 ? stored.summary() : undefined,
  };
};

interface Kill {
  readonly n: number;
  readonly rate: number;
  readonly seconds: number;
  readonly seed: number;
  readonly stored: Histogram;
}

async function killOnce(stand: Stand, { n, rate, seconds, seed, stored }: Kill): Promise<Round> {
  const server = await stand.start();
  const site = await stand.site({ port: server.port, rooms: 1, people: n + 1 });
  const load = stand.load(server, n);
  await load.connect({ addressOf: (index) => site.address(0, index) });
  load.storedLatency = stored;
  load.measuring = true;
  await load.drive({ rate: rate * n, seconds, seed, act: load.edit });
  await untilReceived(load);
  const killedAt = performance.now();
  load.expectEnd();
  await server.stop();
  load.close();
  const again = await stand.start();
  const { doc } = await join(stand, again, { address: site.address(0, n), full: true, wanted: load.total });
  await again.stop();
  return lossesOf(load, Y.decodeStateVector(Y.encodeStateVector(doc)), killedAt);
}

async function untilReceived(load: Load): Promise<void> {
  const deadline = performance.now() + ARRIVE_MS;
  const isThere = (): boolean => load.got.every((got, index) => got >= load.total - (load.sent[index] as number));
  while (!isThere() && performance.now() < deadline) await sleep(1);
}

function lossesOf(load: Load, kept: ReadonlyMap<number, number>, killedAt: number): Round {
  let lost = 0;
  let acknowledgedLost = 0;
  let oldestLostMs = 0;
  load.sent.forEach((sent, index) => {
    const have = kept.get(CLIENT_BASE + index) ?? 0;
    lost += sent - have;
    acknowledgedLost += Math.max(0, (load.stored[index] as number) - have);
    if (have < sent) oldestLostMs = Math.max(oldestLostMs, killedAt - load.sentAt(index, have));
  });
  const acknowledged = load.stored.reduce((sum, count) => sum + count, 0);
  return { edits: load.total, acknowledged, lost, acknowledgedLost, oldestLostMs: rounded(oldestLostMs) ?? 0 };
}
