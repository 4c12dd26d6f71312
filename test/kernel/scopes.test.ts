// What tokens may do: every command × every scope, over both transports; documents; rooms.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import WebSocket from 'ws';
import { WebsocketProvider } from 'y-websocket';
import * as Y from 'yjs';
import { scopeOf } from '../../src/kernel/grant.ts';
import type { Action } from '../../src/protocol/define.ts';
import type { CommandName } from '../../src/protocol/index.ts';
import { SCOPES, type Scope } from '../../src/protocol/scopes.ts';
import { call, roomWithFile } from '../support/api.ts';
import { type BareClient, bareClient, openDoc } from '../support/bare-client.ts';
import { until } from '../support/until.ts';
import {
  COMMAND_NAMES,
  declarationOf,
  openStage,
  overHttp,
  type Stage,
  type TokenLimits,
  validInput,
} from './stage.ts';

let stage: Stage;
const clients: BareClient[] = [];

beforeAll(async () => {
  stage = await openStage();
});
afterAll(async () => {
  for (const client of clients) client.close();
  await stage.close();
});

async function connect(token: string): Promise<BareClient> {
  const client = await bareClient(stage.url, token);
  clients.push(client);
  return client;
}

/** As the users of tokens are told; the kernel's own table is checked against it. */
function promised(name: CommandName): Scope | undefined {
  const { access, mutates } = declarationOf(name);
  if (access.scope === 'anyone') return mutates ? undefined : 'read';
  if (access.scope === 'user') return access.token;
  if (access.scope !== 'room') return undefined;
  const { action }: { action: Action } = access;
  if (action === 'room.manage' || action === 'room.reopen' || action === 'settings.read') return undefined;
  if (action.startsWith('run.')) return 'run';
  if (action === 'file.write' || action === 'file.delete') return 'write';
  return action.startsWith('chat.') && !action.endsWith('.read') ? 'chat' : 'read';
}

test('what concerns accounts, tokens, the server and the management of rooms is for people', () => {
  const closed = COMMAND_NAMES.filter((name) => scopeOf(declarationOf(name)) === undefined);
  expect(closed).toEqual(
    expect.arrayContaining([
      'guest.create',
      'bot.create',
      'bot.list',
      'bot.delete',
      'token.create',
      'token.list',
      'token.revoke',
      'room.create',
      'room.close',
      'participant.admit',
      'participant.setRole',
      'environment.create',
      'environment.change',
      'environment.retire',
      'environment.choose',
    ]),
  );
});

describe('every command', () => {
  const given = [['read'], ...SCOPES.slice(1).map((scope) => ['read', scope]), [...SCOPES]] as Scope[][];

  test.each(given.map((scopes) => [scopes.join(' '), scopes] as const))('with the scopes: %s', async (_, scopes) => {
    const { token } = await stage.token({ scopes });
    const client = await connect(token);
    const wrong: string[] = [];
    for (const name of COMMAND_NAMES) {
      const scope = promised(name);
      const wanted = scope && scopes.includes(scope) ? 'ok' : 'forbidden';
      const inputs = [await validInput(stage, name, 'owner'), await validInput(stage, name, 'owner')] as const;
      const http = await overHttp(stage, name, { input: inputs[0], token });
      const socket = await client.call(name, inputs[1]);
      for (const answer of [http, socket]) {
        const code = answer.ok ? 'ok' : answer.error.code;
        if (code !== wanted) wrong.push(`${name}: ${code} instead of ${wanted}`);
        const details = scope ? { scope } : undefined;
        if (code === 'forbidden' && answer.error.details?.scope !== details?.scope) wrong.push(`${name}: details`);
      }
    }
    expect(wrong).toEqual([]);
  });
});

describe('a document', () => {
  test('is read-only without "write", and stays so when the role would allow more', async () => {
    const { room, people } = stage;
    const userId = await stage.bot();
    const robot = await connect((await stage.token({ userId, scopes: ['read', 'run'] })).token);
    await robot.ask('room.join', { roomCode: room.roomCode });
    const { id } = await stage.file('text');
    const { opened, text, saved } = await openDoc(robot, id);
    expect(opened.canWrite).toBe(false);
    const owner = await stage.socketOf('owner');
    for (const role of ['viewer', 'collaborator']) {
      await owner.ask('participant.setRole', { roomId: room.id, userId, role });
      await robot.event('participant.changed', ({ participant }) => participant.role === role);
    }
    text.insert(0, 'more ');
    expect(await saved[0]).toMatchObject({ error: { code: 'read_only' } });
    expect(robot.events.filter(({ name }) => name === 'doc.access')).toEqual([]);
    const { data } = await call(stage.url, `GET /api/files/${id}/content`, { token: people.owner.token });
    expect(data.content).toBe('text');
  });

  test.each([
    ['without "write"', ['read'], false],
    ['with "write"', ['read', 'write'], true],
  ] as const)('by the stock provider %s', async (_what, scopes, writes) => {
    const { token } = await stage.token({ scopes });
    const { path } = await stage.file('text');
    const [doc, other] = [new Y.Doc(), new Y.Doc()];
    const provide = (params: { token: string }, into: Y.Doc): WebsocketProvider =>
      new WebsocketProvider(`${stage.url.replace('http', 'ws')}/yjs/${stage.room.roomCode}`, path, into, {
        params,
        WebSocketPolyfill: WebSocket as never,
        disableBc: true,
      });
    const providers = [provide({ token }, doc), provide({ token: stage.people.collaborator.token }, other)];
    const textOf = (from: Y.Doc): string => from.getText('content').toJSON();
    await until(() => textOf(doc) === 'text' && textOf(other) === 'text', { what: 'both texts' });
    doc.getText('content').insert(0, 'mine ');
    other.getText('content').insert(4, ' theirs');
    await until(() => textOf(doc) === 'mine text theirs', { what: 'the edit of the other' });
    if (writes) await until(() => textOf(other) === 'mine text theirs', { what: 'the edit of the token' });
    else expect(textOf(other)).toBe('text theirs');
    for (const provider of providers) {
      provider.destroy();
      provider.doc.destroy();
    }
  });
});

describe('a token for one room', () => {
  async function tokenFor(limits: TokenLimits): Promise<{ token: string; client: BareClient }> {
    const { token } = await stage.token({ ...limits, roomId: stage.room.id });
    return { token, client: await connect(token) };
  }

  test('enters that one only: not by code, not by a file, not by a list, not by the stock provider', async () => {
    const { token, client } = await tokenFor({ scopes: SCOPES });
    const other = await roomWithFile(stage.url);
    const { owner } = stage.people;
    await call(stage.url, 'POST /api/rooms/join', { token: owner.token, body: { roomCode: other.room.roomCode } });
    const refused = { ok: false, error: { code: 'forbidden', message: 'The token is for another room.' } };
    expect(await client.call('room.join', { roomCode: other.room.roomCode })).toMatchObject(refused);
    expect(await client.call('room.get', { roomId: other.room.id })).toMatchObject(refused);
    expect(await client.call('file.content', { fileId: other.file.id })).toMatchObject(refused);
    expect(await client.call('doc.open', { fileId: other.file.id })).toMatchObject(refused);
    const { rooms } = await client.ask('room.list', {});
    expect(rooms.map(({ id }: { id: string }) => id)).toEqual([stage.room.id]);
    const code = await new Promise((resolve) => {
      const socket = new WebSocket(
        `${stage.url.replace('http', 'ws')}/yjs/${other.room.roomCode}/main.js?token=${token}`,
      );
      socket.on('close', resolve);
    });
    expect(code).toBe(4403);
    expect((await client.ask('room.join', { roomCode: stage.room.roomCode })).room.id).toBe(stage.room.id);
  });

  test('knocks at no other door', async () => {
    const { client } = await tokenFor({ userId: await stage.bot(), scopes: SCOPES });
    const locked = await roomWithFile(stage.url, { visibility: 'private' });
    const watching = await connect(locked.owner.token);
    expect(await client.call('room.join', { roomCode: locked.room.roomCode })).toMatchObject({
      error: { message: 'The token is for another room.' },
    });
    // Answered after whatever was sent before it.
    await watching.ask('me.get', {});
    expect(watching.events.filter(({ name }) => name === 'room.knocked')).toEqual([]);
  });
});
