// A sign-in that is over ends its open connections for good, whoever ended it and wherever: the database says so to every
// node, so the tests end sign-ins there, as another node or an operator would.
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { WebSocket } from 'ws';
import { connect } from '../../src/client/index.ts';
import { newTokenText } from '../../src/features/identity/token-text.ts';
import { call, guest, roomWithFile } from '../support/api.ts';
import { bareClient, openDoc } from '../support/bare-client.ts';
import type { TestDatabase } from '../support/db.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { until } from '../support/until.ts';

let server: TestServer;
let db: TestDatabase;

beforeAll(async () => {
  server = await startServer();
  db = server.database;
});
afterAll(() => server.stop());

const hashOf = (token: string): Buffer => createHash('sha256').update(token).digest();
const inMs = (milliseconds: number): Date => new Date(Date.now() + milliseconds);

/** Somebody with a document open on a bare socket and on a stock provider's. */
async function somebody(token?: string) {
  const { room, file, owner } = await roomWithFile(server.url);
  const signedIn = token ?? (await guest(server.url, 'Bob')).token;
  const client = await bareClient(server.url, signedIn);
  let why: string | undefined;
  client.socket.on('disconnect', (reason) => {
    why = reason;
  });
  await client.ask('room.join', { roomCode: room.roomCode });
  await openDoc(client, file.id);
  const stock = new WebSocket(`${server.url.replace('http', 'ws')}/yjs/${room.roomCode}/main.js?token=${signedIn}`);
  let code: number | undefined;
  stock.on('close', (given) => {
    code = given;
  });
  await new Promise((resolve) => stock.once('message', resolve));
  return {
    token: signedIn,
    client,
    room,
    file,
    owner,
    async ended(reason: string) {
      expect(await client.event('session.ended')).toEqual({ reason });
      // The one reason after which stock clients of Socket.io do not come back by themselves.
      await until(() => why === 'io server disconnect');
      expect(await until(() => code)).toBe(4401);
      await expect(bareClient(server.url, signedIn)).rejects.toMatchObject({ data: { code: 'unauthenticated' } });
    },
    stays: async () => expect(await client.call('me.get')).toMatchObject({ ok: true }),
  };
}

describe('the connections of a sign-in end when', () => {
  test.each([
    ['it is revoked', 'update user_sessions set revoked_at = now() where token_hash = $1', 'revoked'],
    ['it is deleted', 'delete from user_sessions where token_hash = $1', 'revoked'],
    [
      'the user is banned',
      `update users set status = 'banned' where id = (select user_id from user_sessions where token_hash = $1)`,
      'revoked',
    ],
    [
      'the user is disabled',
      `update users set status = 'inactive' where id = (select user_id from user_sessions where token_hash = $1)`,
      'revoked',
    ],
    [
      'the user is gone',
      'delete from users where id = (select user_id from user_sessions where token_hash = $1)',
      'revoked',
    ],
    [
      'its time is up',
      `update user_sessions set expires_at = now() + interval '300 ms' where token_hash = $1`,
      'expired',
    ],
  ])('%s', async (_, statement, reason) => {
    const [bob, eve] = [await somebody(), await somebody()];
    await db.query(statement, [hashOf(bob.token)]);
    await bob.ended(reason);
    await eve.stays();
    eve.client.close();
  });

  test.each([
    ['the token of a bot is revoked', 'update access_tokens set revoked_at = now() where token_hash = $1'],
    [
      'the one it belongs to is banned',
      `update users set status = 'banned' where id = (select bot_owner_id from users where id =
        (select user_id from access_tokens where token_hash = $1))`,
    ],
  ])('%s', async (_, statement) => {
    const owner = await guest(server.url, 'Owner of a bot');
    const token = newTokenText();
    await db.query(
      `with bot as (insert into users (kind, bot_owner_id, username, display_name)
         values ('bot', $1, $2, 'Robot') returning id)
       insert into access_tokens (user_id, name, token_hash, last_four, scopes)
         select id, 'Token', $3, '1234', array['read', 'write'] from bot`,
      [owner.id, `bot-${crypto.randomUUID()}`, hashOf(token)],
    );
    const bot = await somebody(token);
    await db.query(statement, [hashOf(token)]);
    await bot.ended('revoked');
  });
});

test('a sign-in that is renewed in time goes on', async () => {
  const bob = await somebody();
  const before = inMs(400);
  await db.query('update user_sessions set expires_at = $2 where token_hash = $1', [hashOf(bob.token), before]);
  await db.query('update user_sessions set expires_at = $2 where token_hash = $1', [hashOf(bob.token), inMs(600_000)]);
  await until(() => Date.now() > before.getTime() + 600);
  await bob.stays();
  expect(bob.client.events.filter(({ name }) => name === 'session.ended')).toEqual([]);
  bob.client.close();
});

test('an end that nobody heard of, because the database was away, is found when it is back', async () => {
  const bob = await somebody();
  const listening = `select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and query ilike 'listen %'`;
  // In one transaction: the connection is gone before the end is announced.
  await db.query('begin');
  expect((await db.query(listening)).rowCount).toBe(1);
  await db.query('update user_sessions set revoked_at = now() where token_hash = $1', [hashOf(bob.token)]);
  await db.query('commit');
  await bob.ended('revoked');
});

test('a client that does not read is cut off all the same, and nothing of it counts any more', async () => {
  const bob = await somebody();
  const { engine } = bob.client.socket.io;
  const raw = (engine.transport as unknown as { ws: { _socket: { pause(): void; resume(): void } } }).ws._socket;
  raw.pause();
  await db.query('update user_sessions set revoked_at = now() where token_hash = $1', [hashOf(bob.token)]);
  // Their seat is free as soon as it is when a connection is lost.
  await until(async () => {
    const { data } = await call(server.url, `GET /api/rooms/${bob.room.id}`, { token: bob.owner.token });
    return data.participants.some(
      (one: { displayName: string; online: boolean }) => one.displayName === 'Bob' && !one.online,
    );
  });
  raw.resume();
  await until(() => !bob.client.socket.connected);
});

test('the SDK does not come back, and says why', async () => {
  const { room, file } = await roomWithFile(server.url);
  const bob = await guest(server.url, 'Bob');
  const client = connect({ url: server.url, token: bob.token });
  const joined = await client.join(room.roomCode);
  const document = client.openDocument(file.id);
  await document.ready();
  const states: string[] = [];
  client.onState((state, info) => states.push(info?.error ? `${state} ${info.error.code}` : state));
  await db.query('update user_sessions set revoked_at = now() where token_hash = $1', [hashOf(bob.token)]);
  await until(() => client.state === 'ended');
  expect(states).toEqual(['ended session_ended']);
  expect(joined.error).toMatchObject({ code: 'session_ended', details: { reason: 'revoked' } });
  expect(document.status).toMatchObject({ phase: 'refused', error: { code: 'session_ended' } });
  await expect(client.call('me.get', {})).rejects.toMatchObject({ code: 'offline' });
  await client.close();
});
