// One room, faster and faster until deliveries fall behind twice: what a delivery costs when the server is full.
import { rounded } from '../histogram.ts';
import { type Figures, measure } from '../measurement.ts';
import type { Scenario } from '../stand.ts';

/** Deliveries keep up while they reach this share of what is offered. */
const KEPT_UP = 0.9;
/** Milliseconds of p99 above which a step counts as behind, and below which a rate counts as sustained. */
const BEHIND_MS = 1000;
const SUSTAINED_MS = 250;
/** Busy share of a CPU at which it was the limit. */
const FULL = 0.93;

interface Step
  extends Pick<Figures, 'deliveriesPerSecond' | 'serverCpu' | 'loadCpu' | 'microsPerDelivery' | 'framesPerDelivery'> {
  readonly rate: number;
  readonly offered: number;
  readonly p50: number | null;
  readonly p99: number | null;
}

const gotOf = (step: Step): number => step.deliveriesPerSecond ?? 0;
const keptUp = (step: Step, p99: number): boolean => gotOf(step) >= KEPT_UP * step.offered && (step.p99 ?? 0) <= p99;
const fastest = (steps: readonly Step[]): Step | undefined => [...steps].sort((a, b) => gotOf(b) - gotOf(a))[0];

export const saturate: Scenario = async (stand) => {
  const { options } = stand;
  const n = options.number('n', 50);
  const steps: Step[] = [];
  const server = await stand.start();
  const site = await stand.site({ port: server.port, rooms: 1, people: n });
  const load = stand.load(server, n);
  await load.connect({ addressOf: (index) => site.address(0, index) });
  let rate = options.number('rate', 5);
  // One disturbed step does not end the ladder.
  for (let behind = 0; behind < 2 && steps.length < options.number('steps', 14) && load.closed === 0; ) {
    const seed = 7 + steps.length;
    const seconds = options.number('secs', 3);
    const figures = await measure(stand, { server, load, rate: rate * n, seconds, warm: 0.7, seed, act: load.edit });
    const step = stepOf(figures, rate, n);
    steps.push(step);
    behind = keptUp(step, BEHIND_MS) ? 0 : behind + 1;
    rate *= options.number('factor', 1.5);
  }
  load.close();
  await server.stop();
  const top = fastest(steps);
  const sustained = fastest(steps.filter((step) => keptUp(step, SUSTAINED_MS))) ?? steps[0];
  return { n, top, sustained, limit: limitOf(top), closed: load.closed, closeReason: load.closeReason, steps };
};

function stepOf(figures: Figures, rate: number, n: number): Step {
  const { deliveriesPerSecond, serverCpu, loadCpu, microsPerDelivery, framesPerDelivery, latency } = figures;
  return {
    rate: rounded(rate) ?? 0,
    offered: rate * n * (n - 1),
    p50: latency.p50,
    p99: latency.p99,
    deliveriesPerSecond,
    serverCpu,
    loadCpu,
    microsPerDelivery,
    framesPerDelivery,
  };
}

function limitOf(top: Step | undefined): string {
  if ((top?.serverCpu ?? 0) >= FULL) return 'server';
  return (top?.loadCpu ?? 0) >= FULL ? 'load' : 'unknown';
}
