// Bots: users of a kind of their own, which an account makes, gives tokens to, and deletes.
import { randomBytes } from 'node:crypto';
import { type Kysely, sql } from 'kysely';
import { namedRow } from '../../db/names.ts';
import type { Secrets } from '../../db/secrets.ts';
import type { Tables } from '../../db/tables.ts';
import { participantsOfRooms } from '../../db/views.ts';
import type { TransactionContext } from '../../kernel/context.ts';
import type { Handlers } from '../../kernel/registry.ts';
import { BOTS_MOST, type Bot } from '../../protocol/bots.ts';
import { AppError } from '../../protocol/errors.ts';
import type { IdentityPorts } from './ports.ts';

/** The commands about bots. */
export function botHandlers({ secrets }: Pick<IdentityPorts, 'secrets'>): Handlers {
  return {
    'bot.create': (context, input) => createBot(secrets, context, input),
    'bot.list': async ({ trx, user }) => ({ bots: (await botsOf(trx, user.id)).map(toBot) }),
    'bot.delete': deleteBot,
  };
}

async function createBot(secrets: Secrets, context: TransactionContext, { name }: { name: string }) {
  const { trx, user } = context;
  await lockAccount(trx, user.id);
  const { rows } = await sql<{ bots: bigint }>`select count(*) as bots from users
    where bot_owner_id = ${user.id} and status = 'active'`.execute(trx);
  if (Number(rows[0]?.bots) >= BOTS_MOST) {
    throw new AppError('limit_exceeded', `An account has at most ${BOTS_MOST} bots.`, { most: BOTS_MOST });
  }
  const username = `bot-${randomBytes(8).toString('hex')}`;
  const row = await trx
    .insertInto('users')
    .values({ kind: 'bot', bot_owner_id: user.id, username, ...namedRow(secrets, name) })
    .returning(['id', 'display_name', 'created_at'])
    .executeTakeFirstOrThrow();
  await context.record({ type: 'bot.created', resource: { type: 'user', id: row.id }, after: { displayName: name } });
  return { bot: toBot({ ...row, tokens: 0n, rooms: 0n, last_used_at: null }) };
}

/** The row stays, without a way in: what the bot wrote keeps its name. */
async function deleteBot(context: TransactionContext, { botId }: { botId: string }) {
  const { trx, user } = context;
  const bot = await trx
    .updateTable('users')
    .set({ status: 'inactive' })
    .where('id', '=', botId)
    .where('bot_owner_id', '=', user.id)
    .where('status', '=', 'active')
    .returning(['id', 'display_name'])
    .executeTakeFirst();
  if (!bot) throw new AppError('not_found', 'There is no such bot of yours.');
  await trx
    .updateTable('access_tokens')
    .set({ revoked_at: new Date() })
    .where('user_id', '=', bot.id)
    .where('revoked_at', 'is', null)
    .execute();
  await leaveRooms(context, bot.id);
  const before = { displayName: bot.display_name };
  await context.record({ type: 'bot.deleted', resource: { type: 'user', id: bot.id }, before });
  return {};
}

/** Also as somebody who is away: a bot that is gone does not come back. */
async function leaveRooms({ trx, publish }: TransactionContext, botId: string): Promise<void> {
  const taken = await trx
    .selectFrom('session_participants')
    .select('session_id')
    .where('user_id', '=', botId)
    .where('left_at', 'is', null)
    .execute();
  const rooms = taken.map(({ session_id }) => session_id);
  const people = rooms.length > 0 ? await participantsOfRooms(trx, rooms, [botId]) : new Map<string, never[]>();
  await trx.deleteFrom('session_participants').where('user_id', '=', botId).execute();
  const leftAt = new Date().toISOString();
  for (const [roomId, participants] of people) {
    const left = participants.filter(({ userId }) => userId === botId);
    publish('participant.left', roomId, {
      roomId,
      participants: left.map((participant) => ({ ...participant, online: false, leftAt })),
    });
  }
}

/** So that what is counted below a limit is counted one call at a time. */
export async function lockAccount(trx: Kysely<Tables>, userId: string): Promise<void> {
  await sql`select from users where id = ${userId} for no key update`.execute(trx);
}

interface BotRow {
  readonly id: string;
  readonly display_name: string;
  readonly created_at: Date;
  readonly tokens: bigint;
  readonly rooms: bigint;
  readonly last_used_at: Date | null;
}

async function botsOf(trx: Kysely<Tables>, ownerId: string): Promise<readonly BotRow[]> {
  const { rows } = await sql<BotRow>`
    select bot.id, bot.display_name, bot.created_at, max(token.last_used_at) as last_used_at,
      count(token.id) filter (where token.revoked_at is null
        and (token.expires_at is null or token.expires_at > now())) as tokens,
      (select count(*) from session_participants seat where seat.user_id = bot.id and seat.left_at is null) as rooms
    from users bot left join access_tokens token on token.user_id = bot.id
    where bot.bot_owner_id = ${ownerId} and bot.status = 'active'
    group by bot.id order by bot.created_at, bot.id`.execute(trx);
  return rows;
}

function toBot(row: BotRow): Bot {
  return {
    id: row.id,
    displayName: row.display_name,
    createdAt: row.created_at.toISOString(),
    tokens: Number(row.tokens),
    rooms: Number(row.rooms),
    lastUsedAt: row.last_used_at?.toISOString() ?? null,
  };
}
