// What quiet things hold: a connection that does nothing, and an open document beside its Y.Doc.
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import * as Y from 'yjs';
import { rounded } from '../histogram.ts';
import type { Load } from '../load.ts';
import { fillDocument } from '../seeder.ts';
import type { Memory, ServerProcess } from '../server-process.ts';
import type { Scenario, Stand } from '../stand.ts';
import { traceOf } from '../trace.ts';

/** Connections that make the server allocate what it allocates once. */
const WARMING = 60;
/** Documents that do the same. */
const WARMING_DOCUMENTS = 2;
const COLLECTIONS = 5;
/** Connections of one room. */
const PER_ROOM = 3;
/** Milliseconds in which a quiet server comes to rest: versions and merges are written some seconds after the last edit. */
const REST_MS = 8_000;

export const memory: Scenario = async (stand) => {
  const { options } = stand;
  const n = options.number('n', 900);
  const documents = options.number('documents', 10);
  const doc = options.text('doc') ?? 'automerge-paper';
  return {
    n,
    doc,
    documents,
    connection: await idleConnection(stand, n),
    document: await idleDocument(stand, documents, doc),
  };
};

/** KiB per connection, with a third of an empty document. */
async function idleConnection(stand: Stand, n: number): Promise<object> {
  const size = WARMING + n;
  const first = await stand.start();
  const site = await stand.site({ port: first.port, rooms: Math.ceil(size / PER_ROOM), people: size });
  // A server that has not made all these people and rooms itself: its memory is then that of the connections alone.
  const server = await startedAgain(stand, first);
  const load = stand.load(server, size);
  const addressOf = (index: number) => site.address(Math.floor(index / PER_ROOM), index);
  await load.connect({ addressOf, to: WARMING });
  await sleep(1000);
  const before = await server.memory();
  await load.connect({ addressOf, from: WARMING });
  await sleep(1000);
  const after = await server.memory();
  load.close();
  await server.stop();
  const each = (of: (memory: Memory) => number) => rounded(((of(after) - of(before)) * 1024) / n);
  return { residentKiB: each(({ residentMiB }) => residentMiB), heapKiB: each(({ heapMiB }) => heapMiB) };
}

/** Bytes of a document that one idle client has open, and of its Y.Doc. */
async function idleDocument(stand: Stand, documents: number, doc: string): Promise<object> {
  const trace = traceOf(doc);
  const server = await stand.start();
  const all = WARMING_DOCUMENTS + documents;
  const site = await stand.site({ port: server.port, rooms: all, people: all });
  const seeders: Load[] = [];
  const fill = async (to: number): Promise<Memory> => {
    while (seeders.length < to) {
      const address = site.address(seeders.length, seeders.length);
      seeders.push(await fillDocument(stand, server, { trace, address }));
    }
    await sleep(REST_MS);
    return server.memory();
  };
  const before = await fill(WARMING_DOCUMENTS);
  const after = await fill(all);
  for (const seeder of seeders) seeder.close();
  await server.stop();
  const bytes = (bytesOf(after) - bytesOf(before)) / documents;
  const yDoc = await sizeOfDoc(trace.update, documents);
  return {
    updateBytes: trace.update.length,
    bytes: Math.round(bytes),
    yDocBytes: Math.round(yDoc),
    share: rounded(bytes / yDoc),
  };
}

const bytesOf = ({ heapMiB, externalMiB }: Memory): number => (heapMiB + externalMiB) * 2 ** 20;

async function startedAgain(stand: Stand, server: ServerProcess): Promise<ServerProcess> {
  if (!stand.peer.prepare) return server;
  await server.stop();
  return stand.start();
}

/** Bytes of a Y.Doc in this process. */
async function sizeOfDoc(update: Uint8Array, count: number): Promise<number> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const used = async (): Promise<number> => {
    // What a collection finds dead may hold more that only the next one finds; buffers are let go of in between.
    for (let i = 0; i < COLLECTIONS; i++) {
      collect();
      await sleep(10);
    }
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  };
  const docs: Y.Doc[] = [];
  const before = await used();
  for (let i = 0; i < count; i++) {
    const doc = new Y.Doc();
    Y.applyUpdate(doc, update);
    docs.push(doc);
  }
  const bytes = ((await used()) - before) / docs.length;
  for (const doc of docs) doc.destroy();
  return bytes;
}
