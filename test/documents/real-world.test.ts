// The properties of the world over real sockets, the real server and PostgreSQL: people replay what somebody once
// typed, their connections are cut and come back, and in the end all have the same and nothing is lost or doubled.
import fs from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import WebSocket from 'ws';
import { WebsocketProvider } from 'y-websocket';
import * as Y from 'yjs';
import { walkUpdate } from '../../src/documents/update-walk.ts';
import { call, guest, roomWithFile } from '../support/api.ts';
import { type BareClient, bareClient } from '../support/bare-client.ts';
import { type Random, seededRandom } from '../support/random.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { until } from '../support/until.ts';
import { deletesOf, differenceOf, FIRST_FRESH, firstRepeated } from '../support/world-reading.ts';

type Patch = readonly [at: number, remove: number, insert: string];

const TRACE = path.join(import.meta.dirname, '../support/traces/sveltecomponent.json');
const { patches: transactions } = JSON.parse(fs.readFileSync(TRACE, 'utf8')) as { patches: Patch[][] };
/** Transactions that each person replays. */
const SLICE = 500;
/** One in so many transactions, a connection is cut. */
const CUT_EVERY = 60;

let server: TestServer;
const closing: (() => void)[] = [];

beforeAll(async () => {
  server = await startServer();
});
afterAll(async () => {
  for (const close of closing) close();
  expect(await server.stop()).toBe(true);
});

interface Person {
  readonly doc: Y.Doc;
  cut(): void;
  /** Resolves when it is connected and knows that everything is saved, or, without such knowledge, sent. */
  back(): Promise<void>;
}

interface Place {
  readonly roomCode: string;
  readonly path: string;
  readonly fileId: string;
}

/** A client of the calls, as the contract describes it: after a cut it opens with what it has and sends the rest. */
class CallingPerson implements Person {
  readonly doc = new Y.Doc();
  /** Updates that the server has said are saved. */
  readonly acknowledged: Uint8Array[] = [];
  readonly #place: Place;
  readonly #token: string;
  #client: BareClient | undefined;
  #lineage: string | undefined;
  #waiting = 0;

  constructor(place: Place, token: string) {
    this.#place = place;
    this.#token = token;
    this.doc.on('update', (update: Uint8Array, origin: unknown) => {
      if (origin !== this && this.#client) void this.#send(this.#client, update);
    });
    closing.push(() => this.cut());
  }

  cut(): void {
    this.#client?.close();
    this.#client = undefined;
  }

  async back(): Promise<void> {
    if (!this.#client) await this.#connect();
    await until(() => this.#waiting === 0, { what: 'everything is saved' });
  }

  async #connect(): Promise<void> {
    const client = await bareClient(server.url, this.#token);
    await client.ask('room.join', { roomCode: this.#place.roomCode });
    const early: Uint8Array[] = [];
    let take = (update: Uint8Array): unknown => early.push(update);
    client.socket.on('doc.update', ({ update }: { update: ArrayBuffer }) => take(new Uint8Array(update)));
    const known = this.#lineage && { lineage: this.#lineage, stateVector: Y.encodeStateVector(this.doc) };
    const opened = await client.ask('doc.open', { fileId: this.#place.fileId, ...known });
    this.#lineage = opened.lineage;
    take = (update) => Y.applyUpdate(this.doc, update, this);
    for (const update of [new Uint8Array(opened.update), ...early]) take(update);
    this.#client = client;
    void this.#send(client, Y.encodeStateAsUpdate(this.doc, new Uint8Array(opened.stateVector)));
  }

  async #send(client: BareClient, update: Uint8Array): Promise<void> {
    this.#waiting++;
    const left = new Promise<undefined>((resolve) => client.socket.once('disconnect', () => resolve(undefined)));
    try {
      const answer = await Promise.race([client.call('doc.update', { fileId: this.#place.fileId, update }), left]);
      if (answer && !answer.ok) throw new Error(JSON.stringify(answer.error));
      if (answer) this.acknowledged.push(update);
    } catch (error) {
      if (client.socket.connected) throw error;
    } finally {
      this.#waiting--;
    }
  }
}

function providingPerson(place: Place, token: string): Person {
  const doc = new Y.Doc();
  const provider = new WebsocketProvider(`${server.url.replace('http', 'ws')}/yjs/${place.roomCode}`, place.path, doc, {
    params: { token },
    WebSocketPolyfill: WebSocket as never,
    disableBc: true,
  });
  closing.push(() => {
    provider.destroy();
    doc.destroy();
  });
  return {
    doc,
    cut: () => provider.disconnect(),
    async back() {
      if (!provider.wsconnected) provider.connect();
      await until(() => provider.synced, { what: 'the provider is synced' });
    },
  };
}

/** Applies a transaction where it fits: others have moved the text meanwhile. */
function replayOne(doc: Y.Doc, patches: readonly Patch[]): void {
  const text = doc.getText('content');
  doc.transact(() => {
    for (const [at, remove, insert] of patches) {
      const start = Math.min(at, text.length);
      const end = Math.min(start + remove, text.length);
      if (end > start) text.delete(start, end - start);
      if (insert) text.insert(start, insert);
    }
  });
}

async function replaySlice(person: Person, from: number, random: Random): Promise<void> {
  const slice = transactions.slice(from, from + SLICE);
  for (const patches of slice) {
    replayOne(person.doc, patches);
    // Now and then a character that nobody else types: it is there once, or deleted.
    if (random.below(8) === 0)
      replayOne(person.doc, [[random.below(1000), 0, String.fromCodePoint(FIRST_FRESH + from++)]]);
    if (random.below(CUT_EVERY) === 0) person.cut();
    if (random.below(CUT_EVERY / 2) === 0) await person.back();
    if (random.below(4) === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  await person.back();
}

function expectHolds(doc: Y.Doc, update: Uint8Array): void {
  const { ranges, deletes } = walkUpdate(update);
  for (let i = 0; i < ranges.length; i += 3) {
    const end = (ranges[i + 1] as number) + (ranges[i + 2] as number);
    expect(Y.getState(doc.store, ranges[i] as number)).toBeGreaterThanOrEqual(end);
  }
  expect(deletesOf(doc).firstMissing(deletes)).toBeUndefined();
}

test.each([1, 2])(
  '[DOC4] [DOC6] [DOC8] [DOC13] people replay real edits while connections break, seed %i',
  async (seed) => {
    const random = seededRandom(seed);
    const { owner, room, file } = await roomWithFile(server.url, { path: 'App.svelte' });
    const place = { roomCode: room.roomCode, path: 'App.svelte', fileId: file.id };
    const tokens = [
      owner.token,
      ...(await Promise.all(['Bob', 'Cay'].map((name) => guest(server.url, name)))).map(({ token }) => token),
    ];
    const callers = tokens.map((token) => new CallingPerson(place, token));
    const people: Person[] = [...callers, providingPerson(place, (await guest(server.url, 'Dan')).token)];
    for (const person of people) await person.back();
    await Promise.all([...people.map((person, i) => replaySlice(person, i * SLICE, random))]);
    for (const person of people) await person.back();
    const fresh = new CallingPerson(place, owner.token);
    await fresh.back();
    await until(() => people.every(({ doc }) => differenceOf([doc, fresh.doc], { inOrder: true }) === undefined));
    const text = fresh.doc.getText('content').toString();
    expect(firstRepeated(text)).toBeUndefined();
    for (const update of callers.flatMap(({ acknowledged }) => acknowledged)) expectHolds(fresh.doc, update);
    const { data } = await call(server.url, `GET /api/files/${file.id}/content`, { token: owner.token });
    expect(data.content).toBe(text);
    await server.restart();
    const again = await call(server.url, `GET /api/files/${file.id}/content`, { token: owner.token });
    expect(again.data.content).toBe(text);
  },
);
