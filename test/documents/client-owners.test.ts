// Whose the Yjs client ids are: stored with their first edit, and kept from others.
import { beforeEach, describe, expect, test } from '@jest/globals';
import * as Y from 'yjs';
import { Documents } from '../../src/documents/hub.ts';
import { LIMITS } from '../../src/documents/limits.ts';
import { silentLog } from '../../src/observe/log.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { MemoryLog } from '../support/memory-log.ts';
import { TestLink } from '../support/test-link.ts';

const FILE = 'file';
let log: MemoryLog;
let documents: Documents;

const start = (): Documents => new Documents({ log, versions: log, clock: new ManualClock(), logger: silentLog });
const open = (user: string): Promise<TestLink> => new TestLink({ user }).open(documents, FILE);

beforeEach(() => {
  log = new MemoryLog();
  log.create(FILE);
  documents = start();
});

/** An edit at the next clock of somebody else’s id, as one who has read the document can make it. */
function forged(victim: Y.Doc, text: string): Uint8Array {
  const doc = new Y.Doc();
  Y.applyUpdate(doc, Y.encodeStateAsUpdate(victim));
  doc.clientID = victim.clientID;
  const before = Y.encodeStateVector(doc);
  doc.getText('content').insert(0, text);
  return Y.encodeStateAsUpdate(doc, before);
}

const FOREIGN = { code: 'malformed_update', details: { reason: 'foreign_client' } };

describe('a client id', () => {
  test('[DOC30] is stored with the user of its first edit, once', async () => {
    const ann = await open('ann');
    for (const piece of ['a', 'b', 'c']) ann.text.insert(0, piece);
    const bob = await open('bob');
    bob.text.insert(0, 'd');
    await Promise.all([...ann.answers, ...bob.answers]);
    expect(log.claims.get(FILE)).toEqual([
      { clientId: ann.doc.clientID, userId: 'ann' },
      { clientId: bob.doc.clientID, userId: 'bob' },
    ]);
  });

  test('[DOC30] of somebody who is here takes nobody else’s edits, so that its own next one is not lost', async () => {
    const ann = await open('ann');
    ann.text.insert(0, 'ann ');
    const eve = await open('eve');
    await expect(eve.opened?.receive(forged(ann.doc, 'evil'))).rejects.toMatchObject(FOREIGN);
    ann.text.insert(4, 'wrote this');
    await Promise.all(ann.answers);
    expect(await documents.text(FILE)).toBe('ann wrote this');
    expect(eve.text.toString()).toBe('ann wrote this');
  });

  test('[DOC30] under which only a cursor was seen is kept as well', async () => {
    const ann = await open('ann');
    const awareness = Uint8Array.of(1, ...varUint(ann.doc.clientID), 1, 2, 0x7b, 0x7d);
    ann.opened?.receivePresence(awareness);
    const eve = await open('eve');
    await expect(eve.opened?.receive(forged(ann.doc, 'evil'))).rejects.toMatchObject(FOREIGN);
  });

  test('[DOC30] stays its owner’s when the owner is away, and after a restart', async () => {
    const ann = await open('ann');
    ann.text.insert(0, 'ann ');
    await Promise.all(ann.answers);
    ann.close();
    ann.text.insert(4, 'offline');
    const before = await open('eve');
    const bare = new Y.Doc();
    Y.applyUpdate(bare, Y.encodeStateAsUpdate(before.doc));
    bare.clientID = ann.doc.clientID;
    for (const restarted of [false, true]) {
      if (restarted) documents = start();
      const eve = await open('eve');
      await expect(eve.opened?.receive(forged(bare, 'evil'))).rejects.toMatchObject(FOREIGN);
    }
    const back = await new TestLink({ user: 'ann' }).open(documents, FILE);
    await back.opened?.receive(Y.encodeStateAsUpdate(ann.doc));
    expect(await documents.text(FILE)).toBe('ann offline');
  });

  test('[DOC16] shows no cursor of another user', async () => {
    const ann = await open('ann');
    ann.text.insert(0, 'x');
    await Promise.all(ann.answers);
    ann.close();
    documents = start();
    const eve = await open('eve');
    eve.opened?.receivePresence(Uint8Array.of(1, ...varUint(ann.doc.clientID), 9, 2, 0x7b, 0x7d));
    expect(documents.stats().cursors).toBe(0);
    const back = await open('ann');
    back.opened?.receivePresence(Uint8Array.of(1, ...varUint(ann.doc.clientID), 1, 2, 0x7b, 0x7d));
    expect(documents.stats().cursors).toBe(1);
  });
});

describe('after a crash', () => {
  /** Ann's edit has reached Bob, who goes on from it, and neither is committed when the server dies. */
  async function crash(first: string): Promise<{ ann: TestLink; bob: TestLink }> {
    const [ann, bob] = [await open('ann'), await open('bob')];
    if (first) ann.text.insert(0, first);
    await Promise.all(ann.answers);
    log.held = true;
    ann.text.insert(ann.text.length, 'lost ');
    bob.text.insert(bob.text.length, 'built on it');
    log = Object.assign(new MemoryLog(), { committed: log.committed, claims: log.claims });
    documents = start();
    return { ann, bob };
  }

  test.each(['', 'kept '])(
    '[DOC30] somebody else brings what its author can send no more, and the author goes on (begun with "%s")',
    async (first) => {
      const { ann, bob } = await crash(first);
      await bob.open(documents, FILE);
      await bob.opened?.receive(Y.encodeStateAsUpdate(bob.doc));
      expect(await documents.text(FILE)).toBe(`${first}lost built on it`);
      await ann.open(documents, FILE);
      await ann.opened?.receive(Y.encodeStateAsUpdate(ann.doc));
      ann.text.insert(0, '> ');
      await ann.answers.at(-1);
      expect(await documents.text(FILE)).toBe(`> ${first}lost built on it`);
      expect(log.claims.get(FILE)?.filter(({ clientId }) => clientId === ann.doc.clientID)).toEqual([
        { clientId: ann.doc.clientID, userId: 'ann' },
      ]);
    },
  );

  test('[DOC30] two who built on each other’s lost edits bring them back, and nothing beyond what each has said', async () => {
    const { ann, bob } = await crash('kept ');
    const forger = new Y.Doc();
    Y.applyUpdate(forger, Y.encodeStateAsUpdate(bob.doc));
    forger.clientID = ann.doc.clientID;
    forger.getText('content').insert(0, 'evil');
    for (const link of [ann, bob]) {
      await link.open(documents, FILE);
      link.opened?.receivePresence(Uint8Array.of(1, ...varUint(link.doc.clientID), 1, 2, 0x7b, 0x7d));
    }
    await expect(bob.opened?.receive(Y.encodeStateAsUpdate(forger))).rejects.toMatchObject(FOREIGN);
    await bob.opened?.receive(Y.encodeStateAsUpdate(bob.doc));
    await ann.opened?.receive(Y.encodeStateAsUpdate(ann.doc));
    expect(await documents.text(FILE)).toBe('kept lost built on it');
  });

  test('[DOC30] an author who is here and has not said what there is comes first', async () => {
    const { ann, bob } = await crash('kept ');
    const fresh = await open('ann');
    fresh.opened?.receivePresence(Uint8Array.of(1, ...varUint(ann.doc.clientID), 1, 2, 0x7b, 0x7d));
    await bob.open(documents, FILE);
    await expect(bob.opened?.receive(Y.encodeStateAsUpdate(bob.doc))).rejects.toMatchObject(FOREIGN);
    await fresh.opened?.receive(Y.encodeStateAsUpdate(ann.doc));
    await bob.opened?.receive(Y.encodeStateAsUpdate(bob.doc));
    expect(await documents.text(FILE)).toBe('kept lost built on it');
  });
});

describe('the server’s own edits', () => {
  const replace = (text: string): Promise<boolean> =>
    documents.replaceText(FILE, text, { actorId: 'bot', source: 'agent' });

  test('[DOC28] have one client id for as long as the document is in memory, which nobody else writes with', async () => {
    for (let i = 0; i < 50; i++) await replace(`text ${i}`);
    const reader = await open('eve');
    reader.text.insert(0, 'eve ');
    // Merged and read anew in between: the Y.Doc behind it is another one.
    for (let i = 0; i < 50; i++) await replace(`${await documents.text(FILE)}.`);
    const clients = Y.decodeStateVector(Y.encodeStateVector(reader.doc));
    expect(clients.size).toBe(2);
    const [own] = log.claims.get(FILE) as [{ clientId: number; userId: string | null }];
    expect(own.userId).toBeNull();
    const forger = new Y.Doc();
    Y.applyUpdate(forger, Y.encodeStateAsUpdate(reader.doc));
    forger.clientID = own.clientId;
    await expect(reader.opened?.receive(forged(forger, 'evil'))).rejects.toMatchObject(FOREIGN);
  });
});

test('[DOC22] one connection begins to write with so many client ids at most', async () => {
  const ann = await open('ann');
  const write = async (): Promise<void> => {
    const doc = new Y.Doc();
    doc.getText('content').insert(0, '.');
    await ann.opened?.receive(Y.encodeStateAsUpdate(doc));
  };
  for (let i = 0; i < LIMITS.claimsPerLink; i++) await write();
  await expect(write()).rejects.toMatchObject({ code: 'limit_exceeded' });
});

function varUint(value: number): number[] {
  const bytes: number[] = [];
  let left = value;
  for (; left > 0x7f; left = Math.floor(left / 128)) bytes.push(0x80 | (left % 128));
  return [...bytes, left];
}
