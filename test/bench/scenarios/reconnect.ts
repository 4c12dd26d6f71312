// All clients of a room come back at once: cold with nothing, warm with the whole document.
import { setTimeout as sleep } from 'node:timers/promises';
import * as Y from 'yjs';
import { median, quantile, rounded, spread } from '../histogram.ts';
import type { LoadClient } from '../load-client.ts';
import { cpuSeconds } from '../process.ts';
import { fillDocument } from '../seeder.ts';
import type { ServerProcess } from '../server-process.ts';
import type { Site } from '../site.ts';
import type { Scenario, Stand } from '../stand.ts';
import { traceOf } from '../trace.ts';
import { EMPTY_STATE_VECTOR } from '../yjs-codec.ts';

const ALL_BACK_MS = 60_000;
/** Milliseconds for a server to notice that everybody has left. */
const LEFT_MS = 1_500;

interface Wave {
  readonly stand: Stand;
  readonly server: ServerProcess;
  readonly site: Site;
  readonly n: number;
  readonly stateVector: Uint8Array;
}

export const reconnect: Scenario = async (stand) => {
  const { options } = stand;
  const n = options.number('n', 200);
  const doc = options.text('doc') ?? 'sveltecomponent';
  const server = await stand.start();
  const site = await stand.site({ port: server.port, rooms: 1, people: n });
  const trace = traceOf(doc);
  const seeder = await fillDocument(stand, server, { trace, address: site.address(0, 0) });
  const wave = { stand, server, site, n };
  const waves = { cold: [] as WaveFigures[], warm: [] as WaveFigures[] };
  const stateVectors = { cold: EMPTY_STATE_VECTOR, warm: Y.encodeStateVectorFromUpdate(trace.update) };
  const profiles = options.text('prof');
  if (profiles) await server.profile(profiles);
  for (let round = 0; round < options.number('rounds', 3); round++) {
    for (const kind of ['cold', 'warm'] as const) {
      waves[kind].push(await comeBack({ ...wave, stateVector: stateVectors[kind] }));
      await sleep(LEFT_MS);
    }
  }
  if (profiles) await server.profile(profiles);
  seeder.close();
  await server.stop();
  return { n, doc, bytes: trace.update.length, cold: summary(waves.cold, n), warm: summary(waves.warm, n) };
};

interface WaveFigures {
  readonly p50: number;
  readonly all: number;
  readonly cpuMs: number;
  /** Times that clients were asked to come again. */
  readonly retries: number;
}

async function comeBack({ stand, server, site, n, stateVector }: Wave): Promise<WaveFigures> {
  const clients: LoadClient[] = [];
  const times: number[] = [];
  const cpu = cpuSeconds(server.pid);
  const from = performance.now();
  await new Promise<void>((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`${times.length} of ${n} came back in time`)), ALL_BACK_MS);
    const onSynced = (): void => {
      times.push(performance.now() - from);
      if (times.length < n) return;
      clearTimeout(late);
      resolve();
    };
    const others = { onSynced, onUpdate: nothing, onAwareness: nothing, onClose: nothing };
    const relay = stand.peer.relay ?? false;
    for (let i = 0; i < n; i++) {
      clients.push(stand.connect({ port: server.port, relay, address: site.address(0, i), stateVector, ...others }));
    }
  });
  await sleep(100);
  const cpuMs = (cpuSeconds(server.pid) - cpu) * 1000;
  for (const { socket } of clients) socket.destroy();
  const retries = clients.reduce((sum, client) => sum + client.retries, 0);
  return { p50: quantile(times, 0.5), all: Math.max(...times), cpuMs, retries };
}

function nothing(): void {}

function summary(waves: readonly WaveFigures[], n: number): object {
  return {
    allMs: spread(waves.map(({ all }) => all)),
    p50Ms: rounded(median(waves.map(({ p50 }) => p50))),
    cpuMsPerClient: rounded(median(waves.map(({ cpuMs }) => cpuMs)) / n),
    retries: waves.reduce((sum, { retries }) => sum + retries, 0),
  };
}
