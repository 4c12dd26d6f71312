// Being signed in with the client, on the real server: tokens are renewed, connections go on, nothing that was typed is lost.
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { beGuest, type Client, connect, logIn, resume, type SignIn } from '../../src/client/index.ts';
import { type Owner, ownerOf } from '../features/identity/owner.ts';
import { PASSWORD } from '../support/password.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { until } from '../support/until.ts';

let server: TestServer;
let owner: Owner;
const open: (Client | SignIn)[] = [];

beforeAll(async () => {
  server = await startServer();
  owner = ownerOf(server);
});
afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close();
});
afterAll(() => server.stop());

const keep = <T extends Client | SignIn>(each: T): T => {
  open.push(each);
  return each;
};
/** As if the token's quarter of an hour were over. */
const expire = ({ user }: SignIn): Promise<unknown> =>
  owner.rows("update user_sessions set expires_at = now() - interval '1 second' where user_id = $1", [user.id]);

test('a connection outlives its token: it comes back with the next one, and what was typed meanwhile is saved', async () => {
  const signIn = keep(await beGuest(server.url, 'Ada'));
  const client = keep(connect({ url: server.url, token: signIn }));
  const { room: created } = await client.call('room.create', { name: 'Room' });
  await client.join(created.roomCode);
  const { file } = await client.call('file.create', { roomId: created.id, path: 'a.js' });
  const document = client.openDocument(file.id);
  await document.ready();
  const { token } = signIn;
  const lost = new Promise<void>((resolve) => {
    const stop = client.onState((state) => {
      if (state === 'online') return;
      stop();
      resolve();
    });
  });
  await expire(signIn);
  await server.restart();
  await lost;
  document.text.insert(0, 'typed while away');
  await document.saved();
  expect(signIn.token).not.toBe(token);
  const { content } = await client.call('file.content', { fileId: file.id });
  expect(content).toBe('typed while away');
});

test('a session goes on from its refresh token, and ends with the logout', async () => {
  await owner.account('ada');
  const first = keep(await logIn(server.url, { login: 'ada', password: PASSWORD }));
  first.close();
  const second = keep(await resume(server.url, first.refreshToken));
  expect(second.user).toEqual(first.user);
  expect(second.refreshToken).not.toBe(first.refreshToken);
  const changes: string[] = [];
  second.onChange((what) => changes.push(what));
  await second.logOut();
  expect(changes).toEqual(['ended']);
  await expect(second.fresh()).rejects.toMatchObject({ code: 'session_ended' });
  await expect(resume(server.url, second.refreshToken)).rejects.toMatchObject({ code: 'session_ended' });
  const client = keep(connect({ url: server.url, token: second }));
  await until(() => client.state === 'ended', { what: 'the connection to be refused for good' });
});

test('many who ask for a fresh token at once ask the server once', async () => {
  const signIn = keep(await beGuest(server.url, 'Ada'));
  const renewals: string[] = [];
  signIn.onChange((what) => renewals.push(what));
  const { token } = signIn;
  const all = await Promise.all(Array.from({ length: 5 }, () => signIn.fresh(token)));
  expect(new Set(all).size).toBe(1);
  expect(all[0]).not.toBe(token);
  expect(renewals).toEqual(['renewed']);
});

test('a guest becomes an account on the way, and the open connection stays', async () => {
  const signIn = keep(await beGuest(server.url, 'Visitor'));
  const client = keep(connect({ url: server.url, token: signIn }));
  const { room } = await client.call('room.create', { name: 'Kept' });
  await signIn.upgrade({ username: 'visitor', password: PASSWORD });
  expect(signIn.user).toMatchObject({ displayName: 'Visitor', kind: 'human' });
  expect((await client.call('room.list', {})).rooms).toMatchObject([{ id: room.id }]);
  expect((await client.call('account.get', {})).account).toMatchObject({ username: 'visitor' });
});
