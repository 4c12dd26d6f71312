// Puts a large document into a server, as a client that stays connected: in one update, or keystroke by keystroke.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Load } from './load.ts';
import type { Address } from './load-client.ts';
import { join } from './newcomer.ts';
import type { ServerProcess } from './server-process.ts';
import type { Stand } from './stand.ts';
import type { Trace } from './trace.ts';
import { ROOT } from './yjs-codec.ts';

/** Looks at whether the server has it all, and milliseconds between two of them. */
const LOOKS = 400;
const LOOK_EVERY_MS = 50;
/** Updates between two looks at the socket, and bytes that may wait in it. */
const BURST = 500;
const WAITING_BYTES = 1 << 20;

export interface Seed {
  readonly trace: Trace;
  readonly address: Address;
}

/** Sends the final state. @returns the client, still connected */
export async function fillDocument(stand: Stand, server: ServerProcess, seed: Seed): Promise<Load> {
  const load = await connected(stand, server, seed.address);
  load.clients[0]?.sendUpdate(seed.trace.update);
  await untilThere(stand, server, seed);
  return load;
}

/** Sends the updates in which the trace was written. @returns the client, still connected */
export async function writeLog(
  stand: Stand,
  server: ServerProcess,
  seed: Seed & { readonly log: readonly Uint8Array[] },
): Promise<Load> {
  const load = await connected(stand, server, seed.address);
  const client = load.clients[0];
  for (const [index, update] of seed.log.entries()) {
    client?.sendUpdate(update);
    if (index % BURST > 0) continue;
    await sleep(0);
    while ((client?.socket.waiting ?? 0) > WAITING_BYTES) await sleep(1);
  }
  await untilThere(stand, server, seed);
  return load;
}

async function connected(stand: Stand, server: ServerProcess, address: Address): Promise<Load> {
  const load = stand.load(server, 1);
  await load.connect({ addressOf: () => address });
  return load;
}

async function untilThere(stand: Stand, server: ServerProcess, { trace, address }: Seed): Promise<void> {
  if (stand.peer.relay) return;
  for (let look = 0; look < LOOKS; look++) {
    const { doc } = await join(stand, server, { address, full: true, wanted: trace.text.length });
    const text = doc.getText(ROOT).toString();
    if (text === trace.text) return;
    await sleep(LOOK_EVERY_MS);
  }
  throw new Error('the server never had the whole document');
}
