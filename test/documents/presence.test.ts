import { describe, expect, test } from '@jest/globals';
import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';
import { Awareness, applyAwarenessUpdate, encodeAwarenessUpdate } from 'y-protocols/awareness';
import * as Y from 'yjs';
import { LIMITS } from '../../src/documents/limits.ts';
import type { Link } from '../../src/documents/link.ts';
import { Presence } from '../../src/documents/presence.ts';
import { TestLink } from '../support/test-link.ts';
import { until } from '../support/until.ts';

type State = { client: number; clock: number; state: any };

function message(...states: [client: number, clock: number, state: unknown][]): Uint8Array {
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, states.length);
  for (const [client, clock, state] of states) {
    encoding.writeVarUint(encoder, client);
    encoding.writeVarUint(encoder, clock);
    encoding.writeVarString(encoder, JSON.stringify(state));
  }
  return encoding.toUint8Array(encoder);
}

function read(update: Uint8Array): State[] {
  const decoder = decoding.createDecoder(update);
  return Array.from({ length: decoding.readVarUint(decoder) }, () => ({
    client: decoding.readVarUint(decoder),
    clock: decoding.readVarUint(decoder),
    state: JSON.parse(decoding.readVarString(decoder)),
  }));
}

/** A presence whose frames are kept, and sent to links as a document would. */
function open(...links: Link[]) {
  const frames: Uint8Array[] = [];
  const presence = new Presence((update, instead) => {
    frames.push(update);
    for (const link of links) link.send({ kind: 'awareness', bytes: instead.get(link) ?? update }, true);
  });
  return { presence, frames, states: () => read(presence.all()) };
}

const ann = (): TestLink => new TestLink({ user: 'ann' });
const bob = (): TestLink => new TestLink({ user: 'bob' });

describe('presence', () => {
  test('[DOC17] the server says who somebody is', () => {
    const { presence, states } = open();
    const link = new TestLink({ user: 'ann', canWrite: false });
    presence.receive(link, message([7, 1, { cursor: 3, user: { id: 'root', name: 'Owner', role: 'owner' } }]));
    expect(states()).toEqual([
      { client: 7, clock: 1, state: { cursor: 3, user: { id: 'ann', name: 'ann', color: 1, role: 'viewer' } } },
    ]);
  });

  test.each(['"text"', '5', '[1]', '{broken'])(
    '[DOC17] a state that is no object (%s) shows the person alone',
    (json) => {
      const { presence, states } = open();
      const encoder = encoding.createEncoder();
      encoding.writeVarUint(encoder, 1);
      encoding.writeVarUint(encoder, 7);
      encoding.writeVarUint(encoder, 1);
      encoding.writeVarString(encoder, json);
      presence.receive(ann(), encoding.toUint8Array(encoder));
      expect(states()).toMatchObject([{ state: { user: { id: 'ann' } } }]);
    },
  );

  test('[DOC16] nobody moves, renames or removes another’s cursor', () => {
    const { presence, states } = open();
    presence.receive(ann(), message([7, 1, { cursor: 1 }]));
    const eve = bob();
    presence.receive(eve, message([7, 2, { cursor: 99 }]));
    presence.receive(eve, message([7, 50, null]));
    presence.receive(eve, message([8, 1, {}], [7, 60, { cursor: 99 }]));
    expect(states()).toMatchObject([{ client: 7, clock: 1, state: { cursor: 1, user: { id: 'ann' } } }]);
  });

  test('[DOC16] a newer connection of the same user takes its id over; the older one loses nothing else by closing', () => {
    const { presence, states } = open();
    const [old, fresh] = [ann(), ann()];
    presence.receive(old, message([7, 4, { cursor: 1 }]));
    presence.receive(fresh, message([7, 4, { cursor: 2 }]));
    expect(states()).toMatchObject([{ client: 7, clock: 5, state: { cursor: 2 } }]);
    presence.remove(old);
    expect(states()).toHaveLength(1);
    presence.receive(fresh, message([7, 5, { cursor: 3 }]));
    expect(states()).toMatchObject([{ clock: 6, state: { cursor: 3 } }]);
  });

  test('[DOC18] stale and echoed states are dropped', () => {
    const { presence, states } = open();
    const [a, b] = [ann(), bob()];
    presence.receive(a, message([7, 5, { cursor: 5 }]));
    presence.receive(a, message([7, 5, { cursor: 4 }]));
    presence.receive(a, message([7, 3, { cursor: 3 }]));
    presence.receive(b, message([8, 1, { cursor: 1 }]));
    presence.receive(b, message([7, 5, { cursor: 5 }]));
    expect(states()).toMatchObject([
      { client: 7, state: { cursor: 5 } },
      { client: 8, state: { cursor: 1 } },
    ]);
  });

  test('[DOC18] an echo cannot bring back somebody who left', () => {
    const { presence, states } = open();
    const [a, b] = [ann(), bob()];
    presence.receive(a, message([7, 5, { cursor: 5 }]));
    presence.receive(b, message([8, 1, { cursor: 1 }]));
    presence.remove(a);
    presence.receive(b, message([7, 5, { cursor: 5 }]));
    presence.receive(b, message([7, 5, { cursor: 5 }], [8, 1, {}]));
    expect(states()).toMatchObject([{ client: 8 }]);
  });

  test('[DOC19] only the newest state of each goes out, in one frame', async () => {
    const { presence, frames } = open();
    const [a, b] = [ann(), bob()];
    presence.receive(a, message([7, 1, {}]));
    await until(() => frames.length === 1);
    for (let i = 2; i <= 100; i++) {
      presence.receive(a, message([7, i, { cursor: i }]));
      presence.receive(b, message([8, i, { cursor: -i }]));
    }
    await until(() => frames.length === 2);
    expect(read(frames[1] as Uint8Array)).toMatchObject([
      { client: 7, clock: 100 },
      { client: 8, clock: 100 },
    ]);

    const from = performance.now();
    for (let i = 101; frames.length < 6; i++) {
      presence.receive(a, message([7, i, { cursor: i }]));
      await new Promise((resolve) => setImmediate(resolve));
    }
    // Four more frames have at least three whole intervals between them, however fast the machine is.
    expect(performance.now() - from).toBeGreaterThanOrEqual(3 * (LIMITS.awarenessIntervalMs - 1));
    presence.close();
  });

  test('[DOC20] the cursors of a link go with it', async () => {
    const { presence, frames, states } = open();
    const a = ann();
    presence.receive(a, message([7, 1, {}]));
    presence.receive(a, message([9, 1, {}]));
    presence.receive(bob(), message([8, 1, {}]));
    presence.remove(a);
    expect(states()).toMatchObject([{ client: 8 }]);
    await until(() => frames.some((frame) => read(frame).some(({ client, state }) => client === 7 && state === null)));
    presence.close();
  });

  test('[DOC20] a client that comes back under the same clock is seen again by stock clients, and keeps its own state', async () => {
    const [watcher, first, second] = [bob(), ann(), ann()];
    const { presence } = open(watcher, first, second);
    const own = new Awareness(new Y.Doc());
    const seen = new Awareness(new Y.Doc());
    const watched = (): Map<number, Record<string, unknown>> => {
      for (const bytes of watcher.presence.splice(0)) applyAwarenessUpdate(seen, bytes, 'server');
      return seen.getStates() as Map<number, Record<string, unknown>>;
    };
    own.setLocalState({ cursor: 1 });
    presence.receive(first, encodeAwarenessUpdate(own, [own.clientID]));
    await until(() => watched().has(own.clientID));
    presence.remove(first);
    await until(() => !watched().has(own.clientID));
    presence.receive(second, encodeAwarenessUpdate(own, [own.clientID]));
    await until(() => watched().has(own.clientID));
    for (const bytes of second.presence.splice(0)) applyAwarenessUpdate(own, bytes, 'server');
    own.setLocalState({ cursor: 2 });
    presence.receive(second, encodeAwarenessUpdate(own, [own.clientID]));
    await until(() => watched().get(own.clientID)?.['cursor'] === 2);
    for (const bytes of second.presence.splice(0)) applyAwarenessUpdate(own, bytes, 'server');
    expect(own.getLocalState()).toEqual({ cursor: 2 });
    presence.close();
    own.destroy();
    seen.destroy();
  });

  test('[DOC22] what is too large or broken is refused', () => {
    const { presence } = open();
    const long = { text: 'x'.repeat(LIMITS.awarenessStateBytes) };
    expect(() => presence.receive(ann(), message([7, 1, long]))).toThrow(
      expect.objectContaining({ code: 'too_large' }),
    );
    const huge = new Uint8Array(LIMITS.awarenessBytes + 1);
    expect(() => presence.receive(ann(), huge)).toThrow(expect.objectContaining({ code: 'too_large' }));
    const broken = Uint8Array.of(3, 1);
    expect(() => presence.receive(ann(), broken)).toThrow(expect.objectContaining({ code: 'malformed_update' }));
  });

  test('[DOC22] one link cannot fill the room with cursors', () => {
    const { presence } = open();
    const a = ann();
    for (let client = 1; client <= 100; client++) presence.receive(a, message([client, 1, {}]));
    expect(presence.size).toBe(LIMITS.clientsPerLink);
    presence.close();
  });
});
