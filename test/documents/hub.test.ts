import { beforeEach, describe, expect, test } from '@jest/globals';
import * as Y from 'yjs';
import { Documents } from '../../src/documents/hub.ts';
import { LIMITS } from '../../src/documents/limits.ts';
import { silentLog } from '../../src/observe/log.ts';
import { ManualClock, settled } from '../support/manual-clock.ts';
import { MemoryLog } from '../support/memory-log.ts';
import { TestLink } from '../support/test-link.ts';
import { until } from '../support/until.ts';

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

const open = (options?: ConstructorParameters<typeof TestLink>[0]): Promise<TestLink> =>
  new TestLink(options).open(documents, FILE);

describe('edits', () => {
  test('[DOC5] reach the others before the acknowledgement, and not their sender', async () => {
    log.held = true;
    const [a, b] = [await open(), await open({ user: 'bob' })];
    a.text.insert(0, 'hello');
    expect(b.text.toString()).toBe('hello');
    expect(a.updates).toEqual([]);
    expect(documents.stats().unsaved).toBe(1);
    log.commit();
    await a.answers[0];
    expect(documents.stats().unsaved).toBe(0);
  });

  test('[DOC6] are acknowledged only after the commit', async () => {
    log.held = true;
    const a = await open();
    a.text.insert(0, 'x');
    const answered: string[] = [];
    void a.answers[0]?.then(() => answered.push('saved'));
    await clock.pass(500);
    expect(answered).toEqual([]);
    log.commit();
    await settled();
    expect(answered).toEqual(['saved']);
  });

  test('[DOC3] a repeated update is acknowledged with the first, and stored once', async () => {
    log.held = true;
    const a = await open();
    a.text.insert(0, 'x');
    const again = a.opened?.receive(Y.encodeStateAsUpdate(a.doc)) as Promise<void>;
    const answered: string[] = [];
    void again.then(() => answered.push('again'));
    await settled();
    expect(answered).toEqual([]);
    log.commit();
    await again;
    expect(log.appended).toHaveLength(1);
    expect(log.committed.get(FILE)).toHaveLength(2);
  });

  test('[DOC4] that build on what is not here are refused with the state vector, and the difference repairs it', async () => {
    const a = await open();
    const other = new Y.Doc();
    const updates: Uint8Array[] = [];
    other.on('update', (update: Uint8Array) => updates.push(update));
    other.getText('content').insert(0, 'first ');
    other.getText('content').insert(6, 'second');
    const refused = await a.opened?.receive(updates[1] as Uint8Array).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'malformed_update', details: { reason: 'missing_dependencies' } });
    const { stateVector } = (refused as { details: { stateVector: string } }).details;
    await a.opened?.receive(Y.encodeStateAsUpdate(other, Buffer.from(stateVector, 'base64')));
    expect(await documents.text(FILE)).toBe('first second');
  });

  test('[DOC2] that are broken change nothing', async () => {
    const a = await open();
    a.text.insert(0, 'whole');
    await Promise.all(a.answers);
    await expect(a.opened?.receive(Uint8Array.of(1, 2, 3))).rejects.toMatchObject({ code: 'malformed_update' });
    expect(await documents.text(FILE)).toBe('whole');
    expect(log.appended).toHaveLength(1);
  });

  test('[DOC22] over a limit are refused and change nothing', async () => {
    const a = await open();
    const huge = new Uint8Array(LIMITS.updateBytes + 1);
    await expect(a.opened?.receive(huge)).rejects.toMatchObject({ code: 'too_large' });
    log.held = true;
    const big = new Y.Doc();
    big.getText('content').insert(0, 'x'.repeat(LIMITS.updateBytes - 1000));
    const filler = Y.encodeStateAsUpdate(big);
    for (let sent = 0; sent + filler.length <= LIMITS.backlogBytes; sent += filler.length) {
      void log.append({ fileId: 'other', update: filler, actorId: null, source: 'edit' });
    }
    await expect(a.opened?.receive(filler)).rejects.toMatchObject({ code: 'not_saved' });
    expect(await documents.text(FILE)).toBe('');
  });

  test('[DOC21] of a reader are refused, each one, and a role that changes holds for the next', async () => {
    const reader = await open({ user: 'eve', canWrite: false });
    reader.text.insert(0, 'a');
    await expect(reader.answers[0]).rejects.toMatchObject({ code: 'read_only' });
    documents.regrant({ roomId: 'room', userId: 'eve' }, () => ({ role: 'collaborator', canWrite: true }));
    expect(reader.notices).toEqual([{ type: 'access', canWrite: true }]);
    await reader.opened?.receive(Y.encodeStateAsUpdate(reader.doc));
    documents.regrant({ roomId: 'room', userId: 'eve' }, () => ({ role: 'viewer', canWrite: false }));
    reader.text.insert(0, 'b');
    await expect(reader.answers[1]).rejects.toMatchObject({ code: 'read_only' });
    expect(await documents.text(FILE)).toBe('a');
  });

  test('[DOC24] by the server replace what differs and keep the others', async () => {
    const a = await open();
    a.text.insert(0, 'one two three');
    await Promise.all(a.answers);
    const position = Y.createRelativePositionFromTypeIndex(a.text, 8);
    await documents.replaceText(FILE, 'one 2 three', { actorId: 'bot', source: 'agent' });
    expect(a.text.toString()).toBe('one 2 three');
    expect(Y.createAbsolutePositionFromRelativePosition(position, a.doc)?.index).toBe(6);
    expect(log.appended.at(-1)).toMatchObject({ actorId: 'bot', source: 'agent' });
    expect(await documents.replaceText(FILE, 'one 2 three', { actorId: 'bot', source: 'agent' })).toBe(false);
    await documents.replaceText(FILE, 'one 😀 three', { actorId: 'bot', source: 'agent' });
    await documents.replaceText(FILE, 'one 😁 three', { actorId: 'bot', source: 'agent' });
    expect(a.text.toString()).toBe('one 😁 three');
  });
});

describe('trouble with the log', () => {
  test('[DOC7] clients are told when edits wait, and when they are saved; the document stays', async () => {
    const a = await open();
    log.held = true;
    a.text.insert(0, 'x');
    a.close();
    const b = await open({ user: 'bob' });
    await clock.pass(LIMITS.stallMs + LIMITS.tickMs);
    expect(b.notices).toEqual([{ type: 'saved', saved: false }]);
    b.close();
    await clock.pass(10 * LIMITS.lingerMs);
    expect(documents.stats()).toMatchObject({ documents: 1, unsaved: 1 });
    const c = await open({ user: 'cay' });
    log.commit();
    await clock.pass(2 * LIMITS.tickMs);
    expect(c.notices).toEqual([
      { type: 'saved', saved: false },
      { type: 'saved', saved: true },
    ]);
  });

  test('[DOC9] a document that is refused is closed and loaded anew; memory never differs from the log', async () => {
    const a = await open();
    log.refused.add(FILE);
    a.text.insert(0, 'lost');
    await expect(a.answers[0]).rejects.toThrow('refused');
    expect(a.notices).toEqual([{ type: 'closed', reason: 'failed' }]);
    expect(await documents.text(FILE)).toBe('');
    expect(log.loads).toBe(2);
  });

  test('[DOC12] a load that fails yields no document and never a store', async () => {
    log.failLoads = new Error('away');
    await expect(open()).rejects.toMatchObject({ code: 'unavailable' });
    await expect(documents.text(FILE)).rejects.toMatchObject({ code: 'unavailable' });
    await clock.pass(60_000);
    expect(log.versions).toEqual([]);
    expect(documents.stats().documents).toBe(0);
    log.failLoads = undefined;
    expect((await open()).text.toString()).toBe('');
  });

  test('[DOC10] a drain says whether everything was saved', async () => {
    const a = await open();
    a.text.insert(0, 'x');
    await Promise.all(a.answers);
    expect(await documents.drain()).toBe(true);
    expect(log.versions).toMatchObject([{ content: 'x', authorId: 'ann' }]);
    expect(a.notices).toEqual([{ type: 'closed', reason: 'draining' }]);
    await expect(open()).rejects.toMatchObject({ code: 'draining' });
    expect(clock.timers).toBe(0);
  });

  test('[DOC10] a drain that could not save says so', async () => {
    const a = await open();
    log.held = true;
    a.text.insert(0, 'x');
    expect(await documents.drain()).toBe(false);
  });
});

describe('life cycle', () => {
  test('[DOC11] many first joiners share one document, loaded once', async () => {
    const links = await Promise.all(Array.from({ length: 20 }, () => open()));
    expect(log.loads).toBe(1);
    links[0]?.text.insert(0, 'x');
    await until(() => links.every((link) => link.text.toString() === 'x'));
    expect(documents.stats()).toMatchObject({ documents: 1, links: 20 });
  });

  test('[DOC15] a document that nobody has open leaves memory, and comes back the same', async () => {
    const a = await open();
    a.text.insert(0, 'kept');
    a.close();
    await clock.pass(2 * LIMITS.lingerMs);
    expect(documents.stats()).toMatchObject({ documents: 0, links: 0, bytes: 0 });
    expect(log.versions).toMatchObject([{ content: 'kept' }]);
    expect(log.committed.get(FILE)).toHaveLength(1);
    expect((await open()).text.toString()).toBe('kept');
  });

  test('[DOC15] somebody who comes back while it is on its way out gets a document that works', async () => {
    for (let round = 0; round < 30; round++) {
      const a = await open();
      a.text.insert(0, '.');
      a.close();
      const passing = clock.pass(LIMITS.lingerMs + LIMITS.tickMs);
      for (let i = 0; i < round; i++) await Promise.resolve();
      const b = await open({ user: 'bob' });
      b.text.insert(0, ',');
      await passing;
      await Promise.all(b.answers);
      b.close();
    }
    expect(await documents.text(FILE)).toHaveLength(60);
  });

  test('[DOC13] the lineage is the stored one', async () => {
    expect((await open()).opened?.lineage).toBe('lineage of file');
  });

  test('[DOC15] a thousand documents opened and closed leave nothing behind', async () => {
    for (let i = 0; i < 1000; i++) {
      log.create(`f${i}`);
      const link = await new TestLink().open(documents, `f${i}`);
      link.text.insert(0, 'x');
      link.close();
      link.doc.destroy();
    }
    await clock.pass(2 * LIMITS.lingerMs);
    expect(documents.stats()).toEqual({ documents: 0, links: 0, cursors: 0, bytes: 0, unsaved: 0, backlogBytes: 0 });
  });
});

test('[DOC15] thousands of edits without a pause are folded while people type', async () => {
  const a = await open();
  for (let round = 0; round < 4; round++) {
    for (let i = 0; i < LIMITS.foldAfter; i++) a.text.insert(a.text.length, 'x');
    await clock.pass(2 * LIMITS.tickMs);
  }
  expect(documents.stats().bytes).toBeLessThan(10 * LIMITS.foldAfter);
  expect((await open({ user: 'bob' })).text.length).toBe(4 * LIMITS.foldAfter);
});

describe('versions', () => {
  test('[DOC23] after some quiet, once', async () => {
    const a = await open();
    a.text.insert(0, 'x');
    await clock.pass(LIMITS.quietMs - LIMITS.tickMs);
    expect(log.versions).toHaveLength(0);
    await clock.pass(2 * LIMITS.tickMs);
    expect(log.versions).toMatchObject([{ fileId: FILE, content: 'x', kind: 'auto', authorId: 'ann' }]);
    await clock.pass(60_000);
    expect(log.versions).toHaveLength(1);
  });

  test('[DOC23] now and then while people keep typing', async () => {
    const a = await open();
    for (let i = 0; i < 70; i++) {
      a.text.insert(0, 'x');
      await clock.pass(1000);
    }
    expect(log.versions).toHaveLength(2);
  });

  test('[DOC23] a version that could not be written is written later, with what came meanwhile', async () => {
    const a = await open();
    log.failVersions = new Error('away');
    a.text.insert(0, 'a');
    await clock.pass(LIMITS.quietMs + 2 * LIMITS.tickMs);
    a.text.insert(1, 'b');
    await clock.pass(LIMITS.quietMs);
    log.failVersions = undefined;
    await clock.pass(LIMITS.quietMs + LIMITS.retryMs);
    expect(log.versions).toMatchObject([{ content: 'ab' }]);
  });
});
