// A fresh client that comes once, takes the document and goes: how long it waits, and whether it gets all there is.
import * as Y from 'yjs';
import type { Load } from './load.ts';
import type { Address } from './load-client.ts';
import type { ServerProcess } from './server-process.ts';
import type { Stand } from './stand.ts';
import { ROOT } from './yjs-codec.ts';

const JOIN_MS = 60_000;

export interface NewcomerOptions {
  /** Apply what comes to a Y.Doc. */
  readonly full?: boolean;
  /**
   * Length of the text to wait for: some servers say "synced" before the stored document is loaded, and send it after.
   * It is waited for `graceMs` at most.
   */
  readonly wanted?: number;
  readonly graceMs?: number;
  /** Bytes of updates to wait for at least: a large document may come in pieces. */
  readonly wantedBytes?: number;
}

export interface Arrival {
  /** Milliseconds until everything was there, and until the server said so. */
  readonly ms: number;
  readonly syncMs: number;
  /** Milliseconds of it in which this client applied what came. */
  readonly applyMs: number;
  readonly doc: Y.Doc;
  /** Of all updates that came. */
  readonly bytes: number;
}

/** @throws Error when the server closes the connection or takes longer than a minute */
export function join(
  stand: Stand,
  server: ServerProcess,
  { address, full = false, wanted, graceMs = 1500, wantedBytes = 0 }: NewcomerOptions & { address: Address },
): Promise<Arrival> {
  const doc = new Y.Doc();
  const from = performance.now();
  let synced: { ms: number } | undefined;
  let arrivedMs = 0;
  let applyMs = 0;
  let bytes = 0;

  const take = (update: Uint8Array): void => {
    arrivedMs = performance.now() - from;
    bytes += update.length;
    if (!full) return;
    const began = performance.now();
    Y.applyUpdate(doc, update);
    applyMs += performance.now() - began;
  };
  const isThere = (): boolean =>
    bytes >= wantedBytes && (!full || wanted === undefined || doc.getText(ROOT).length >= wanted);

  return new Promise((resolve, reject) => {
    let grace: NodeJS.Timeout | undefined;
    const late = setTimeout(() => reject(new Error('joining took too long')), JOIN_MS);
    let done = false;
    const finish = (): void => {
      if (done) return;
      done = true;
      clearTimeout(late);
      clearTimeout(grace);
      client.socket.close();
      resolve({ ms: arrivedMs, syncMs: synced?.ms ?? arrivedMs, applyMs, doc, bytes });
    };
    const client = stand.connect({
      port: server.port,
      address,
      relay: stand.peer.relay ?? false,
      onSynced(_client, update) {
        synced = { ms: performance.now() - from };
        take(Uint8Array.from(update));
        if (isThere()) finish();
        else grace = setTimeout(finish, graceMs);
      },
      onUpdate(_client, update) {
        // What is large comes in pieces, of which only the last says "synced".
        if (done) return;
        take(Uint8Array.from(update));
        if (synced && isThere()) finish();
      },
      onAwareness: () => undefined,
      onClose: (_client, error) => reject(error ?? new Error('closed while joining')),
    });
  });
}

export interface Convergence {
  readonly wanted: number;
  readonly fresh: number;
  readonly kept: readonly number[];
  /** All texts agree and have every edit. */
  readonly same: boolean;
}

/** Compares the texts of the clients with a Y.Doc and of a newcomer; undefined for a relay, which has no text. */
export async function converged(
  stand: Stand,
  server: ServerProcess,
  { load, address, wanted = load.total }: { load: Load; address: Address; wanted?: number },
): Promise<Convergence | undefined> {
  if (stand.peer.relay) return undefined;
  const texts = load.clients.flatMap(({ full }) => (full ? [full.getText(ROOT).toString()] : []));
  const { doc } = await join(stand, server, { address, full: true, wanted });
  const text = doc.getText(ROOT).toString();
  const same = text.length === wanted && texts.every((other) => other === text);
  return { wanted, fresh: text.length, kept: texts.map(({ length }) => length), same };
}
