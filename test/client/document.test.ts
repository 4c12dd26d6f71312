// A document against the protocol: what is sent when, what counts as saved, and what is never merged.
import { expect, test } from '@jest/globals';
import * as Y from 'yjs';
import { until } from '../support/until.ts';
import { type FakeServer, FILE_ID, held, LINEAGE, ok, refusal } from './fake-server.ts';
import { codeOf, connectTo, online, openDocument, startServer } from './session.ts';

/** The text that somebody has who got these updates and nothing else. */
function textOf(updates: readonly Uint8Array[]): string {
  const doc = new Y.Doc();
  for (const update of updates) Y.applyUpdate(doc, update);
  return doc.getText('content').toJSON();
}

const updatesAt = (server: FakeServer): Uint8Array[] => server.calls('doc.update').map(({ payload }) => payload.update);

/** Loses the connection until the returned function is called. */
function unplug(server: FakeServer): () => void {
  server.refuse = { code: 'unavailable', message: 'unplugged' };
  server.cut();
  return () => {
    server.refuse = undefined;
  };
}

test('opening gives the text; others’ edits arrive under the document’s origin', async () => {
  const { server, document } = await openDocument('hello');
  expect(document.text.toJSON()).toBe('hello');
  expect(document.status).toEqual({ phase: 'open', canWrite: true, saved: 'saved', pending: 0, synced: true });
  const origins: unknown[] = [];
  document.text.observe((_event, { origin }) => origins.push(origin));
  server.edit((text) => text.insert(5, ' world'));
  await until(() => document.text.toJSON() === 'hello world');
  expect(origins).toEqual([document]);
  expect(server.calls('doc.update')).toEqual([]);
});

test('edits of one turn go out as one message, and are saved when that is answered', async () => {
  const { server, document } = await openDocument();
  const { answer, give } = held();
  server.respond.set('doc.update', () => answer);
  for (const letter of 'abc') document.text.insert(document.text.length, letter);
  let saved = false;
  const waiting = document.saved().then(() => {
    saved = true;
  });
  await until(() => server.calls('doc.update').length === 1);
  expect(document.status).toMatchObject({ saved: 'saving', pending: 3 });
  expect(textOf(updatesAt(server))).toBe('abc');
  expect(saved).toBe(false);
  give(ok({ saved: true }));
  await waiting;
  expect(document.status).toMatchObject({ saved: 'saved', pending: 0 });
  await document.saved();
});

test('while a batch is on the wire further edits are merged and do not wait for its answer', async () => {
  const { server, client, document } = await openDocument();
  const answers = [held(), held()];
  server.respond.set('doc.update', () => answers[server.calls('doc.update').length - 1]!.answer);
  document.text.insert(0, 'a');
  await until(() => server.calls('doc.update').length === 1);
  for (const letter of 'bcdef') document.text.insert(document.text.length, letter);
  await until(() => server.calls('doc.update').length === 2);
  expect(textOf(updatesAt(server))).toBe('abcdef');
  // The second answer comes first: nothing is saved before everything ahead of it is.
  answers[1]!.give(ok({ saved: true }));
  await client.call('room.leave', { roomId: FILE_ID });
  expect(document.status).toMatchObject({ saved: 'saving', pending: 6 });
  answers[0]!.give(ok({ saved: true }));
  await document.saved();
  expect(document.status.pending).toBe(0);
});

test('edits made offline, on both sides, are merged on reconnect, and the difference is sent once', async () => {
  const { server, client, document } = await openDocument('middle');
  const plug = unplug(server);
  await until(() => document.status.phase === 'offline');
  expect(document.status.saved).toBe('saved');
  document.text.insert(0, 'start ');
  document.text.insert(document.text.length, ' end');
  expect(document.status).toMatchObject({ saved: 'not_saved', pending: 2 });
  server.edit((text) => text.insert(3, '-'));
  const saved = document.saved();
  plug();
  client.retryNow();
  await saved;
  expect(document.text.toJSON()).toBe('start mid-dle end');
  expect(server.text).toBe('start mid-dle end');
  expect(server.calls('doc.update')).toHaveLength(1);
  const [, reopened] = server.calls('doc.open');
  expect(reopened?.payload).toMatchObject({ lineage: LINEAGE });
  expect(reopened?.payload.stateVector.length).toBeGreaterThan(1);
  expect(document.status).toMatchObject({ phase: 'open', saved: 'saved', pending: 0 });
});

test('an edit whose acknowledgement was lost is not doubled, and counts as saved only after one', async () => {
  const { server, client, document } = await openDocument();
  server.respond.set('doc.update', ({ update }) => {
    Y.applyUpdate(server.doc, update);
    return undefined;
  });
  document.text.insert(0, 'once');
  await until(() => server.text === 'once');
  const { answer, give } = held();
  server.respond.set('doc.update', () => answer);
  server.cut();
  await until(() => document.status.phase === 'offline');
  client.retryNow();
  await until(() => server.calls('doc.update').length === 2);
  expect(document.status).toMatchObject({ phase: 'open', saved: 'saving', pending: 1 });
  give(ok({ saved: true }));
  await document.saved();
  expect(textOf(updatesAt(server))).toBe('once');
});

test('a deletion made offline reaches the server, although no state vector tells of it', async () => {
  const { server, client, document } = await openDocument('abc');
  const plug = unplug(server);
  await until(() => document.status.phase === 'offline');
  document.text.delete(0, 2);
  plug();
  client.retryNow();
  await document.saved();
  expect(server.text).toBe('c');
});

test('what a server has lost of others’ edits is given back to it', async () => {
  const { server, client, document } = await openDocument('abc');
  server.edit((text) => text.insert(3, 'd'));
  await until(() => document.text.toJSON() === 'abcd');
  server.doc = new Y.Doc();
  server.cut();
  await until(() => document.status.phase === 'offline');
  client.retryNow();
  await until(() => server.text === 'abcd');
});

test('a document opened and typed in before there is a connection is merged with what is there', async () => {
  const server = await startServer();
  server.doc.getText('content').insert(0, 'there');
  const client = connectTo(server);
  const document = client.openDocument(FILE_ID);
  expect(document.status).toMatchObject({ phase: 'opening', synced: false });
  document.text.insert(0, 'here ');
  await document.ready();
  await document.saved();
  expect(server.text).toBe(document.text.toJSON());
  expect(server.text).toMatch(/here /);
  expect(server.text).toMatch(/there/);
});

test('edits of others that overtake the answer to doc.open wait for it', async () => {
  const server = await startServer();
  const client = await online(server);
  const { answer, give } = held();
  server.respond.set('doc.open', () => answer);
  const document = client.openDocument(FILE_ID);
  await until(() => server.calls('doc.open').length === 1);
  const opened = server.opened();
  server.edit((text) => text.insert(0, 'early'));
  server.emit('doc.access', { fileId: FILE_ID, canWrite: false });
  await client.call('room.leave', { roomId: FILE_ID });
  expect(document.text.toJSON()).toBe('');
  give(opened);
  await document.ready();
  expect(document.text.toJSON()).toBe('early');
  expect(document.status.canWrite).toBe(false);
});

test.each(['answer', 'error'])('another lineage, told by an %s, is never merged', async (how) => {
  const { server, client, document } = await openDocument('old text');
  const plug = unplug(server);
  await until(() => document.status.phase === 'offline');
  document.text.insert(0, 'my ');
  server.doc = new Y.Doc();
  server.doc.getText('content').insert(0, 'new text');
  server.lineage = '00000000-0000-4000-8000-0000000000ff';
  if (how === 'error') server.respond.set('doc.open', () => refusal('lineage_changed'));
  const saved = codeOf(document.saved());
  plug();
  client.retryNow();
  expect(await saved).toBe('lineage_changed');
  expect(document.status).toMatchObject({ phase: 'refused', saved: 'not_saved', canWrite: false, pending: 1 });
  expect(document.status.error?.code).toBe('lineage_changed');
  expect(document.text.toJSON()).toBe('my old text');
  expect(server.calls('doc.update')).toEqual([]);
  server.respond.clear();
  const fresh = client.openDocument(FILE_ID);
  await fresh.ready();
  expect(fresh).not.toBe(document);
  expect(fresh.text.toJSON()).toBe('new text');
  document.close();
  server.edit((text) => text.insert(0, 'a '));
  await until(() => fresh.text.toJSON() === 'a new text');
});

test('the light shows what the server says of saving, and that an acknowledgement is overdue', async () => {
  const { server, document } = await openDocument();
  server.emit('doc.saved', { fileId: FILE_ID, saved: false });
  await until(() => document.status.saved === 'not_saved');
  server.emit('doc.saved', { fileId: FILE_ID, saved: true });
  await until(() => document.status.saved === 'saved');
  const { answer, give } = held();
  server.respond.set('doc.update', () => answer);
  document.text.insert(0, 'a');
  const before = performance.now();
  expect(document.status.saved).toBe('saving');
  await until(() => document.status.saved === 'not_saved');
  expect(performance.now() - before).toBeGreaterThan(1_900);
  give(ok({ saved: true }));
  await until(() => document.status.saved === 'saved');
});

test('holders share one document, which closes with the last of them and sends what was typed', async () => {
  const { server, client, document } = await openDocument();
  expect(client.openDocument(FILE_ID)).toBe(document);
  document.close();
  expect(document.status.phase).toBe('open');
  document.text.insert(0, 'last words');
  document.close();
  document.close();
  expect(document.status.phase).toBe('closed');
  expect(await codeOf(document.saved())).toBe('offline');
  await until(() => server.calls('doc.close').length === 1);
  expect(server.text).toBe('last words');
  expect(document.text.toJSON()).toBe('last words');
  const again = client.openDocument(FILE_ID);
  await again.ready();
  expect(again.text.toJSON()).toBe('last words');
});
