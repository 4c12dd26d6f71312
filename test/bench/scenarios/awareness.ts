// A storm of cursors in one room.
import { rounded } from '../histogram.ts';
import { measure } from '../measurement.ts';
import type { Scenario } from '../stand.ts';

export const awareness: Scenario = async (stand) => {
  const { options } = stand;
  const n = options.number('n', 50);
  const rate = options.number('rate', 20);
  const server = await stand.start();
  const site = await stand.site({ port: server.port, rooms: 1, people: n });
  const load = stand.load(server, n);
  await load.connect({ addressOf: (index) => site.address(0, index) });
  const seconds = options.number('secs', 6);
  const figures = await measure(stand, { server, load, rate: rate * n, seconds, warm: 2, act: load.cursor });
  load.close();
  await server.stop();
  // Servers that send only the newest state of each client show a part of what is sent: that is the purpose.
  const offered = (figures.cursors?.sent ?? 0) * (n - 1);
  return { n, rate, ...figures, shownShare: rounded((figures.cursors?.seen ?? 0) / offered) };
};
