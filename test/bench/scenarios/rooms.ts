// Many small rooms at once: what a room costs, and the latency when the server is busy with all of them.
import { setTimeout as sleep } from 'node:timers/promises';
import { rounded } from '../histogram.ts';
import { measure } from '../measurement.ts';
import { converged } from '../newcomer.ts';
import { cpuSeconds } from '../process.ts';
import type { Scenario } from '../stand.ts';

export const rooms: Scenario = async (stand) => {
  const { options } = stand;
  const m = options.number('m', 1000);
  const per = options.number('per', 3);
  const rate = options.number('rate', 2);
  const n = m * per;
  const server = await stand.start();
  const site = await stand.site({ port: server.port, rooms: m, people: n });
  const load = stand.load(server, n);
  const connecting = { at: performance.now(), cpu: cpuSeconds(server.pid) };
  await load.connect({ addressOf: (index) => site.address(index, index), parallel: 100 });
  const connectMs = performance.now() - connecting.at;
  const connectCpu = cpuSeconds(server.pid) - connecting.cpu;
  await sleep(300);
  const seconds = options.number('secs', 8);
  const figures = await measure(stand, { server, load, rate: rate * n, seconds, warm: 2, act: load.edit });
  const { residentMiB } = await server.memory();
  let wanted = 0;
  for (let index = 0; index < n; index += m) wanted += load.sent[index] as number;
  const missing = load.total * (per - 1) - load.got.reduce((sum, count) => sum + count, 0);
  const convergence = await converged(stand, server, { load, address: site.address(0, 0), wanted });
  load.close();
  await server.stop();
  const connect = { allMs: rounded(connectMs), cpuMsEach: rounded((connectCpu * 1000) / n) };
  return { m, per, rate, ...figures, residentAfterMiB: rounded(residentMiB), connect, missing, convergence };
};
