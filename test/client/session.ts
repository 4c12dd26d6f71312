// A fake server and clients on it, closed together after each test.
import { afterEach } from '@jest/globals';
import { type Client, type ConnectOptions, connect, type Room, type RoomDocument } from '../../src/client/index.ts';
import { until } from '../support/until.ts';
import { FakeServer, FILE_ID } from './fake-server.ts';

const open = new Set<{ close(): Promise<void> }>();

afterEach(async () => {
  for (const each of [...open].reverse()) await each.close();
  open.clear();
});

/** Has something closed after the test, passed or failed. */
export function onEnd(close: () => Promise<void>): void {
  open.add({ close });
}

export async function startServer(): Promise<FakeServer> {
  const server = await FakeServer.start();
  onEnd(() => server.stop());
  return server;
}

export function connectTo(server: FakeServer, options: Partial<ConnectOptions> = {}): Client {
  const client = connect({ url: server.url, token: 'token', ...options });
  open.add(client);
  return client;
}

/** A client that is online. */
export async function online(server: FakeServer, options: Partial<ConnectOptions> = {}): Promise<Client> {
  const client = connectTo(server, options);
  await until(() => client.state === 'online', { what: 'the client to be online' });
  return client;
}

/** A room that was joined, with its client and server, and what it said of itself. */
export async function joinedRoom(): Promise<{ server: FakeServer; client: Client; room: Room; changes: string[] }> {
  const server = await startServer();
  const client = await online(server);
  const room = await client.join('abcd efgh');
  const changes: string[] = [];
  room.onChange((what, id) => changes.push(id ? `${what} ${id}` : what));
  return { server, client, room, changes };
}

/** Everything the server emitted until now has arrived. */
export const caughtUp = (client: Client): Promise<unknown> => client.call('me.get', {});

export async function loseConnection(server: FakeServer, room: Room): Promise<void> {
  server.cut();
  await until(() => room.state === 'rejoining');
}

/** A document that is open, with its client and server. */
export async function openDocument(text = ''): Promise<{ server: FakeServer; client: Client; document: RoomDocument }> {
  const server = await startServer();
  if (text) server.doc.getText('content').insert(0, text);
  const client = await online(server);
  const document = client.openDocument(FILE_ID);
  await document.ready();
  return { server, client, document };
}

/** The code a promise is rejected with. */
export async function codeOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'resolved',
    (error: { code?: string }) => error.code ?? 'an error without a code',
  );
}
