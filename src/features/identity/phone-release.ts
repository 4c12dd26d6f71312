// The number that an account has, and giving it up: it is a way in, so whoever has a session only, and nothing that is the
// owner's, shall not put theirs in its place.
import type { Kysely } from 'kysely';
import type { Secrets } from '../../db/secrets.ts';
import type { Tables } from '../../db/tables.ts';
import type { SlowContext, TransactionContext } from '../../kernel/context.ts';
import { AppError } from '../../protocol/errors.ts';
import { checkPassword, holdProof } from './password-proof.ts';
import { checkCode } from './phone-codes.ts';
import type { IdentityPorts } from './ports.ts';

/** The place that a sealed number is bound to. */
export const phonePlace = (userId: string): string => `users.phone_encrypted:${userId}`;

/** The number of a user in the form E.164; null without one. */
export async function numberOf(secrets: Secrets, db: Kysely<Tables>, userId: string): Promise<string | null> {
  const { phone_encrypted: phone } = await db
    .selectFrom('users')
    .select('phone_encrypted')
    .where('id', '=', userId)
    .executeTakeFirstOrThrow();
  return phone && secrets.open(phone, phonePlace(userId));
}

export interface Release {
  readonly password?: string | undefined;
  /** What was sent to the number that the account has. */
  readonly releaseCode?: string | undefined;
  /** The number afterwards; null: none. */
  readonly next: string | null;
}

/**
 * Asks for the password; where the account has none, for a code to the number that it has, unless that stays or there is
 * none to give up.
 * @returns uses the code up, in the transaction that writes the next number, and answers with the number before
 * @throws AppError `wrong_credentials` with details.path; `rate_limited`
 */
export async function checkRelease(
  ports: IdentityPorts,
  context: SlowContext,
  { password, releaseCode = '', next }: Release,
): Promise<(inside: TransactionContext) => Promise<string | null>> {
  const userId = context.user.id;
  const proved = await checkPassword(ports, context, password);
  const known = await numberOf(ports.secrets, ports.system, userId);
  const asksCode = proved.hash === null && known !== null && known !== next;
  const use = asksCode
    ? await checkCode(ports, context, { number: known, code: releaseCode, purpose: 'release', path: 'releaseCode' })
    : undefined;
  return async (inside) => {
    await holdProof(inside, ports, proved);
    const before = await numberOf(ports.secrets, inside.trx, userId);
    // What was asked for, or why nothing was, is no proof for a number that came in between.
    if (proved.hash === null && before !== known) {
      throw new AppError('wrong_credentials', 'The number was changed a moment ago.', { path: 'releaseCode' });
    }
    await use?.();
    return before;
  };
}
