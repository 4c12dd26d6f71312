// A document that the server refuses something: rights, missing dependencies, limits, closing. What is tried again, what
// waits, and what is final.
import { expect, test } from '@jest/globals';
import * as Y from 'yjs';
import type { DocumentStatus } from '../../src/client/index.ts';
import { until } from '../support/until.ts';
import { FILE_ID, held, ok, refusal } from './fake-server.ts';
import { codeOf, online, openDocument, startServer } from './session.ts';

test('read_only keeps the text, stops sending, and sends all of it when the right comes back', async () => {
  const { server, document } = await openDocument();
  server.respond.set('doc.update', () => refusal('read_only'));
  document.text.insert(0, 'mine');
  expect(await codeOf(document.saved())).toBe('read_only');
  expect(document.status).toMatchObject({ phase: 'open', canWrite: false, saved: 'not_saved', pending: 1 });
  expect(document.status.error?.code).toBe('read_only');
  document.text.insert(4, ' too');
  expect(await codeOf(document.saved())).toBe('read_only');
  server.edit((text) => text.insert(0, 'theirs '));
  await until(() => document.text.toJSON().includes('theirs'));
  expect(server.calls('doc.update')).toHaveLength(1);
  server.respond.clear();
  server.emit('doc.access', { fileId: FILE_ID, canWrite: true });
  await until(() => document.status.pending === 0);
  expect(document.status).toEqual({ phase: 'open', canWrite: true, saved: 'saved', pending: 0, synced: true });
  expect(server.text).toBe(document.text.toJSON());
});

test('a right taken away live stops what is not sent yet, and what is on the wire still counts', async () => {
  const { server, document } = await openDocument();
  const { answer, give } = held();
  server.respond.set('doc.update', () => answer);
  document.text.insert(0, 'sent');
  await until(() => server.calls('doc.update').length === 1);
  server.emit('doc.access', { fileId: FILE_ID, canWrite: false });
  await until(() => !document.status.canWrite);
  expect(document.status).toMatchObject({ saved: 'saving', pending: 1 });
  const saved = document.saved();
  document.text.insert(0, 'not sent ');
  expect(document.status).toMatchObject({ saved: 'not_saved', pending: 2, error: { code: 'read_only' } });
  expect(await codeOf(document.saved())).toBe('read_only');
  give(ok({ saved: true }));
  expect(await codeOf(saved)).toBe('resolved');
  expect(document.status).toMatchObject({ saved: 'not_saved', pending: 1 });
  expect(server.calls('doc.update')).toHaveLength(1);
});

test('missing dependencies are sent once from the state vector the server gave', async () => {
  const { server, document } = await openDocument();
  const stateVector = Buffer.from(Y.encodeStateVector(server.doc)).toString('base64');
  let refused = 0;
  server.respond.set('doc.update', ({ update }) => {
    if (refused++ === 0) return refusal('malformed_update', { reason: 'missing_dependencies', stateVector });
    Y.applyUpdate(server.doc, update);
    return ok({ saved: true });
  });
  document.text.insert(0, 'all of it');
  await document.saved();
  expect(server.calls('doc.open')).toHaveLength(1);
  expect(server.calls('doc.update')).toHaveLength(2);
  expect(server.text).toBe('all of it');
});

test('missing dependencies that a repair does not mend lead to another open', async () => {
  const { server, document } = await openDocument();
  const stateVector = Buffer.from(Y.encodeStateVector(server.doc)).toString('base64');
  const missing = refusal('malformed_update', { reason: 'missing_dependencies', stateVector });
  server.respond.set('doc.update', () => missing);
  document.text.insert(0, 'all of it');
  await until(() => server.calls('doc.update').length === 2);
  server.respond.clear();
  await document.saved();
  expect(server.calls('doc.open')).toHaveLength(2);
});

test('an update that will never be taken blocks until a further edit changes it', async () => {
  const { server, document } = await openDocument();
  server.respond.set('doc.update', () => refusal('too_large', { limit: 1 }));
  document.text.insert(0, 'far too much');
  expect(await codeOf(document.saved())).toBe('too_large');
  expect(document.status).toMatchObject({ phase: 'open', saved: 'not_saved', error: { code: 'too_large' } });
  server.respond.clear();
  document.text.delete(0, 8);
  await until(() => document.status.saved === 'saved');
  expect(server.text).toBe('much');
});

test('not_saved by the server is tried again by itself', async () => {
  const { server, document } = await openDocument();
  server.respond.set('doc.update', () => refusal('not_saved'));
  document.text.insert(0, 'kept');
  await until(() => document.status.saved === 'not_saved');
  server.respond.clear();
  await document.saved();
  expect(server.text).toBe('kept');
  expect(document.status.error).toBeUndefined();
});

test.each([
  ['deleted', 'not_found'],
  ['forbidden', 'forbidden'],
])('closed by the server as %s is final', async (reason, code) => {
  const { server, document } = await openDocument('text');
  const statuses: DocumentStatus[] = [];
  document.onStatus((status) => statuses.push(status));
  server.emit('doc.closed', { fileId: FILE_ID, reason });
  await until(() => document.status.phase === 'refused');
  expect(document.status.error?.code).toBe(code);
  expect(await codeOf(document.ready())).toBe(code);
  expect(document.text.toJSON()).toBe('text');
  expect(statuses.at(-1)).toBe(document.status);
});

test.each(['resync', 'failed', 'draining'])(
  'closed by the server for %s is opened again with what is held',
  async (reason) => {
    const { server, document } = await openDocument('text');
    server.respond.set('doc.update', () => undefined);
    document.text.insert(0, 'my ');
    await until(() => server.calls('doc.update').length === 1);
    server.respond.clear();
    server.emit('doc.closed', { fileId: FILE_ID, reason });
    await until(() => server.text === 'my text');
    await document.saved();
    expect(server.calls('doc.open')).toHaveLength(2);
  },
);

test.each(['forbidden', 'not_found', 'not_joined'])('%s at the first open refuses the document', async (code) => {
  const server = await startServer();
  server.respond.set('doc.open', () => refusal(code));
  const document = (await online(server)).openDocument(FILE_ID);
  expect(await codeOf(document.ready())).toBe(code);
  expect(document.status).toMatchObject({ phase: 'refused', error: { code } });
});

test('an open that fails is tried again', async () => {
  const server = await startServer();
  server.respond.set('doc.open', () => refusal('internal'));
  const document = (await online(server)).openDocument(FILE_ID);
  await until(() => document.status.error?.code === 'internal');
  server.respond.clear();
  await document.ready();
  expect(document.status).toMatchObject({ phase: 'open' });
  expect(document.status.error).toBeUndefined();
});
