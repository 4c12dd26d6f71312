// A room with one person of every kind, and calls made from the declarations over both transports.

import { newTokenText } from '../../src/features/identity/token-text.ts';
import type { Log } from '../../src/observe/log.ts';
import type { Command } from '../../src/protocol/define.ts';
import { type CommandName, commands } from '../../src/protocol/index.ts';
import type { Scope } from '../../src/protocol/scopes.ts';
import { call, type Guest, guest } from '../support/api.ts';
import { type BareClient, bareClient } from '../support/bare-client.ts';
import type { TestDatabase } from '../support/db.ts';
import { PASSWORD, PASSWORD_HASH } from '../support/password.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { until } from '../support/until.ts';
import { accountInput, isAccountCommand } from './account-input.ts';
import { type Cast, castOf } from './cast.ts';
import { emailInput, isEmailCommand } from './email-input.ts';
import { anotherRoom, isMemberCommand, memberInput } from './member-input.ts';

export { overHttp } from './over-http.ts';

export const MEMBERS = ['viewer', 'participant', 'collaborator', 'owner'] as const;
export const PEOPLE = ['nobody', 'stranger', 'banned', ...MEMBERS] as const;
export type Person = (typeof PEOPLE)[number];

export const COMMAND_NAMES = Object.keys(commands) as CommandName[];
export const declarationOf = (name: CommandName): Command => commands[name];

export interface TokenLimits {
  readonly userId?: string;
  readonly scopes?: readonly Scope[];
  readonly roomId?: string | null;
}

export interface Stage {
  readonly url: string;
  readonly room: { readonly id: string; readonly roomCode: string };
  readonly people: Readonly<Record<Exclude<Person, 'nobody'>, Guest>>;
  readonly db: TestDatabase;
  /** Undefined for nobody. */
  tokenOf(person: Person): string | undefined;
  /** A connection of its own for every person; the same one for every call, and never one that was closed. */
  socketOf(person: Exclude<Person, 'nobody'>): Promise<BareClient>;
  file(content?: string): Promise<{ id: string; path: string }>;
  /** A test case of a file of its own. */
  testCase(): Promise<{ fileId: string; caseId: string }>;
  /** A run that is over, as a row. */
  execution(userId: string): Promise<string>;
  /** An environment of JavaScript, as a row. */
  environment(): Promise<string>;
  /** A bot of the owner, as a row. */
  bot(): Promise<string>;
  /** A token of the owner, or of a bot, for what it is limited to, as a row. */
  token(limits?: TokenLimits): Promise<{ id: string; token: string }>;
  username(userId: string): Promise<string>;
  /** Resolves when no run is under way: so that one more is not refused because too many wait. */
  quiet(): Promise<void>;
  readonly cast: Cast;
  close(): Promise<void>;
}

/**
 * Starts a server and sets a room up: everybody is a member with the role of their name, the stranger and nobody are not, and the banned one
 * is a member no more. The owner has an account and administers the server as well; the others are guests.
 */
export async function openStage(log?: Log): Promise<Stage> {
  const server = await startServer({}, log);
  try {
    return await stageOn(server);
  } catch (error) {
    await server.stop();
    throw error;
  }
}

async function stageOn(server: TestServer): Promise<Stage> {
  const { url, database: db } = server;
  const names = PEOPLE.slice(1) as Exclude<Person, 'nobody'>[];
  const guests = await Promise.all(names.map(async (name) => [name, await guest(url, name)] as const));
  const people = Object.fromEntries(guests) as Stage['people'];
  const { token } = people.owner;
  const { room } = (await call(url, 'POST /api/rooms', { token, body: { name: 'Stage', maxParticipants: 1000 } })).data;
  for (const role of ['banned', ...MEMBERS] as const) {
    const joined = await call(url, 'POST /api/rooms/join', {
      token: people[role].token,
      body: { roomCode: room.roomCode },
    });
    if (!joined.ok) throw new Error(joined.error.message);
    const route = `PATCH /api/rooms/${room.id}/participants/${people[role].id}`;
    if (role !== 'owner' && role !== 'banned') await call(url, route, { token, body: { role } });
  }
  await call(url, `PUT /api/rooms/${room.id}/bans/${people.banned.id}`, { token });
  const account = `update users set role = 'admin', kind = 'human', password_hash = 'none' where id = $1`;
  await db.query(account, [people.owner.id]);
  const sockets = new Map<string, BareClient>();
  const cast = await castOf(db, people, sockets);
  let files = 0;
  const file: Stage['file'] = async (content = '') => {
    const body = { path: `folder/file-${files++}.js`, content };
    return (await call(url, `POST /api/rooms/${room.id}/files`, { token, body })).data.file;
  };
  return {
    url,
    room,
    people,
    db,
    tokenOf: (person) => (person === 'nobody' ? undefined : people[person].token),
    async socketOf(person) {
      const open = sockets.get(person);
      if (open?.socket.connected) return open;
      await cast.revive();
      const fresh = await bareClient(url, people[person].token);
      sockets.set(person, fresh);
      return fresh;
    },
    file,
    async testCase() {
      const fileId = (await file()).id;
      const insert = `insert into test_cases (file_id, name) values ($1, 'A case') returning id`;
      return { fileId, caseId: (await db.query(insert, [fileId])).rows[0].id };
    },
    async execution(userId) {
      const { rows } = await db.query(
        `insert into code_executions (session_id, user_id, language, code, status)
         values ($1, $2, 'javascript', '', 'completed') returning id`,
        [room.id, userId],
      );
      return rows[0].id;
    },
    async environment() {
      const insert = `insert into execution_environments (name, language, runtime) values ($1, 'javascript', 'isolate')`;
      return (await db.query(`${insert} returning id`, [`Environment ${crypto.randomUUID()}`])).rows[0].id;
    },
    async bot() {
      const insert = `insert into users (kind, bot_owner_id, username, display_name) values ('bot', $1, $2, 'Robot')`;
      return (await db.query(`${insert} returning id`, [people.owner.id, `bot-${crypto.randomUUID()}`])).rows[0].id;
    },
    async token({ userId = people.owner.id, scopes = ['read'], roomId = null } = {}) {
      const token = newTokenText();
      const insert = `insert into access_tokens (user_id, name, token_hash, last_four, scopes, session_id)
        values ($1, 'Token', sha256($2), right($3, 4), $4, $5) returning id`;
      const { rows } = await db.query(insert, [userId, Buffer.from(token), token, scopes, roomId]);
      return { id: rows[0].id, token };
    },
    async username(userId) {
      return (await db.query('select username from users where id = $1', [userId])).rows[0].username;
    },
    async quiet() {
      const open = "select from code_executions where status in ('queued', 'running')";
      await until(async () => (await db.query(open)).rowCount === 0, {
        what: 'the end of all runs',
        timeoutMs: 30_000,
      });
    },
    cast,
    async close() {
      for (const client of sockets.values()) client.close();
      await server.stop();
    },
  };
}

/** A valid input for a command as that person would give it; what it names is made for it. */
export async function validInput(stage: Stage, name: CommandName, person: Person): Promise<Record<string, unknown>> {
  const { room, people } = stage;
  const roomId = room.id;
  const ownId = people[person === 'nobody' ? 'owner' : person].id;
  await stage.cast.reset();
  if (isAccountCommand(name)) return accountInput(stage, name, ownId);
  if (isMemberCommand(name)) return memberInput(stage, name, person);
  if (isEmailCommand(name)) return emailInput(stage, name, ownId);
  switch (name) {
    case 'guest.create':
      return { displayName: 'Somebody' };
    case 'me.get':
    case 'country.list':
    case 'preferences.get':
    case 'persona.list':
    case 'bot.list':
    case 'token.list':
    case 'room.list':
    case 'language.list':
    case 'environment.list':
    case 'user.list':
    case 'audit.list':
    case 'me.export':
      return {};
    case 'security.list':
      // Of a time that is over: new ones are written meanwhile.
      return { to: '2020-01-01T00:00:00Z' };
    case 'me.erase':
      await stage.db.query('update users set password_hash = $2 where id = $1', [ownId, PASSWORD_HASH]);
      return { password: PASSWORD };
    case 'user.change':
      return { userId: (await guest(stage.url, 'Somebody')).id, status: 'inactive' };
    case 'me.update':
      return { displayName: person === 'nobody' ? 'Nobody' : people[person].displayName };
    case 'preferences.set':
      return { theme: 'dark', editor: { tabWidth: 2 } };
    case 'bot.create':
      return { name: 'Robot' };
    case 'bot.delete':
      return { botId: await stage.bot() };
    case 'token.create':
      return { name: 'Script', scopes: ['read'] };
    case 'token.revoke':
      return { tokenId: (await stage.token()).id };
    case 'room.create':
      return { name: 'Another room' };
    case 'room.join':
      return { roomCode: (await anotherRoom(stage)).roomCode };
    case 'room.get':
    case 'room.leave':
    case 'file.list':
    case 'environment.choices':
    case 'run.list':
    case 'run.load':
      return { roomId };
    case 'run.statistics':
      return { roomId, from: '2026-01-01T00:00:00Z', to: '2026-01-08T00:00:00Z' };
    case 'room.close':
      return { roomId: person === 'owner' ? (await anotherRoom(stage)).id : roomId };
    case 'file.create':
      return { roomId, path: `new/${crypto.randomUUID()}.js`, content: 'text' };
    case 'file.rename':
      return { fileId: (await stage.file()).id, path: `renamed/${crypto.randomUUID()}.js` };
    case 'file.delete':
    case 'file.content':
    case 'file.versions':
    case 'test.list':
      return { fileId: (await stage.file()).id };
    case 'file.write':
      return { fileId: (await stage.file()).id, content: 'written' };
    case 'version.content':
    case 'version.restore':
      return { fileId: (await stage.file('first')).id, versionNumber: 1 };
    case 'run.start':
      await stage.quiet();
      return { roomId, code: '', language: 'javascript' };
    case 'run.repeat':
      await stage.quiet();
      return { executionId: await stage.execution(people.owner.id) };
    case 'run.test':
      await stage.quiet();
      return { fileId: (await stage.file()).id, cases: [{ name: 'Prints nothing', expectedOutput: '' }] };
    case 'run.input':
      return { executionId: await stage.execution(ownId), text: 'line\n' };
    case 'environment.create':
      return { name: `Environment ${crypto.randomUUID()}`, language: 'javascript' };
    case 'environment.change':
    case 'environment.retire':
      return { environmentId: await stage.environment() };
    case 'environment.choose':
      return { roomId, language: 'javascript', environmentId: null };
    case 'test.save':
      return { fileId: (await stage.file()).id, name: 'A case', stdin: 'in', args: ['a'], expectedOutput: 'out' };
    case 'test.remove':
      return stage.testCase();
    case 'run.cancel':
    case 'run.get':
      return { executionId: await stage.execution(ownId) };
  }
}
