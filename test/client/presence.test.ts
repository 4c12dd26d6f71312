// Cursors: whose are sent, how often, and whose are shown when.
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { Awareness, applyAwarenessUpdate, encodeAwarenessUpdate } from 'y-protocols/awareness';
import * as Y from 'yjs';
import { Presence } from '../../src/client/presence.ts';
import { until } from '../support/until.ts';
import { FILE_ID } from './fake-server.ts';
import { openDocument } from './session.ts';

const EMPTY = Uint8Array.of(0);

/** Somebody else, as the server would tell of them. */
function somebody(state: object = { cursor: 1 }, clientId = 77): { awareness: Awareness; update: () => Uint8Array } {
  const doc = new Y.Doc();
  doc.clientID = clientId;
  const awareness = new Awareness(doc);
  clearInterval(awareness._checkInterval);
  awareness.setLocalState(state);
  return { awareness, update: () => encodeAwarenessUpdate(awareness, [clientId]) };
}

/** What an awareness update says, by client. */
function read(update: Uint8Array): Map<number, object> {
  const reader = new Awareness(new Y.Doc());
  clearInterval(reader._checkInterval);
  reader.setLocalState(null);
  applyAwarenessUpdate(reader, update, null);
  return reader.states;
}

describe('on a clock of the test', () => {
  beforeEach(() => void jest.useFakeTimers({ doNotFake: ['queueMicrotask', 'nextTick'] }));
  afterEach(() => void jest.useRealTimers());

  function start(everybody: Uint8Array = EMPTY) {
    const sent: Uint8Array[] = [];
    const presence = new Presence(new Y.Doc(), (update) => void sent.push(update));
    presence.start(everybody);
    return { presence, sent, awareness: presence.awareness, own: presence.awareness.clientID };
  }

  test('only one’s own state is sent, and others’ are not echoed', async () => {
    const { presence, sent, own, awareness } = start(somebody().update());
    await jest.advanceTimersByTimeAsync(1_000);
    presence.receive(somebody({ cursor: 2 }, 78).update());
    await jest.advanceTimersByTimeAsync(1_000);
    expect(new Set(awareness.states.keys())).toEqual(new Set([77, 78, own]));
    expect(sent).toHaveLength(1);
    expect([...read(sent[0]!).keys()]).toEqual([own]);
    presence.destroy();
  });

  test('a cursor that moves all the time is sent 20 times a second, the first and the last at once', async () => {
    const { presence, sent, awareness, own } = start();
    await jest.advanceTimersByTimeAsync(1_000);
    sent.length = 0;
    awareness.setLocalState({ cursor: 0 });
    await jest.advanceTimersByTimeAsync(0);
    expect(sent).toHaveLength(1);
    for (let cursor = 1; cursor <= 100; cursor++) {
      awareness.setLocalState({ cursor });
      await jest.advanceTimersByTimeAsync(10);
    }
    await jest.advanceTimersByTimeAsync(50);
    expect(sent.length).toBeGreaterThanOrEqual(20);
    expect(sent.length).toBeLessThanOrEqual(22);
    expect(read(sent.at(-1)!).get(own)).toEqual({ cursor: 100 });
    presence.destroy();
  });

  test('[DOC20] somebody who rests for long stays, and our rest is no absence for stock clients', async () => {
    const { presence, sent, awareness } = start(somebody().update());
    // The library reads the machine's clock, whatever the test's clock says.
    awareness.meta.get(77)!.lastUpdated = 0;
    for (let signs = 0; signs < 8; signs++) {
      await jest.advanceTimersByTimeAsync(15_000);
      presence.renew();
    }
    await jest.advanceTimersByTimeAsync(0);
    expect(awareness.states.has(77)).toBe(true);
    expect(sent).toHaveLength(9);
    presence.destroy();
    expect(jest.getTimerCount()).toBe(0);
  });

  test('who has just been heard of is not renewed', async () => {
    const { presence, sent, awareness } = start();
    await jest.advanceTimersByTimeAsync(14_000);
    awareness.setLocalState({ cursor: 1 });
    await jest.advanceTimersByTimeAsync(1_000);
    presence.renew();
    await jest.advanceTimersByTimeAsync(100);
    expect(sent).toHaveLength(2);
    presence.destroy();
  });

  test('idle is a mark beside the cursor, told once each time', async () => {
    const { presence, sent, awareness, own } = start();
    awareness.setLocalState({ cursor: 1 });
    for (const idle of [true, true, false, false]) {
      await jest.advanceTimersByTimeAsync(1_000);
      presence.setIdle(idle);
    }
    await jest.advanceTimersByTimeAsync(1_000);
    const states = sent.map((update) => read(update).get(own));
    expect(states).toEqual([{ cursor: 1 }, { cursor: 1, idle: true }, { cursor: 1 }]);
    presence.destroy();
  });

  test('others go with the connection and come back under the clock they had', () => {
    const other = somebody();
    const { presence, awareness, own } = start(other.update());
    const changes: unknown[] = [];
    awareness.on('change', (change: object) => changes.push(change));
    awareness.setLocalState({ cursor: 5 });
    presence.stop();
    expect([...awareness.states]).toEqual([[own, { cursor: 5 }]]);
    presence.receive(somebody({ cursor: 9 }, 78).update());
    expect(awareness.states.size).toBe(1);
    presence.start(other.update());
    expect(awareness.states.get(77)).toEqual({ cursor: 1 });
    expect(changes.slice(1)).toEqual([
      { added: [], updated: [], removed: [77] },
      { added: [77], updated: [], removed: [] },
    ]);
    presence.destroy();
  });

  test('a new start takes away who has left meanwhile, and leaves who has not alone', () => {
    const [one, two] = [somebody({}, 77), somebody({}, 78)];
    const { presence, awareness } = start(one.update());
    presence.receive(two.update());
    const changes: unknown[] = [];
    awareness.on('change', (change: object) => changes.push(change));
    presence.start(two.update());
    expect(changes).toEqual([{ added: [], updated: [], removed: [77] }]);
    presence.destroy();
  });

  test('what the server says of ourselves changes nothing but the clock that we go on from', async () => {
    const { presence, sent, awareness, own } = start();
    awareness.setLocalState({ cursor: 3 });
    const ghost = somebody({ cursor: 'old' }, own);
    ghost.awareness.meta.get(own)!.clock = 500;
    presence.start(ghost.update());
    expect(awareness.getLocalState()).toEqual({ cursor: 3 });
    await jest.advanceTimersByTimeAsync(60);
    expect(awareness.meta.get(own)!.clock).toBe(501);
    expect(read(sent.at(-1)!).get(own)).toEqual({ cursor: 3 });
    presence.destroy();
  });

  test('a cursor that was hidden is told once and not renewed', async () => {
    const { presence, sent, awareness, own } = start();
    await jest.advanceTimersByTimeAsync(1_000);
    awareness.setLocalState(null);
    await jest.advanceTimersByTimeAsync(60_000);
    presence.renew();
    await jest.advanceTimersByTimeAsync(1_000);
    expect(sent).toHaveLength(2);
    expect(read(sent[1]!).has(own)).toBe(false);
    presence.destroy();
  });
});

test('the state is sent when the document opens and, under a higher clock, when it opens again', async () => {
  const { server, client, document } = await openDocument();
  const clocks = (): number[] =>
    server.calls('doc.awareness').map(({ payload }) => {
      const seen = new Awareness(new Y.Doc());
      clearInterval(seen._checkInterval);
      applyAwarenessUpdate(seen, payload.update, null);
      return seen.meta.get(document.awareness.clientID)!.clock;
    });
  await until(() => clocks().length === 1);
  server.cut();
  await until(() => client.state === 'offline');
  document.awareness.setLocalStateField('cursor', 7);
  client.retryNow();
  await until(() => clocks().length === 2);
  expect(clocks()[1]).toBeGreaterThan(clocks()[0]!);
  document.close();
  expect(document.awareness.getLocalState()).toBeNull();
});

test('a sign of life of the server wakes a page whose timers stand still: others are reminded of it', async () => {
  const { server } = await openDocument();
  await until(() => server.calls('doc.awareness').length === 1);
  // Nothing but the time of day goes on.
  const now = performance.now();
  const clock = jest.spyOn(performance, 'now').mockImplementation(() => now + 15_000);
  try {
    server.beat();
    await until(() => server.calls('doc.awareness').length === 2);
  } finally {
    clock.mockRestore();
  }
});

test('who is marked idle is so in documents that are opened later, too', async () => {
  const { server, client, document } = await openDocument();
  client.setIdle(true);
  const other = client.openDocument('00000000-0000-4000-8000-0000000000f2');
  expect([document, other].map(({ awareness }) => awareness.getLocalState())).toEqual([{ idle: true }, { idle: true }]);
  await until(() => server.calls('doc.awareness').length === 3);
  client.setIdle(false);
  expect(document.awareness.getLocalState()).toEqual({});
});

test('text goes out ahead of the cursor that stands in it', async () => {
  const { server, document } = await openDocument();
  await until(() => server.calls('doc.awareness').length === 1);
  server.received.length = 0;
  document.text.insert(0, 'a');
  document.awareness.setLocalStateField('cursor', 1);
  document.text.insert(1, 'b');
  await until(() => server.calls('doc.awareness').length === 1);
  expect(server.received.map(({ name }) => name)[0]).toBe('doc.update');
  expect(server.calls('doc.awareness')[0]?.payload.fileId).toBe(FILE_ID);
});
