// Who is a member of a room, and as what: the owner lets people in and gives roles.
import { sql } from 'kysely';
import { participantOf, ROOM_COLUMNS, toRoom } from '../../db/views.ts';
import type { Documents } from '../../documents/hub.ts';
import type { Publisher, TransactionContext } from '../../kernel/context.ts';
import { lockOwnRoom } from '../../kernel/own-room.ts';
import { AppError } from '../../protocol/errors.ts';
import type { Role } from '../../protocol/ids.ts';
import type { Participant } from '../../protocol/rooms.ts';
import { checkBan } from './exclusion.ts';
import { regrant } from './regrant.ts';

type GivenRole = Exclude<Role, 'owner'>;

export interface MembersPorts {
  readonly documents: Documents;
  readonly publisher: Publisher;
}

/** Makes somebody a member, who may then join by the code. @throws AppError `not_found`, `conflict` (banned) */
export async function admit(
  ports: MembersPorts,
  context: TransactionContext,
  input: { roomId: string; userId: string; role: GivenRole },
) {
  const { userId, role } = input;
  const user = await context.trx.selectFrom('users').select('id').where('id', '=', userId).executeTakeFirst();
  if (!user) throw new AppError('not_found', 'There is no such user.');
  return letIn(ports, context, { userId, role, type: 'participant.admitted' });
}

/** Makes somebody a member whom the owner knows by user name. @throws AppError `not_found`, `conflict` (banned) */
export async function invite(
  ports: MembersPorts,
  context: TransactionContext,
  { username, role }: { username: string; role: GivenRole },
) {
  const user = await context.trx
    .selectFrom('users')
    .select('id')
    .where(sql`lower(username)`, '=', username.toLowerCase())
    .where('status', '=', 'active')
    .executeTakeFirst();
  if (!user) throw new AppError('not_found', `There is no user called "${username}".`);
  return letIn(ports, context, { userId: user.id, role, type: 'participant.invited' });
}

interface Welcome {
  readonly userId: string;
  readonly role: GivenRole;
  readonly type: 'participant.admitted' | 'participant.invited';
}

/** Who is a member already stays what they are. */
async function letIn({ publisher }: MembersPorts, context: TransactionContext, { userId, role, type }: Welcome) {
  const { trx, user } = context;
  const { roomId } = context.room;
  await lockOwnRoom(context);
  await checkBan(context, { roomId, userId });
  const now = new Date();
  const { numInsertedOrUpdatedRows: added } = await trx
    .insertInto('session_participants')
    .values({ session_id: roomId, user_id: userId, role, left_at: now, invited_at: now })
    .onConflict((conflict) => conflict.columns(['session_id', 'user_id']).doNothing())
    .executeTakeFirstOrThrow();
  const participant = (await participantOf(trx, roomId, userId)) as Participant;
  const resource = { type: 'participant', id: userId } as const;
  await context.record({ type, roomId, resource, after: { role: participant.role } });
  context.publish('participant.changed', roomId, { roomId, participant });
  if (added === 0n) return { participant };
  const row = await trx
    .selectFrom('coding_sessions')
    .select(ROOM_COLUMNS)
    .where('id', '=', roomId)
    .executeTakeFirstOrThrow();
  const invitation = { room: toRoom(row), role, by: { id: user.id, displayName: user.displayName } };
  context.afterCommit(() => publisher.publishTo('room.invited', userId, invitation));
  return { participant };
}

/** Changes a role; it holds at once, also for documents that are open. Their bots are no more than they are from then on. */
export async function setRole(
  ports: MembersPorts,
  context: TransactionContext,
  { roomId, userId, role }: { roomId: string; userId: string; role: GivenRole },
) {
  const { trx } = context;
  await lockOwnRoom(context);
  const before = await participantOf(trx, roomId, userId);
  if (!before) throw new AppError('not_found', 'There is no such participant.');
  if (before.role === 'owner') throw new AppError('conflict', 'The owner of a room stays its owner.');
  const changed = [before, ...(await botsAbove(context, { roomId, userId, role }))];
  await trx
    .updateTable('session_participants')
    .set({ role })
    .where('session_id', '=', roomId)
    .where(
      'user_id',
      'in',
      changed.map((each) => each.userId),
    )
    .execute();
  for (const each of changed) {
    await context.record({
      type: 'participant.role_changed',
      roomId,
      resource: { type: 'participant', id: each.userId },
      before: { role: each.role },
      after: { role },
    });
    context.publish('participant.changed', roomId, { roomId, participant: { ...each, role } });
  }
  await regrant(ports, context, { roomId, userId });
  return { participant: { ...before, role } };
}

const RANK: Readonly<Record<Role, number>> = { viewer: 0, participant: 1, collaborator: 2, owner: 3 };

/** Bots of a member that are more than this role. */
async function botsAbove(
  { trx }: TransactionContext,
  { roomId, userId, role }: { roomId: string; userId: string; role: Role },
): Promise<Participant[]> {
  const bots = await trx
    .selectFrom('session_participants as member')
    .innerJoin('users as bot', 'bot.id', 'member.user_id')
    .select(['bot.id', 'member.role'])
    .where('member.session_id', '=', roomId)
    .where('bot.bot_owner_id', '=', userId)
    .execute();
  const above = bots.filter((bot) => RANK[bot.role] > RANK[role]);
  const found = await Promise.all(above.map(({ id }) => participantOf(trx, roomId, id)));
  return found.filter((participant) => participant !== undefined);
}
