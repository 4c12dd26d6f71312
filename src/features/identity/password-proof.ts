// What a password has proved is looked at again before it counts: comparing takes a quarter of a second, and longer in a
// queue, in which the password can have been changed because a thief had it.
import type { SlowContext, TransactionContext } from '../../kernel/context.ts';
import { AppError } from '../../protocol/errors.ts';
import { lockAccount } from './bots.ts';
import { isPassword } from './passwords.ts';
import type { IdentityPorts } from './ports.ts';
import { noteSignIn } from './security-notes.ts';

export interface Proved {
  readonly userId: string;
  /** The hash that was compared; null where the account has no password. */
  readonly hash: string | null;
}

/**
 * Asks for the password, where the account has one, before it gets another way in: who finds a screen unlocked shall not
 * make one for themselves.
 * @returns for `holdProof`
 * @throws AppError `wrong_credentials` with details.path
 */
export async function checkPassword(
  { system }: Pick<IdentityPorts, 'system'>,
  { user, caller }: SlowContext,
  password: string | undefined,
): Promise<Proved> {
  const { password_hash: hash } = await system
    .selectFrom('users')
    .select('password_hash')
    .where('id', '=', user.id)
    .executeTakeFirstOrThrow();
  if (hash === null || (password !== undefined && (await isPassword(password, hash)))) {
    return { userId: user.id, hash };
  }
  await noteSignIn(system, caller, { type: 'password_wrong', severity: 'medium', userId: user.id });
  throw new AppError('wrong_credentials', 'The password is not right.', { path: 'password' });
}

/**
 * Holds a proof until the transaction ends: who changes the password comes before and undoes it, or after and finds what
 * it led to. The transaction has to act as that user.
 * @throws AppError `wrong_credentials` when the password is another one by now, or the account is closed
 */
export async function holdProof(
  { trx }: TransactionContext,
  { system }: Pick<IdentityPorts, 'system'>,
  { userId, hash }: Proved,
): Promise<void> {
  await lockAccount(trx, userId);
  const still = await system
    .selectFrom('users')
    .select('id')
    .where('id', '=', userId)
    .where('status', '=', 'active')
    .where('password_hash', 'is not distinct from', hash)
    .executeTakeFirst();
  if (!still) throw new AppError('wrong_credentials', 'The password was changed a moment ago.');
}
