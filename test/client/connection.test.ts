// Connecting, calling, losing the connection: every promise settles, and nothing stays behind.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from '@jest/globals';
import { type ConnectionState, createGuest, type StateInfo } from '../../src/client/index.ts';
import { until } from '../support/until.ts';
import { FILE_ID, held, ok, refusal } from './fake-server.ts';
import { codeOf, connectTo, onEnd, online, startServer } from './session.ts';

const silence = () => undefined;

test('a call made while connecting waits for the connection and gives the answer’s data', async () => {
  const server = await startServer();
  server.respond.set('me.get', () => ok({ user: { id: 'u', displayName: 'Ada', kind: 'guest' } }));
  const client = connectTo(server);
  expect(client.state).toBe('connecting');
  expect((await client.call('me.get', {})).user.displayName).toBe('Ada');
  expect(client.state).toBe('online');
});

test('a refused call rejects with the server’s code and details', async () => {
  const server = await startServer();
  server.respond.set('file.list', () => refusal('forbidden', { role: 'viewer' }));
  const client = await online(server);
  const call = client.call('file.list', { roomId: FILE_ID });
  await expect(call).rejects.toMatchObject({ name: 'CoderoomError', code: 'forbidden', details: { role: 'viewer' } });
});

test('an answer that is not one rejects as unavailable', async () => {
  const server = await startServer();
  server.respond.set('me.get', () => ({ surprise: true }));
  const client = await online(server);
  expect(await codeOf(client.call('me.get', {}))).toBe('unavailable');
});

test('a call that is never answered ends with timeout', async () => {
  const server = await startServer();
  server.respond.set('me.get', silence);
  const client = await online(server, { timeoutMs: 50 });
  expect(await codeOf(client.call('me.get', {}))).toBe('timeout');
});

test('a call under way when the connection is lost ends with offline, and the next one at once', async () => {
  const server = await startServer();
  server.respond.set('me.get', silence);
  const client = await online(server);
  const call = client.call('me.get', {});
  await until(() => server.calls('me.get').length === 1);
  server.refuse = { code: 'unavailable', message: 'not now' };
  server.cut();
  expect(await codeOf(call)).toBe('offline');
  await until(() => client.state === 'offline');
  expect(await codeOf(client.call('me.get', {}))).toBe('offline');
});

test('a lost connection comes back by itself, without a call being repeated', async () => {
  const server = await startServer();
  const client = await online(server);
  const states: [ConnectionState, StateInfo?][] = [];
  client.onState((state, info) => states.push(info ? [state, info] : [state]));
  server.respond.set('file.write', silence);
  const call = codeOf(client.call('file.write', { fileId: FILE_ID, content: '' }));
  await until(() => server.calls('file.write').length === 1);
  server.cut();
  await until(() => states.at(-1)?.[0] === 'online');
  expect(await call).toBe('offline');
  expect(states.map(([state]) => state)).toEqual(['offline', 'connecting', 'online']);
  expect(states[0]?.[1]?.retryInMs).toBeGreaterThan(0);
  expect(states[0]?.[1]?.error?.code).toBe('offline');
  expect(server.calls('file.write')).toHaveLength(1);
});

test('a client that starts before its server gets through', async () => {
  const server = await startServer();
  await server.stop();
  const client = connectTo(server);
  await until(() => client.state === 'offline');
  await server.listen();
  client.retryNow();
  await until(() => client.state === 'online', { timeoutMs: 2_000 });
});

test.each(['unauthenticated', 'session_ended'])('%s ends the client for good', async (code) => {
  const server = await startServer();
  server.refuse = { code, message: 'no' };
  const client = connectTo(server);
  const infos: (StateInfo | undefined)[] = [];
  client.onState((_state, info) => infos.push(info));
  const document = client.openDocument(FILE_ID);
  const promises = [client.join('ABCDEFGH'), client.call('me.get', {}), document.ready()];
  expect(await Promise.all(promises.map(codeOf))).toEqual([code, code, code]);
  expect(client.state).toBe('ended');
  expect(infos.map((info) => info?.error?.code)).toEqual([code]);
  expect(document.status).toMatchObject({ phase: 'refused' });
  expect(await codeOf(client.openDocument(FILE_ID).ready())).toBe(code);
});

test('another refusal is tried again', async () => {
  const server = await startServer();
  server.refuse = { code: 'rate_limited', message: 'slow down' };
  const client = connectTo(server);
  await until(() => client.state === 'offline');
  server.refuse = undefined;
  await until(() => client.state === 'online');
});

test('a draining server is left at the time it gave and calls still reach it until then', async () => {
  const server = await startServer();
  const client = await online(server);
  const states: ConnectionState[] = [];
  client.onState((state, info) => states.push(state) && expect(info?.error).toBeUndefined());
  server.emit('server.draining', { reconnectAfterMs: 200 });
  await until(() => client.state === 'draining');
  await client.call('me.get', {});
  await until(() => server.connections === 2 && client.state === 'online');
  expect(states).toEqual(['draining', 'connecting', 'online']);
});

test('a draining server that hangs up is not tried before its time', async () => {
  const server = await startServer();
  const client = await online(server);
  server.emit('server.draining', { reconnectAfterMs: 60_000 });
  await until(() => client.state === 'draining');
  server.cut();
  await until(() => server.sockets === 0);
  expect(await codeOf(client.call('me.get', {}))).toBe('offline');
  expect(client.state).toBe('draining');
  client.retryNow();
  await until(() => client.state === 'online');
});

test('polling alone will do', async () => {
  const server = await startServer();
  const client = await online(server, { transports: ['polling'] });
  await expect(client.call('room.leave', { roomId: FILE_ID })).resolves.toEqual({});
});

test('events reach their listeners with binary as Uint8Array until they are removed', async () => {
  const server = await startServer();
  const client = await online(server);
  const seen: unknown[] = [];
  const remove = client.on('doc.update', ({ update }) => seen.push(Object.getPrototypeOf(update), [...update]));
  server.emit('doc.update', { fileId: FILE_ID, update: Buffer.from([1, 2]) });
  await until(() => seen.length === 2);
  expect(seen).toEqual([Uint8Array.prototype, [1, 2]]);
  remove();
  remove();
  server.emit('doc.update', { fileId: FILE_ID, update: Buffer.from([3]) });
  await client.call('room.leave', { roomId: FILE_ID });
  expect(seen).toHaveLength(2);
});

test('close settles what is under way and leaves no timer and no connection', async () => {
  const server = await startServer();
  const timers = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
  const before = timers();
  const client = await online(server);
  const { answer, give } = held();
  server.respond.set('me.get', () => answer);
  const document = client.openDocument(FILE_ID);
  await document.ready();
  document.text.insert(0, 'typed');
  document.awareness.setLocalStateField('cursor', 1);
  const call = codeOf(client.call('me.get', {}));
  await client.close();
  await client.close();
  expect(await call).toBe('offline');
  expect(client.state).toBe('ended');
  expect(document.status.phase).toBe('closed');
  expect(await codeOf(client.join('ABCDEFGH'))).toBe('offline');
  await until(() => server.sockets === 0);
  expect(server.text).toBe('typed');
  give(ok());
  await until(() => timers() <= before, { what: 'no timer to be left' });
});

test('createGuest without a server says offline', async () => {
  const server = await startServer();
  await server.stop();
  expect(await codeOf(createGuest(server.url, 'Ada'))).toBe('offline');
});

test('createGuest gives the token, or the reason', async () => {
  const answers = [
    [201, JSON.stringify(ok({ token: 't', user: { id: 'u', displayName: 'Ada', kind: 'guest' } }))],
    [400, JSON.stringify(refusal('invalid_input'))],
    [502, '<html>Bad gateway</html>'],
  ] as const;
  let asked = 0;
  const http = createServer((_request, response) => {
    const [status, body] = answers[asked++]!;
    response.writeHead(status).end(body);
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  onEnd(() => new Promise((resolve) => http.close(() => resolve())));
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  expect(await createGuest(url, 'Ada')).toMatchObject({ token: 't', user: { displayName: 'Ada' } });
  expect(await codeOf(createGuest(url, ''))).toBe('invalid_input');
  expect(await codeOf(createGuest(url, 'Ada'))).toBe('unavailable');
});
