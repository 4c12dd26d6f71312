// Opening a large document: warm, when the server has it, and cold, first thing after the server was killed.
import { setTimeout as sleep } from 'node:timers/promises';
import { median, rounded, spread } from '../histogram.ts';
import { join } from '../newcomer.ts';
import { cpuSeconds } from '../process.ts';
import { fillDocument, writeLog } from '../seeder.ts';
import type { ServerProcess } from '../server-process.ts';
import type { Site } from '../site.ts';
import type { Scenario, Stand } from '../stand.ts';
import { type Trace, traceLog, traceOf } from '../trace.ts';
import { ROOT } from '../yjs-codec.ts';

/** Newcomers that apply what they get, to see what that takes of the time. */
const APPLYING = 3;
/** Milliseconds between two newcomers. */
const PAUSE_MS = 20;
/** Milliseconds for a store that waits for a pause in typing. */
const STORE_MS = 2_600;
const COLD_GRACE_MS = 10_000;

export const joinLarge: Scenario = async (stand) => {
  const { options } = stand;
  const doc = options.text('doc') ?? 'automerge-paper';
  const mode = options.text('mode') ?? 'state';
  const joins = options.number('joins', 15);
  const trace = traceOf(doc);
  const server = await stand.start();
  const site = await stand.site({ port: server.port, rooms: 1, people: 20 });
  const filling = { cpu: cpuSeconds(server.pid), at: performance.now() };
  const seeder =
    mode === 'log'
      ? await writeLog(stand, server, { trace, log: traceLog(doc), address: site.address(0, 0) })
      : await fillDocument(stand, server, { trace, address: site.address(0, 0) });
  const fill = {
    ms: rounded(performance.now() - filling.at),
    cpuSeconds: rounded(cpuSeconds(server.pid) - filling.cpu),
  };
  const warm = await joinWarm(stand, server, { site, joins, trace });
  if (stand.peer.stored) await sleep(STORE_MS);
  seeder.close();
  await server.stop();
  const cold = stand.peer.stored
    ? await joinCold(stand, { site, trace, times: options.number('colds', 3) })
    : undefined;
  return { doc, mode, characters: trace.text.length, updateBytes: trace.update.length, fill, warm, cold };
};

async function joinWarm(
  stand: Stand,
  server: ServerProcess,
  { site, joins, trace }: { site: Site; joins: number; trace: Trace },
) {
  const profiles = stand.options.text('prof');
  if (profiles) await server.profile(profiles);
  const cpu = cpuSeconds(server.pid);
  const arrivals = [];
  for (let i = 0; i < joins; i++) {
    const want = { full: i < APPLYING, wantedBytes: trace.update.length };
    arrivals.push(await join(stand, server, { address: site.address(0, 1 + i), ...want }));
    await sleep(PAUSE_MS);
  }
  if (profiles) await server.profile(profiles);
  return {
    // Those who apply as they go wait for themselves.
    ms: spread(arrivals.slice(APPLYING).map(({ ms }) => ms)),
    bytes: arrivals[0]?.bytes,
    clientApplyMs: rounded(median(arrivals.slice(0, APPLYING).map(({ applyMs }) => applyMs))),
    cpuMsEach: rounded(((cpuSeconds(server.pid) - cpu) * 1000) / joins),
  };
}

async function joinCold(stand: Stand, { site, trace, times }: { site: Site; trace: Trace; times: number }) {
  const arrivals = [];
  for (let i = 0; i < times; i++) {
    const server = await stand.start();
    const cpu = cpuSeconds(server.pid);
    const want = { full: true, wanted: trace.text.length, graceMs: COLD_GRACE_MS };
    const profiles = stand.options.text('prof');
    if (profiles) await server.profile(profiles);
    const arrival = await join(stand, server, { address: site.address(0, i), ...want });
    if (profiles) await server.profile(profiles);
    const same = arrival.doc.getText(ROOT).toString() === trace.text;
    arrivals.push({ ms: arrival.ms, cpuMs: (cpuSeconds(server.pid) - cpu) * 1000, same });
    await server.stop();
  }
  return {
    ms: spread(arrivals.map(({ ms }) => ms)),
    cpuMs: rounded(median(arrivals.map(({ cpuMs }) => cpuMs))),
    same: arrivals.every(({ same }) => same),
  };
}
