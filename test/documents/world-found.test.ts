// What the world has found, as tests of their own: each failed before it was mended.
import { beforeEach, describe, expect, test } from '@jest/globals';
import * as encoding from 'lib0/encoding';
import * as Y from 'yjs';
import { DocumentState } from '../../src/documents/document-state.ts';
import { Documents } from '../../src/documents/hub.ts';
import { LIMITS } from '../../src/documents/limits.ts';
import { newLineageMark } from '../../src/documents/lineage-mark.ts';
import { Presence } from '../../src/documents/presence.ts';
import { EMPTY_UPDATE } from '../../src/documents/update-merge.ts';
import { silentLog } from '../../src/observe/log.ts';
import { ManualClock, settled } from '../support/manual-clock.ts';
import { MemoryLog } from '../support/memory-log.ts';
import { TestLink } from '../support/test-link.ts';
import { readPresence } from '../support/world-reading.ts';

const FILE = 'file';
let log: MemoryLog;
let clock: ManualClock;
let documents: Documents;

beforeEach(() => {
  log = new MemoryLog();
  log.create(FILE);
  clock = new ManualClock();
  documents = new Documents({ log, versions: log, clock, logger: silentLog });
});

const open = (user = 'ann'): Promise<TestLink> => new TestLink({ user }).open(documents, FILE);

type Id = [client: number, clock: number];

/** An update of one-letter structs, each behind another one or at the beginning; clients in the order given. */
function structs(...clients: [client: number, origins: (Id | undefined)[]][]): Uint8Array {
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, clients.length);
  for (const [client, origins] of clients) {
    for (const number of [origins.length, client, 0]) encoding.writeVarUint(encoder, number);
    for (const origin of origins) {
      encoding.writeUint8(encoder, origin ? 0x84 : 0x04);
      for (const number of origin ?? [1]) encoding.writeVarUint(encoder, number);
      if (!origin) encoding.writeVarString(encoder, 'content');
      encoding.writeVarString(encoder, 'z');
    }
  }
  encoding.writeVarUint(encoder, 0);
  return encoding.toUint8Array(encoder);
}

describe('one update made a document unreadable for ever:', () => {
  test.each<[string, Uint8Array]>([
    ['a struct that builds on itself', structs([9, [[9, 0]]])],
    ['a struct that builds on a later one of its client', structs([9, [[9, 1], undefined]])],
    ['two clients that build on each other', structs([9, [[5, 0]]], [5, [[9, 0]]])],
    [
      'three in a circle, behind sound ones',
      structs([9, [undefined, [5, 1]]], [5, [undefined, [3, 0]]], [3, [[9, 1]]]),
    ],
    ['two sections of one client', structs([9, [undefined]], [9, [undefined]])],
    ['clients in an order that merging gets wrong', structs([5, [undefined]], [9, [undefined]])],
  ])('[DOC1] [DOC2] %s', (_what, update) => {
    const state = new DocumentState(EMPTY_UPDATE);
    expect(() => state.take(update)).toThrow(expect.objectContaining({ code: 'malformed_update' }));
    expect(state.text()).toBe('');
  });

  test('[DOC1] structs of several clients that build on one another in turns are sound', () => {
    const state = new DocumentState(EMPTY_UPDATE);
    state.take(
      structs(
        [
          9,
          [
            [5, 0],
            [5, 1],
          ],
        ],
        [5, [undefined, [9, 0]]],
      ),
    );
    expect(state.text()).toBe('zzzz');
  });
});

test('[DOC22] a tail that is over the limits together does not keep its document from being opened', async () => {
  const doc = new Y.Doc();
  const updates: Uint8Array[] = [];
  doc.on('update', (update: Uint8Array) => updates.push(update));
  const text = doc.getText('content');
  for (let sum = 0; sum <= LIMITS.documentBytes; sum += 4_000_000) {
    text.insert(0, 'x'.repeat(4_000_000));
    text.delete(0, 4_000_000);
  }
  log.committed.set(FILE, [EMPTY_UPDATE, ...updates]);
  expect(await documents.text(FILE)).toBe('');
});

test('[DOC22] a server edit that is refused as too large leaves nothing in memory', async () => {
  const a = await open();
  a.text.insert(0, 'kept');
  const huge = 'x'.repeat(LIMITS.updateBytes + 1);
  const edit = documents.replaceText(FILE, huge, { actorId: 'bot', source: 'agent' });
  const refusal = await edit.then(() => undefined, Object);
  // Any other error is shown as it is.
  if (refusal?.code !== 'too_large') throw refusal;
  expect(await documents.text(FILE)).toBe('kept');
});

describe('a document that is closed', () => {
  test('[DOC11] with edits under way to the log is loaded when they are there', async () => {
    const a = await open();
    log.held = true;
    a.text.insert(0, 'on its way');
    documents.close(FILE, 'resync');
    const text = documents.text(FILE);
    await settled();
    log.commit();
    expect(await text).toBe('on its way');
  });

  test('[DOC13] while it is read is read again', async () => {
    const text = documents.text(FILE);
    await Promise.resolve();
    const doc = new Y.Doc();
    doc.getText('content').insert(0, 'new');
    log.create(FILE, Y.encodeStateAsUpdate(doc));
    documents.close(FILE, 'deleted');
    expect(await text).toBe('new');
  });

  test('[DOC10] by a drain is not opened by somebody who was on the way in', async () => {
    const late = open();
    const drained = documents.drain();
    await expect(late).rejects.toMatchObject({ code: 'draining' });
    expect(await drained).toBe(true);
    expect(documents.stats()).toMatchObject({ documents: 0, links: 0 });
  });

  test('[DOC23] with its room leaves its last text as a version', async () => {
    const a = await open();
    a.text.insert(0, 'the last words');
    documents.closeRoom('room');
    expect(a.notices).toEqual([{ type: 'closed', reason: 'forbidden' }]);
    await clock.pass(2 * LIMITS.lingerMs);
    expect(log.versions).toMatchObject([{ content: 'the last words' }]);
    expect(documents.stats()).toMatchObject({ documents: 0, links: 0 });
  });
});

test('[DOC27] [DOC22] a state vector that cannot be read is refused as that, of a marked document too', async () => {
  const a = await open();
  documents.mark(FILE, newLineageMark());
  const refused = expect.objectContaining({ code: 'invalid_input' });
  expect(() => a.opened?.difference(Uint8Array.of(255, 255, 255))).toThrow(refused);
});

describe('versions', () => {
  test('[DOC23] edits that a crash left without a version get one when the document is opened', async () => {
    const doc = new Y.Doc();
    doc.getText('content').insert(0, 'before the crash');
    log.committed.set(FILE, [EMPTY_UPDATE, Y.encodeStateAsUpdate(doc)]);
    await open();
    await clock.pass(LIMITS.quietMs + LIMITS.tickMs);
    expect(log.versions).toMatchObject([{ content: 'before the crash' }]);
  });

  test('[DOC23] a version waits for the commit of what it holds', async () => {
    const a = await open();
    log.held = true;
    a.text.insert(0, 'x');
    await clock.pass(LIMITS.quietMs + LIMITS.tickMs);
    expect(log.versions).toEqual([]);
    log.commit();
    await settled();
    expect(log.versions).toMatchObject([{ content: 'x' }]);
  });
});

describe('presence', () => {
  const message = (client: number, clock: number, state: unknown): Uint8Array => {
    const encoder = encoding.createEncoder();
    for (const number of [1, client, clock]) encoding.writeVarUint(encoder, number);
    encoding.writeVarString(encoder, JSON.stringify(state));
    return encoding.toUint8Array(encoder);
  };
  const ann = new TestLink({ user: 'ann' });
  const bob = new TestLink({ user: 'bob' });
  let presence: Presence;
  beforeEach(() => {
    presence = new Presence(() => undefined, new ManualClock());
  });

  test('[DOC18] somebody who shows no cursor and echoes one that left does not get it', () => {
    presence.receive(ann, message(7, 5, { cursor: 5 }));
    presence.remove(ann);
    presence.receive(bob, message(7, 5, { cursor: 5 }));
    expect(readPresence(presence.all())).toEqual([]);
    presence.receive(ann, message(7, 5, { cursor: 5 }));
    expect(readPresence(presence.all())).toMatchObject([{ client: 7, state: { user: { id: 'ann' } } }]);
  });

  test('[DOC22] a clock that others could not count on from is dropped', () => {
    presence.receive(ann, message(7, Number.MAX_SAFE_INTEGER, {}));
    expect(presence.size).toBe(0);
    presence.receive(ann, message(7, LIMITS.awarenessClock, {}));
    presence.restamp(ann);
    expect(readPresence(presence.all())).toMatchObject([{ clock: LIMITS.awarenessClock + 1 }]);
  });
});
