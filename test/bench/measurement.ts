// One measured stretch of traffic: warm-up, sending, and what is still under way when the sending ends.
import { setTimeout as sleep } from 'node:timers/promises';
import { type Latency, rounded } from './histogram.ts';
import type { Drive, Load } from './load.ts';
import { cpuBusy, cpuSeconds, residentMiB, treeCpuSeconds, userAndSystem } from './process.ts';
import type { ServerProcess } from './server-process.ts';
import type { Stand } from './stand.ts';

/** Milliseconds that what is under way gets at least, and at most while there is still something coming. */
const SETTLE_MS = 400;
const SETTLE_AT_MOST_MS = 8000;

export interface Stretch extends Omit<Drive, 'seed'> {
  readonly server: ServerProcess;
  readonly load: Load;
  readonly seed?: number;
  /** Seconds of the same traffic before. */
  readonly warm: number;
}

export interface Figures {
  readonly edits: number;
  readonly deliveries: number;
  readonly deliveriesPerSecond: number | null;
  readonly latency: Latency;
  readonly savedLatency: Latency | undefined;
  readonly cursors: { sent: number; seen: number; messages: number; latency: Latency } | undefined;
  /** Share of its CPU that the server used while it was sent to. */
  readonly serverCpu: number | null;
  /** Server CPU per delivery (of an edit or a cursor): the figure that noise touches least. */
  readonly microsPerDelivery: number | null;
  readonly systemShare: number | null;
  /** Near 1: the load was the limit, not the server. */
  readonly loadCpu: number | null;
  readonly databaseCpuSeconds: number | null | undefined;
  /** Seconds that others took from the server's CPU. */
  readonly othersCpuSeconds: number | null;
  readonly stolenSeconds: number | null;
  readonly bytesPerDelivery: number | null;
  readonly framesPerDelivery: number | null;
  /** Milliseconds by which the load sent too late at worst. */
  readonly lagMs: number | null;
  readonly residentMiB: number | null;
  readonly closed: number;
  readonly closeReason: string | undefined;
}

interface Reading {
  readonly at: number;
  readonly server: number;
  readonly kernel: { user: number; system: number };
  readonly load: number;
  readonly database: number;
  readonly cpu: { busy: number; stolen: number };
  readonly edits: number;
  readonly cursors: number;
  readonly bytes: number;
  readonly frames: number;
}

export async function measure(stand: Stand, stretch: Stretch): Promise<Figures> {
  const { server, load, warm, seed = 1, ...drive } = stretch;
  await load.drive({ ...drive, seconds: warm, seed: seed + 1000 });
  const profiles = stand.options.text('prof');
  if (profiles) await server.profile(profiles);
  load.measure();
  const before = readingOf(stand, server, load);
  const lag = await load.drive({ ...drive, seed });
  const sentAt = performance.now();
  const deliveredInTime = load.deliveries;
  const busy = cpuSeconds(server.pid) - before.server;
  await settle(load);
  load.measuring = false;
  if (profiles) await server.profile(profiles);
  const after = readingOf(stand, server, load);
  const seconds = (sentAt - before.at) / 1000;
  return {
    ...counted(load, before),
    ...costs(before, after, load.deliveries + load.cursorsSeen),
    deliveriesPerSecond: rounded(deliveredInTime / seconds),
    serverCpu: rounded(busy / seconds),
    databaseCpuSeconds: stand.peer.stored ? rounded(after.database - before.database) : undefined,
    lagMs: rounded(lag),
    residentMiB: rounded(residentMiB(server.pid)),
    closed: load.closed,
    closeReason: load.closeReason,
  };
}

function readingOf(stand: Stand, server: ServerProcess, load: Load): Reading {
  const own = process.cpuUsage();
  return {
    at: performance.now(),
    server: cpuSeconds(server.pid),
    kernel: userAndSystem(server.pid),
    load: (own.user + own.system) / 1e6,
    database: stand.peer.stored ? treeCpuSeconds(stand.database.pid) : 0,
    cpu: cpuBusy(stand.serverCpu),
    edits: load.edits,
    cursors: load.cursorsSent,
    bytes: load.bytesIn,
    frames: load.framesIn,
  };
}

/** Waits until nothing comes any more: it belongs to the edits, though not to the rate. */
async function settle(load: Load): Promise<void> {
  const from = performance.now();
  for (let last = -1; ; ) {
    const waited = performance.now() - from;
    if (waited > SETTLE_AT_MOST_MS || (waited > SETTLE_MS && load.deliveries === last)) return;
    last = load.deliveries;
    await sleep(100);
  }
}

function counted(
  load: Load,
  before: Reading,
): Pick<Figures, 'edits' | 'deliveries' | 'latency' | 'savedLatency' | 'cursors'> {
  const sent = load.cursorsSent - before.cursors;
  const cursors = {
    sent,
    seen: load.cursorsSeen,
    messages: load.cursorMessages,
    latency: load.cursorLatency.summary(),
  };
  return {
    edits: load.edits - before.edits,
    deliveries: load.deliveries,
    latency: load.latency.summary(),
    savedLatency: load.storedLatency.n > 0 ? load.storedLatency.summary() : undefined,
    cursors: sent > 0 ? cursors : undefined,
  };
}

function costs(before: Reading, after: Reading, deliveries: number) {
  const per = Math.max(1, deliveries);
  const server = after.server - before.server;
  const user = after.kernel.user - before.kernel.user;
  const system = after.kernel.system - before.kernel.system;
  return {
    microsPerDelivery: rounded((server * 1e6) / per),
    systemShare: rounded(system / Math.max(0.01, user + system)),
    loadCpu: rounded((after.load - before.load) / ((after.at - before.at) / 1000)),
    othersCpuSeconds: rounded(after.cpu.busy - before.cpu.busy - server),
    stolenSeconds: rounded(after.cpu.stolen - before.cpu.stolen),
    bytesPerDelivery: rounded((after.bytes - before.bytes) / per),
    framesPerDelivery: rounded((after.frames - before.frames) / per),
  };
}
