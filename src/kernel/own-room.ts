// The room that a command of its owner changes. Who owns it is looked at before the command; it may have been handed over
// while that waited for its turn.

import { AppError } from '../protocol/errors.ts';
import type { TransactionContext } from './context.ts';

/** Locks the room until the end of the transaction. @throws AppError `forbidden` when it has another owner by now */
export async function lockOwnRoom({ trx, user, room }: TransactionContext): Promise<void> {
  const { owner_id } = await trx
    .selectFrom('coding_sessions')
    .select('owner_id')
    .where('id', '=', room.roomId)
    .forUpdate()
    .executeTakeFirstOrThrow();
  if (owner_id !== user.id) throw new AppError('forbidden', 'The room has another owner by now.');
}
