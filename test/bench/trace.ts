// Editing traces of real people as Yjs: the final state as one update, or a small update per keystroke. Built once and
// kept in .peers/cache.
import fs from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import * as Y from 'yjs';
import { PEERS_FOLDER } from './peers.ts';
import { ROOT } from './yjs-codec.ts';

const DATA = path.join(import.meta.dirname, 'data');
const CACHE = path.join(PEERS_FOLDER, 'cache');
/** First client id of those who wrote a trace. */
const FIRST_CLIENT = 0x31000000;
const ORIGIN = { trace: true };

/** [place, characters to delete, text to insert] */
type Patch = readonly [number, number, string];

interface Transaction {
  readonly parents: readonly number[];
  readonly agent: number;
  readonly patches: readonly Patch[];
}

interface TraceFile {
  readonly kind?: 'concurrent';
  readonly numAgents: number;
  readonly txns: readonly Transaction[];
  readonly endContent: string;
}

export interface Trace {
  /** The final state. */
  readonly update: Uint8Array;
  readonly text: string;
}

/** @param name a file of data/ without its ending */
export function traceOf(name: string): Trace {
  const files = cached(name);
  return { update: new Uint8Array(fs.readFileSync(files.state)), text: fs.readFileSync(files.text, 'utf8') };
}

/** The updates in which the trace was written, in order; not more than `limit`. */
export function traceLog(name: string, limit = Number.POSITIVE_INFINITY): Uint8Array[] {
  const bytes = fs.readFileSync(cached(name).log);
  const log: Uint8Array[] = [];
  for (let at = 0; at < bytes.length && log.length < limit; ) {
    const length = bytes.readUInt32LE(at);
    log.push(Uint8Array.from(bytes.subarray(at + 4, at + 4 + length)));
    at += 4 + length;
  }
  return log;
}

function cached(name: string): { state: string; text: string; log: string } {
  const [state, text, log] = ['state', 'txt', 'log'].map((kind) => path.join(CACHE, `${name}.${kind}`)) as [
    string,
    string,
    string,
  ];
  if (!fs.existsSync(log)) {
    fs.mkdirSync(CACHE, { recursive: true });
    const built = build(name);
    fs.writeFileSync(state, built.update);
    fs.writeFileSync(text, built.text);
    fs.writeFileSync(log, Buffer.concat(built.log.flatMap((update) => [lengthOf(update), update])));
  }
  return { state, text, log };
}

function lengthOf(update: Uint8Array): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(update.length);
  return length;
}

function build(name: string): Trace & { log: Uint8Array[] } {
  const file = JSON.parse(gunzipSync(fs.readFileSync(path.join(DATA, `${name}.json.gz`))).toString()) as TraceFile;
  const log = file.kind === 'concurrent' ? writtenTogether(file) : writtenAlone(file);
  const final = new Y.Doc();
  for (const update of log) Y.applyUpdate(final, update);
  const text = final.getText(ROOT).toString();
  if (text !== file.endContent) throw new Error(`${name}: the replay is not the text that the trace ends with`);
  return { update: Y.encodeStateAsUpdate(final), log, text };
}

function writtenAlone({ txns }: TraceFile): Uint8Array[] {
  const doc = writer(0);
  return txns.flatMap(({ patches }) => write(doc, patches) ?? []);
}

/** Every agent has a document of its own that sees exactly what a transaction was written upon. */
function writtenTogether({ txns, numAgents }: TraceFile): Uint8Array[] {
  const agents = Array.from({ length: numAgents }, (_, agent) => ({ doc: writer(agent), seen: new Set<number>() }));
  const updates: (Uint8Array | undefined)[] = [];
  txns.forEach(({ agent, parents, patches }, index) => {
    const { doc, seen } = agents[agent] as (typeof agents)[number];
    for (const needed of unseen(txns, parents, seen)) {
      seen.add(needed);
      const update = updates[needed];
      if (update) Y.applyUpdate(doc, update);
    }
    updates[index] = write(doc, patches);
    seen.add(index);
  });
  return updates.filter((update) => update !== undefined);
}

/** Transactions and all that they build on, in their order, as far as an agent has not seen them. */
function unseen(txns: readonly Transaction[], from: readonly number[], seen: ReadonlySet<number>): number[] {
  const found = new Set<number>();
  const open = [...from];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (seen.has(next) || found.has(next)) continue;
    found.add(next);
    open.push(...(txns[next] as Transaction).parents);
  }
  return [...found].sort((a, b) => a - b);
}

function writer(agent: number): Y.Doc {
  const doc = new Y.Doc();
  doc.clientID = FIRST_CLIENT + agent;
  return doc;
}

/** @returns the update of the patches, undefined when they change nothing */
function write(doc: Y.Doc, patches: readonly Patch[]): Uint8Array | undefined {
  let update: Uint8Array | undefined;
  const keep = (bytes: Uint8Array, origin: unknown): void => {
    if (origin === ORIGIN) update = bytes;
  };
  doc.on('update', keep);
  doc.transact(() => {
    const text = doc.getText(ROOT);
    for (const [place, remove, insert] of patches) {
      if (remove) text.delete(place, remove);
      if (insert) text.insert(place, insert);
    }
  }, ORIGIN);
  doc.off('update', keep);
  return update;
}
