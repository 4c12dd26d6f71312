// From an edit to the word that it is on disk, at 1000 edits/s, against one committed INSERT on the same PostgreSQL.
import pg from 'pg';
import { median, quantile, rounded } from '../histogram.ts';
import { measure } from '../measurement.ts';
import type { Scenario } from '../stand.ts';
import { typingUpdate } from '../yjs-codec.ts';

/** Single INSERTs before and after the edits. */
const SAMPLES = 200;

export const saved: Scenario = async (stand) => {
  const { options } = stand;
  const m = options.number('m', 50);
  const per = options.number('per', 2);
  const rate = options.number('rate', 1000);
  const server = await stand.start();
  const site = await stand.site({ port: server.port, rooms: m, people: m * per });
  const load = stand.load(server, m * per);
  await load.connect({ addressOf: (index) => site.address(index, index) });
  const inserts = await timeInserts(stand.database.url);
  const seconds = options.number('secs', 8);
  const figures = await measure(stand, { server, load, rate, seconds, warm: 2, act: load.edit });
  inserts.push(...(await timeInserts(stand.database.url)));
  const unsaved = load.total - load.stored.reduce((sum, count) => sum + count, 0);
  load.close();
  await server.stop();
  const insert = { p50: rounded(median(inserts)), p99: rounded(quantile(inserts, 0.99)), n: inserts.length };
  const { p50, p99 } = figures.savedLatency ?? {};
  const ratios = {
    p50ToInsert: rounded((p50 ?? Number.NaN) / (insert.p50 ?? Number.NaN)),
    p99ToP50: rounded((p99 ?? Number.NaN) / (p50 ?? Number.NaN)),
  };
  return { m, per, rate, ...figures, insert, unsaved, ...ratios };
};

/** Milliseconds of INSERTs of a keystroke, one after the other, each committed. */
async function timeInserts(url: string): Promise<number[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(`create table if not exists bench_inserts
      (seq bigint generated always as identity primary key, file_id uuid not null, data bytea not null, source text)`);
    const times: number[] = [];
    for (let i = 0; i < SAMPLES; i++) {
      const from = performance.now();
      await client.query('insert into bench_inserts (file_id, data, source) values (gen_random_uuid(), $1, $2)', [
        Buffer.from(typingUpdate(1, i)),
        'edit',
      ]);
      times.push(performance.now() - from);
    }
    return times;
  } finally {
    await client.end();
  }
}
