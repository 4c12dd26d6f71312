// Bots and their tokens as an account makes and takes them away.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openName } from '../../../src/db/names.ts';
import { openSecrets } from '../../../src/db/secrets.ts';
import { isTokenText, newTokenText } from '../../../src/features/identity/token-text.ts';
import { BOTS_MOST, TOKENS_MOST } from '../../../src/protocol/bots.ts';
import { call } from '../../support/api.ts';
import { bareClient, includes } from '../../support/bare-client.ts';
import { TEST_KEYS } from '../../support/server.ts';
import { until } from '../../support/until.ts';
import { type BotHouse, openBotHouse, whoIs } from './bot-owner.ts';

let house: BotHouse;

beforeAll(async () => {
  house = await openBotHouse();
});
afterAll(() => house.close());

const DAY_MS = 24 * 60 * 60 * 1000;
const ended = { status: 401, error: { code: 'unauthenticated' } };

describe('a token', () => {
  test('has a form that scanners find, with a checksum: one character off and it is none', () => {
    const token = newTokenText();
    expect(token).toMatch(/^crt_[0-9A-Za-z]{49}$/);
    expect(isTokenText(token)).toBe(true);
    const at = 20;
    const other = token[at] === 'a' ? 'b' : 'a';
    expect(isTokenText(token.slice(0, at) + other + token.slice(at + 1))).toBe(false);
    expect(isTokenText(token.slice(0, -1))).toBe(false);
    expect(newTokenText()).not.toBe(token);
  });

  test('is shown once; what is kept is its hash and the last four characters', async () => {
    const ada = await house.account();
    const { bot } = await ada.client.ask('bot.create', { name: 'Robot' });
    const input = { botId: bot.id, name: 'On the server', scopes: ['run', 'run'] };
    const { token, accessToken } = await ada.client.ask('token.create', input);
    expect(accessToken).toEqual({
      id: expect.any(String),
      name: 'On the server',
      user: { id: bot.id, displayName: 'Robot', kind: 'bot' },
      scopes: ['read', 'run'],
      room: null,
      lastFour: token.slice(-4),
      createdAt: expect.any(String),
      expiresAt: null,
      lastUsedAt: null,
    });
    expect(await ada.client.ask('token.list', {})).toEqual({ tokens: [accessToken], nextCursor: null });
    const { rows } = await house.db.query('select t::text as row, a::text as audit from access_tokens t, audit_logs a');
    for (const { row, audit } of rows) expect(`${row}${audit}`).not.toContain(token.slice(4, -4));
    expect((await whoIs(house.url, token)).data.user).toEqual({ id: bot.id, displayName: 'Robot', kind: 'bot' });
  });

  test('of one’s own signs oneself in', async () => {
    const ada = await house.account('Ada');
    const { token } = await ada.client.ask('token.create', { name: 'Script', scopes: ['read'] });
    expect((await whoIs(house.url, token)).data.user).toEqual({ id: ada.id, displayName: 'Ada', kind: 'human' });
  });

  test('ends when it is revoked, when its time is over, and with its bot or the owner of that', async () => {
    const ada = await house.account();
    const [revoked, expired, banned, deleted] = await Promise.all([1, 2, 3, 4].map(() => house.bot(ada)));
    expect(await ada.client.ask('token.revoke', { tokenId: revoked!.tokenId })).toEqual({});
    expect(await whoIs(house.url, revoked!.token)).toMatchObject(ended);
    await until(() => !revoked!.client.socket.connected, { what: 'the end of its connection' });
    await expect(bareClient(house.url, revoked!.token)).rejects.toThrow('unauthenticated');
    expect(await ada.client.call('token.revoke', { tokenId: revoked!.tokenId })).toMatchObject({
      error: { code: 'not_found' },
    });

    await house.db.query(`update access_tokens set expires_at = now() where id = $1`, [expired!.tokenId]);
    expect(await whoIs(house.url, expired!.token)).toMatchObject(ended);
    await until(() => !expired!.client.socket.connected, { what: 'the end of the connection whose time is over' });
    const { tokens } = await ada.client.ask('token.list', {});
    expect(tokens.map(({ id }: { id: string }) => id)).toContain(expired!.tokenId);

    await ada.client.ask('bot.delete', { botId: deleted!.id });
    expect(await whoIs(house.url, deleted!.token)).toMatchObject(ended);
    await until(() => !deleted!.client.socket.connected, { what: 'the end of the bot’s connection' });

    expect(await whoIs(house.url, banned!.token)).toMatchObject({ status: 200 });
    await house.db.query(`update users set status = 'banned' where id = $1`, [ada.id]);
    expect(await whoIs(house.url, banned!.token)).toMatchObject(ended);
    await until(() => !banned!.client.socket.connected, { what: 'the end of the bot of somebody who is banned' });
  });

  test('needs an end that is ahead, a room of one’s own, a bot of one’s own', async () => {
    const [ada, eve] = [await house.account(), await house.account()];
    const { bot } = await ada.client.ask('bot.create', { name: 'Robot' });
    const create = async (given: object, by = ada): Promise<string> =>
      (await by.client.call('token.create', { name: 'Token', scopes: ['read'], ...given })).error?.code ?? 'ok';
    expect(await create({ expiresAt: new Date(Date.now() - 1000).toJSON() })).toBe('invalid_input');
    expect(await create({ expiresAt: new Date(Date.now() + 4000 * DAY_MS).toJSON() })).toBe('invalid_input');
    expect(await create({ expiresAt: new Date(Date.now() + DAY_MS).toJSON() })).toBe('ok');
    expect(await create({ scopes: [] })).toBe('invalid_input');
    expect(await create({ scopes: ['admin'] })).toBe('invalid_input');
    const room = await house.room();
    expect(await create({ roomId: room.id })).toBe('not_found');
    await ada.client.ask('room.join', room.entry);
    expect(await create({ roomId: room.id })).toBe('ok');
    expect(await create({ botId: bot.id }, eve)).toBe('not_found');
    expect(await create({ botId: ada.id }, eve)).toBe('not_found');
    const mine = await house.bot(ada);
    expect(await eve.client.call('token.revoke', { tokenId: mine.tokenId })).toMatchObject({
      error: { code: 'not_found' },
    });
    expect(await eve.client.call('bot.delete', { botId: mine.id })).toMatchObject({ error: { code: 'not_found' } });
    expect(await eve.client.ask('token.list', {})).toMatchObject({ tokens: [] });
  });

  test('says when it was last used, written once a minute at most', async () => {
    const ada = await house.account();
    const { token, tokenId } = await house.bot(ada);
    const written = async () => {
      const found = await house.db.query('select last_used_at as at, xmin from access_tokens where id = $1', [tokenId]);
      return found.rows[0];
    };
    const first = await until(async () => ((await written()).at ? written() : undefined), { what: 'the first use' });
    for (let i = 0; i < 5; i++) await whoIs(house.url, token);
    expect(await written()).toEqual(first);
    const earlier = `update access_tokens set last_used_at = now() - interval '61 seconds' where id = $1`;
    await house.db.query(earlier, [tokenId]);
    await whoIs(house.url, token);
    await until(async () => (await written()).at > first.at, { what: 'the later use' });
    const { bots } = await ada.client.ask('bot.list', {});
    expect(bots).toMatchObject([{ tokens: 1, lastUsedAt: (await written()).at.toJSON() }]);
  });
});

describe('limits', () => {
  test('guests and bots have no bots and no tokens', async () => {
    const guest = await house.somebody();
    const robot = await house.bot(await house.account());
    for (const client of [guest.client, robot.client]) {
      for (const [name, input] of [
        ['bot.create', { name: 'Robot' }],
        ['token.create', { name: 'Token', scopes: ['read'] }],
        ['token.list', {}],
      ] as const) {
        expect(await client.call(name, input)).toMatchObject({ error: { code: 'forbidden' } });
      }
    }
    const refused = await guest.client.call('bot.create', { name: 'Robot' });
    expect(refused.error.details).toEqual({ needs: 'account' });
  });

  test(`an account has at most ${BOTS_MOST} bots and ${TOKENS_MOST} tokens, also when it asks for many at once`, async () => {
    const ada = await house.account();
    const codes = async (name: string, times: number): Promise<string[]> => {
      const asked = Array.from({ length: times }, () => ada.client.call(name, { name: 'One', scopes: ['read'] }));
      return (await Promise.all(asked)).map(({ error }) => error?.code ?? 'ok');
    };
    const bots = await codes('bot.create', BOTS_MOST + 2);
    expect(bots.filter((code) => code === 'ok')).toHaveLength(BOTS_MOST);
    expect(bots.filter((code) => code === 'limit_exceeded')).toHaveLength(2);
    const tokens = await codes('token.create', TOKENS_MOST + 2);
    expect(tokens.filter((code) => code === 'ok')).toHaveLength(TOKENS_MOST);
    expect(tokens.filter((code) => code === 'limit_exceeded')).toHaveLength(2);
    const page = await ada.client.ask('token.list', { limit: 60 });
    const rest = await ada.client.ask('token.list', { limit: 60, cursor: page.nextCursor });
    expect(page.tokens.length + rest.tokens.length).toBe(TOKENS_MOST);
  });
});

describe('in a room', () => {
  test('a bot is a participant of its own, beside its owner', async () => {
    const ada = await house.account('Ada');
    const room = await house.room();
    await ada.client.ask('room.join', room.entry);
    const robot = await house.bot(ada, { name: 'Robot' });
    const { participant } = await robot.client.ask('room.join', room.entry);
    expect(participant).toMatchObject({ userId: robot.id, displayName: 'Robot', kind: 'bot', botOwnerId: ada.id });
    const { participants } = await room.owner.client.event('participant.joined', includes(robot.id));
    expect(participants).toMatchObject([{ kind: 'bot' }]);
    expect((await ada.client.ask('bot.list')).bots).toMatchObject([{ id: robot.id, rooms: 1 }]);
  });

  test.each([
    ['owner', 'collaborator'],
    ['collaborator', 'collaborator'],
    ['viewer', 'viewer'],
  ] as const)('where its owner is %s it comes in as %s, without a knock', async (role, wanted) => {
    const ada = await house.account();
    const { room } = await ada.client.ask('room.create', { name: 'Private', visibility: 'private' });
    await house.db.query(`update coding_sessions set visibility = 'private' where id = $1`, [room.id]);
    if (role !== 'owner') {
      const change = 'update session_participants set role = $1 where session_id = $2 and user_id = $3';
      await house.db.query(change, [role, room.id, ada.id]);
    }
    const robot = await house.bot(ada);
    const joined = await robot.client.ask('room.join', { roomCode: room.roomCode });
    expect(joined.participant.role).toBe(wanted);
  });

  test('a private room of strangers has to let it in; an open one takes it like anybody', async () => {
    const robot = await house.bot(await house.account());
    const locked = await house.room({ visibility: 'private' });
    expect(await robot.client.call('room.join', locked.entry)).toMatchObject({ error: { code: 'forbidden' } });
    const { user } = await locked.owner.client.event('room.knocked');
    expect(user).toEqual({ id: robot.id, displayName: 'Robot', kind: 'bot' });
    const open = await house.room({ visibility: 'public' });
    expect((await robot.client.ask('room.join', open.entry)).participant.role).toBe('viewer');
  });

  test('a deleted bot is gone from the room, and what it wrote keeps its name', async () => {
    const ada = await house.account();
    const room = await house.room();
    const robot = await house.bot(ada, { name: 'Robot' });
    await robot.client.ask('room.join', room.entry);
    await ada.client.ask('bot.delete', { botId: robot.id });
    const { participants } = await room.owner.client.event('participant.left', includes(robot.id));
    expect(participants).toMatchObject([{ userId: robot.id, online: false }]);
    const { data } = await call(house.url, `GET /api/rooms/${room.id}`, { token: room.owner.token });
    expect(data.participants.some(({ userId }: { userId: string }) => userId === robot.id)).toBe(false);
    const keys = openSecrets({ keys: TEST_KEYS, folder: undefined });
    const { rows } = await house.db.query('select display_name, status from users where id = $1', [robot.id]);
    expect(rows.map(({ status, display_name }: any) => [status, openName(keys, display_name)])).toEqual([
      ['inactive', 'Robot'],
    ]);
  });
});
