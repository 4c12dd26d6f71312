// One room: n clients, each typing at a rate. Everybody must get everything, and all texts must agree.
import { measure } from '../measurement.ts';
import { converged } from '../newcomer.ts';
import type { Scenario } from '../stand.ts';

export const fanout: Scenario = async (stand) => {
  const { options } = stand;
  const n = options.number('n', 50);
  const rate = options.number('rate', 5);
  const server = await stand.start();
  const site = await stand.site({ port: server.port, rooms: 1, people: n + 1 });
  const load = stand.load(server, n);
  await load.connect({ addressOf: (index) => site.address(0, index), full: 2 });
  const figures = await measure(stand, {
    server,
    load,
    rate: rate * n,
    seconds: options.number('secs', 8),
    warm: options.number('warm', 2),
    act: load.edit,
  });
  const missing = load.total * (n - 1) - load.got.reduce((sum, count) => sum + count, 0);
  const convergence = await converged(stand, server, { load, address: site.address(0, n) });
  load.close();
  await server.stop();
  // missing: edits, those of the warm-up included, that some other client had not got some seconds after the end
  return { n, rate, ...figures, missing, convergence };
};
