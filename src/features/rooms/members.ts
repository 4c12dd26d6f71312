// Who is a member of a room, and as what: the owner lets people in and gives roles.
import { participantOf } from '../../db/views.ts';
import type { Documents } from '../../documents/hub.ts';
import { may } from '../../kernel/access.ts';
import type { TransactionContext } from '../../kernel/context.ts';
import { AppError } from '../../protocol/errors.ts';
import type { Role } from '../../protocol/ids.ts';
import type { Participant } from '../../protocol/rooms.ts';

/** Makes somebody a member, who may then join by the code. */
export async function admit(
  context: TransactionContext,
  input: { roomId: string; userId: string; role: Exclude<Role, 'owner'> },
) {
  const { trx, room } = context;
  const user = await trx.selectFrom('users').select('id').where('id', '=', input.userId).executeTakeFirst();
  if (!user) throw new AppError('not_found', 'There is no such user.');
  await trx
    .insertInto('session_participants')
    .values({ session_id: room.roomId, user_id: user.id, role: input.role, left_at: new Date() })
    .onConflict((conflict) => conflict.columns(['session_id', 'user_id']).doNothing())
    .execute();
  const participant = (await participantOf(trx, room.roomId, user.id)) as Participant;
  const resource = { type: 'participant', id: user.id } as const;
  await context.record({
    type: 'participant.admitted',
    roomId: room.roomId,
    resource,
    after: { role: participant.role },
  });
  context.publish('participant.changed', room.roomId, { roomId: room.roomId, participant });
  return { participant };
}

/** Changes a role; it holds at once, also for documents that are open. */
export async function setRole(
  ports: { readonly documents: Documents },
  context: TransactionContext,
  { roomId, userId, role }: { roomId: string; userId: string; role: Exclude<Role, 'owner'> },
) {
  const { trx } = context;
  const before = await participantOf(trx, roomId, userId);
  if (!before) throw new AppError('not_found', 'There is no such participant.');
  if (before.role === 'owner') throw new AppError('conflict', 'The owner of a room stays its owner.');
  await trx
    .updateTable('session_participants')
    .set({ role })
    .where('session_id', '=', roomId)
    .where('user_id', '=', userId)
    .execute();
  const participant = { ...before, role };
  const resource = { type: 'participant', id: userId } as const;
  await context.record({
    type: 'participant.role_changed',
    roomId,
    resource,
    before: { role: before.role },
    after: { role },
  });
  context.afterCommit(() => ports.documents.setRole({ roomId, userId, role, canWrite: may(role, 'file.write') }));
  context.publish('participant.changed', roomId, { roomId, participant });
  return { participant };
}
