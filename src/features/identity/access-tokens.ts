// Tokens of bots and scripts: made, listed, revoked. A token is shown when it is made; what stays is its SHA-256.
import { type Kysely, sql } from 'kysely';
import { type PageRequest, pageOf } from '../../db/page.ts';
import type { Tables } from '../../db/tables.ts';
import type { TransactionContext } from '../../kernel/context.ts';
import type { Handlers } from '../../kernel/registry.ts';
import { type AccessToken, TOKEN_DAYS_MOST, TOKENS_MOST } from '../../protocol/bots.ts';
import { AppError } from '../../protocol/errors.ts';
import type { CommandInput } from '../../protocol/index.ts';
import { SCOPES, type Scope } from '../../protocol/scopes.ts';
import { lockAccount } from './bots.ts';
import { newTokenText } from './token-text.ts';
import { hashOf } from './tokens.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const LAST_CHARACTERS = 4;

/** The commands about tokens. */
export const accessTokenHandlers: Handlers = {
  'token.create': createToken,
  'token.list': (context, input) => listTokens(context, input),
  'token.revoke': revokeToken,
};

async function createToken(context: TransactionContext, input: CommandInput<'token.create'>) {
  const { trx, user } = context;
  const expiresAt = endOf(input.expiresAt);
  await lockAccount(trx, user.id);
  const holder = input.botId === undefined ? user.id : await ownBot(context, input.botId);
  if (input.roomId !== undefined) await checkRoom(context, input.roomId);
  await checkCount(context);
  const token = newTokenText();
  // In the order of the list, and each once.
  const scopes = SCOPES.filter((scope) => scope === 'read' || input.scopes.includes(scope));
  const { id } = await trx
    .insertInto('access_tokens')
    .values({
      user_id: holder,
      name: input.name,
      token_hash: hashOf(token),
      last_four: token.slice(-LAST_CHARACTERS),
      scopes,
      session_id: input.roomId ?? null,
      expires_at: expiresAt,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  const row = await tokensOf(trx, user.id).where('token.id', '=', id).executeTakeFirstOrThrow();
  await context.record({
    type: 'token.created',
    resource: { type: 'token', id },
    after: { name: input.name, userId: holder, scopes, roomId: input.roomId ?? null, expiresAt },
  });
  return { token, accessToken: toAccessToken(row) };
}

function endOf(expiresAt: string | undefined): Date | null {
  if (expiresAt === undefined) return null;
  const end = new Date(expiresAt);
  if (end.getTime() <= Date.now()) throw new AppError('invalid_input', 'expiresAt: is over already');
  if (end.getTime() > Date.now() + TOKEN_DAYS_MOST * DAY_MS) {
    throw new AppError('invalid_input', `expiresAt: is more than ${TOKEN_DAYS_MOST} days ahead`);
  }
  return end;
}

async function ownBot({ trx, user }: TransactionContext, botId: string): Promise<string> {
  const bot = await trx
    .selectFrom('users')
    .select('id')
    .where('id', '=', botId)
    .where('bot_owner_id', '=', user.id)
    .where('status', '=', 'active')
    .executeTakeFirst();
  if (!bot) throw new AppError('not_found', 'There is no such bot of yours.');
  return bot.id;
}

async function checkRoom({ trx, user }: TransactionContext, roomId: string): Promise<void> {
  const room = await trx
    .selectFrom('session_participants as member')
    .innerJoin('coding_sessions as room', 'room.id', 'member.session_id')
    .select('room.id')
    .where('room.id', '=', roomId)
    .where('room.ended_at', 'is', null)
    .where('member.user_id', '=', user.id)
    .executeTakeFirst();
  if (!room) throw new AppError('not_found', 'There is no such open room that you are a member of.');
}

/** Under the lock of the account. */
async function checkCount({ trx, user }: TransactionContext): Promise<void> {
  const { rows } = await sql<{ tokens: bigint }>`select count(*) as tokens from access_tokens
    where revoked_at is null and user_id in (
      select id from users where id = ${user.id} or (bot_owner_id = ${user.id} and status = 'active'))`.execute(trx);
  if (Number(rows[0]?.tokens) < TOKENS_MOST) return;
  const message = `An account has at most ${TOKENS_MOST} tokens, those of its bots included: revoke some first.`;
  throw new AppError('limit_exceeded', message, { most: TOKENS_MOST });
}

async function listTokens({ trx, user }: TransactionContext, input: PageRequest) {
  const key = { time: 'token.created_at', id: 'token.id' };
  const { items, nextCursor } = await pageOf(input).fetch(tokensOf(trx, user.id), key);
  return { tokens: items.map(toAccessToken), nextCursor };
}

async function revokeToken(context: TransactionContext, { tokenId }: { tokenId: string }) {
  const { trx, user } = context;
  const row = await tokensOf(trx, user.id).where('token.id', '=', tokenId).executeTakeFirst();
  if (!row) throw new AppError('not_found', 'There is no such token of yours.');
  await trx.updateTable('access_tokens').set({ revoked_at: new Date() }).where('id', '=', row.id).execute();
  const before = { name: row.name, userId: row.user_id, scopes: row.scopes };
  await context.record({ type: 'token.revoked', resource: { type: 'token', id: row.id }, before });
  return {};
}

/** Tokens of an account and its bots that are not revoked. */
function tokensOf(trx: Kysely<Tables>, ownerId: string) {
  return trx
    .selectFrom('access_tokens as token')
    .innerJoin('users as holder', 'holder.id', 'token.user_id')
    .leftJoin('coding_sessions as room', 'room.id', 'token.session_id')
    .select(['token.id', 'token.name', 'token.user_id', 'token.scopes', 'token.last_four', 'token.created_at'])
    .select(['token.expires_at', 'token.last_used_at', 'holder.display_name', 'holder.kind'])
    .select(['room.id as room_id', 'room.name as room_name'])
    .where('token.revoked_at', 'is', null)
    .where((where) => where.or([where('holder.id', '=', ownerId), where('holder.bot_owner_id', '=', ownerId)]));
}

type TokenRow = Awaited<ReturnType<ReturnType<typeof tokensOf>['executeTakeFirstOrThrow']>>;

function toAccessToken(row: TokenRow): AccessToken {
  return {
    id: row.id,
    name: row.name,
    user: { id: row.user_id, displayName: row.display_name, kind: row.kind },
    scopes: row.scopes as Scope[],
    room: row.room_id === null ? null : { id: row.room_id, name: row.room_name as string },
    lastFour: row.last_four,
    createdAt: row.created_at.toISOString(),
    expiresAt: row.expires_at?.toISOString() ?? null,
    lastUsedAt: row.last_used_at?.toISOString() ?? null,
  };
}
