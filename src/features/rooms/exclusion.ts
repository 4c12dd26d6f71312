// Taking people out of a room: removed, they may come back; banned, they may not. The membership goes, so that nothing of
// the room answers them any more; their edits and runs stay. Path permissions stay too: who comes back has them as before.
import { type PageRequest, pageOf } from '../../db/page.ts';
import { participantOf } from '../../db/views.ts';
import type { Documents } from '../../documents/hub.ts';
import type { Publisher, TransactionContext } from '../../kernel/context.ts';
import { lockOwnRoom } from '../../kernel/own-room.ts';
import { AppError } from '../../protocol/errors.ts';

export interface ExclusionPorts {
  readonly documents: Documents;
  readonly publisher: Publisher;
}

interface Named {
  readonly roomId: string;
  readonly userId: string;
}

/** The handler of `participant.remove`: their bots go with them. @throws AppError `not_found`, `conflict` (the owner) */
export async function remove(ports: ExclusionPorts, context: TransactionContext, { roomId, userId }: Named) {
  // Who is joining at this moment comes before or after: nobody is left inside without a membership.
  await lockOwnRoom(context);
  const before = await participantOf(context.trx, roomId, userId);
  if (!before) throw new AppError('not_found', 'There is no such participant.');
  const bots = await botsInside(context, { roomId, userId });
  for (const gone of [userId, ...bots]) await endMembership(context, { roomId, userId: gone });
  const resource = { type: 'participant', id: userId } as const;
  await context.record({
    type: 'participant.removed',
    roomId,
    resource,
    before: { role: before.role },
    ...(bots.length > 0 && { after: { bots } }),
  });
  for (const gone of [userId, ...bots])
    context.afterCommit(() => sendOut(ports, { roomId, userId: gone, banned: false }));
  return {};
}

/** The handler of `participant.ban`: also for those who only knocked; their bots go with them. @throws AppError `not_found`, `conflict` */
export async function ban(ports: ExclusionPorts, context: TransactionContext, { roomId, userId }: Named) {
  const { trx, user } = context;
  await lockOwnRoom(context);
  const known = await trx.selectFrom('users').select('id').where('id', '=', userId).executeTakeFirst();
  if (!known) throw new AppError('not_found', 'There is no such user.');
  const bots = await botsInside(context, { roomId, userId });
  for (const gone of [userId, ...bots]) await endMembership(context, { roomId, userId: gone });
  await trx
    .insertInto('session_bans')
    .values({ session_id: roomId, user_id: userId, banned_by: user.id })
    .onConflict((conflict) => conflict.columns(['session_id', 'user_id']).doNothing())
    .execute();
  const resource = { type: 'participant', id: userId } as const;
  await context.record({ type: 'participant.banned', roomId, resource, after: { banned: true, bots } });
  for (const gone of [userId, ...bots])
    context.afterCommit(() => sendOut(ports, { roomId, userId: gone, banned: true }));
  return {};
}

/** The handler of `participant.unban`. @throws AppError `not_found` */
export async function unban(context: TransactionContext, { roomId, userId }: Named) {
  await lockOwnRoom(context);
  const { numDeletedRows } = await context.trx
    .deleteFrom('session_bans')
    .where('session_id', '=', roomId)
    .where('user_id', '=', userId)
    .executeTakeFirst();
  if (numDeletedRows === 0n) throw new AppError('not_found', 'Nobody like that is banned here.');
  const resource = { type: 'participant', id: userId } as const;
  await context.record({ type: 'participant.unbanned', roomId, resource, before: { banned: true } });
  return {};
}

/** The handler of `participant.bans`. */
export async function listBans({ trx, room }: TransactionContext, input: PageRequest) {
  const bans = trx
    .selectFrom('session_bans as ban')
    .innerJoin('users as user', 'user.id', 'ban.user_id')
    .select(['ban.user_id', 'ban.banned_by', 'ban.created_at', 'user.display_name'])
    .where('ban.session_id', '=', room.roomId);
  const { items, nextCursor } = await pageOf(input).fetch(bans, { time: 'ban.created_at', id: 'ban.user_id' });
  const shown = items.map((row) => ({
    userId: row.user_id,
    displayName: row.display_name,
    bannedBy: row.banned_by,
    createdAt: row.created_at.toISOString(),
  }));
  return { bans: shown, nextCursor };
}

/** @throws AppError `conflict` when somebody is banned from a room */
export async function checkBan({ trx }: TransactionContext, { roomId, userId }: Named): Promise<void> {
  const banned = await trx
    .selectFrom('session_bans')
    .select('user_id')
    .where('session_id', '=', roomId)
    .where('user_id', '=', userId)
    .executeTakeFirst();
  if (banned) throw new AppError('conflict', 'They are banned from this room: take the ban back first.');
}

async function botsInside({ trx }: TransactionContext, { roomId, userId }: Named): Promise<string[]> {
  const bots = await trx
    .selectFrom('session_participants as member')
    .innerJoin('users as bot', 'bot.id', 'member.user_id')
    .select('bot.id')
    .where('member.session_id', '=', roomId)
    .where('bot.bot_owner_id', '=', userId)
    .execute();
  return bots.map(({ id }) => id);
}

async function endMembership({ trx, room }: TransactionContext, { roomId, userId }: Named): Promise<void> {
  if (userId === room.ownerId) throw new AppError('conflict', 'The owner of a room stays in it.');
  await trx
    .deleteFrom('session_participants')
    .where('session_id', '=', roomId)
    .where('user_id', '=', userId)
    // Looked at again under the lock: it may have been handed over meanwhile.
    .where('role', '<>', 'owner')
    .execute();
}

/** Tells everybody, them as well, and lets go of what they have open. */
function sendOut({ documents, publisher }: ExclusionPorts, gone: Named & { readonly banned: boolean }): void {
  publisher.publish('participant.removed', gone.roomId, gone);
  documents.regrant({ roomId: gone.roomId, userId: gone.userId }, () => undefined);
  publisher.dismiss(gone.roomId, gone.userId);
}
