// One writer and many observers whose cursors move, against the same without cursors: presence must not hold edits up.
import { seededRandom } from '../../support/random.ts';
import type { Load } from '../load.ts';
import { type Figures, measure } from '../measurement.ts';
import type { Scenario } from '../stand.ts';

const WRITER = 0;

export const observers: Scenario = async (stand) => {
  const { options } = stand;
  const observing = options.number('n', 500);
  const writes = options.number('rate', 5);
  const moves = options.number('cursors', 1);
  const server = await stand.start();
  const site = await stand.site({ port: server.port, rooms: 1, people: observing + 1 });
  const load = stand.load(server, observing + 1);
  await load.connect({ addressOf: (index) => site.address(0, index) });
  const stretch = { server, load, seconds: options.number('secs', 8), warm: 2 };
  const still = await measure(stand, { ...stretch, rate: writes, act: () => load.edit(WRITER) });
  const rate = writes + observing * moves;
  const moving = await measure(stand, { ...stretch, rate, seed: 2, act: writeOrMove(load, writes / rate) });
  const missing = load.total * observing - load.got.reduce((sum, count) => sum + count, 0);
  load.close();
  await server.stop();
  const p95Ratio = (moving.latency.p95 ?? Number.NaN) / (still.latency.p95 ?? Number.NaN);
  return { n: observing, rate: writes, cursors: moves, still: brief(still), moving: brief(moving), missing, p95Ratio };
};

/** Of all acts a share are edits of the writer, the others cursor moves of the observers. */
function writeOrMove(load: Load, share: number): (client: number) => void {
  const random = seededRandom(3);
  return (client) => {
    if (random.next() < share) load.edit(WRITER);
    else load.cursor(Math.max(client, WRITER + 1));
  };
}

function brief({ latency, serverCpu, loadCpu, cursors, edits, closed }: Figures): object {
  return { latency, serverCpu, loadCpu, cursors, edits, closed };
}
