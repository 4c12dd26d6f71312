// A document under a network and a server that misbehave by a seed: whatever happens, what was acknowledged is on the
// server, and in the end both have the same text with every edit in it once.
import { expect, test } from '@jest/globals';
import * as Y from 'yjs';
import type { Client, RoomDocument } from '../../src/client/index.ts';
import { seededRandom } from '../support/random.ts';
import { until } from '../support/until.ts';
import { type FakeServer, FILE_ID, ok, refusal } from './fake-server.ts';
import { openDocument } from './session.ts';

const SEEDS = [1, 2, 3, 4, 5, 6];
const STEPS = 200;

/** Takes an update as the real server does: nothing that builds on what is not there. */
function take(server: FakeServer, update: Uint8Array): object {
  const trial = new Y.Doc();
  Y.applyUpdate(trial, Y.encodeStateAsUpdate(server.doc));
  Y.applyUpdate(trial, update);
  if (trial.store.pendingStructs ?? trial.store.pendingDs) {
    const stateVector = Buffer.from(Y.encodeStateVector(server.doc)).toString('base64');
    return refusal('malformed_update', { reason: 'missing_dependencies', stateVector });
  }
  Y.applyUpdate(server.doc, update);
  return ok({ saved: true });
}

/** One thing that happens; the words that are typed are told to `typed` and, once saved, to `acknowledged`. */
async function happen(what: number, word: string, world: World): Promise<void> {
  const { server, client, document, typed, acknowledged } = world;
  switch (what) {
    case 0:
      return server.cut();
    case 1:
      typed.push(word);
      return server.edit((theirs) => theirs.insert(0, word));
    case 2:
      return server.emit('doc.closed', { fileId: FILE_ID, reason: 'resync' });
    case 3:
      client.retryNow();
      return void (await until(() => document.status.phase === 'open'));
    case 4:
      return void (await client.call('me.get', {}).catch(() => undefined));
    default:
      typed.push(word);
      document.text.insert(0, word);
      void document.saved().then(
        () => acknowledged.add(word),
        () => undefined,
      );
  }
}

interface World {
  readonly server: FakeServer;
  readonly client: Client;
  readonly document: RoomDocument;
  readonly typed: string[];
  readonly acknowledged: Set<string>;
}

test.each(SEEDS)('seed %d', async (seed) => {
  const random = seededRandom(seed);
  const { server, client, document } = await openDocument();
  const world: World = { server, client, document, typed: [], acknowledged: new Set() };
  server.respond.set('doc.update', ({ update }) => {
    const luck = random.below(20);
    if (luck === 0) return refusal('not_saved');
    const answer = take(server, update);
    // Taken, but the answer is lost with the connection.
    if (luck === 1) server.cut();
    return answer;
  });
  for (let step = 0; step < STEPS; step++) {
    await happen(random.below(20), `<${step}>`, world);
    for (const word of world.acknowledged) expect(server.text).toContain(word);
  }
  server.respond.set('doc.update', ({ update }) => take(server, update));
  client.retryNow();
  await until(() => document.status.phase === 'open' && document.status.saved === 'saved');
  await until(() => document.text.toJSON() === server.text);
  expect(server.text.match(/<\d+>/g)?.sort()).toEqual(world.typed.sort());
});
