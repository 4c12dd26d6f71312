// Signing in with a name and a password. An unknown name and a wrong password get the same answer after the same time.
import { sql } from 'kysely';
import { networkOf } from '../../cluster/rate-limit.ts';
import type { SlowContext } from '../../kernel/context.ts';
import type { Handlers } from '../../kernel/registry.ts';
import { email, username } from '../../protocol/accounts.ts';
import { AppError } from '../../protocol/errors.ts';
import type { SignedInAnswer } from '../../protocol/identity.ts';
import type { CommandInput } from '../../protocol/index.ts';
import { holdProof } from './password-proof.ts';
import { isPassword } from './passwords.ts';
import type { IdentityPorts } from './ports.ts';
import { noteSignIn } from './security-notes.ts';
import { beginSession } from './sessions.ts';

const WINDOW_SECONDS = 15 * 60;
/**
 * Tries within the window. From one address at one name few: that is somebody who guesses. At one name from anywhere
 * more, so that who guesses from many addresses is slowed and a stranger cannot easily keep an owner out. From one
 * address as many as a class behind one router needs.
 */
const TRIES = { addressAndName: 10, name: 100, address: 200 } as const;

export function loginHandlers(ports: IdentityPorts): Handlers {
  return { 'account.login': (context, input) => login(ports, context, input) };
}

async function login(
  ports: IdentityPorts,
  context: SlowContext,
  { login: written, password }: CommandInput<'account.login'>,
): Promise<SignedInAnswer> {
  const { caller } = context;
  const name = written.normalize('NFKC').toLowerCase();
  // No account can have such a name: everybody knows that, so it need not take the time of a comparison.
  const isPossible = username.or(email).safeParse(name).success;
  const known = isPossible ? await findAccount(ports, name) : undefined;
  await countTry(ports, context, { name, userId: known?.id });
  if (!isPossible || !(await isPassword(password, known?.password_hash)) || !known) {
    await noteSignIn(ports.system, caller, { type: 'login_failed', severity: 'low', userId: known?.id });
    throw new AppError('wrong_credentials', 'The name or the password is not right.');
  }
  if (known.status !== 'active') throw new AppError('forbidden', 'This account is closed.');
  return context.transaction(async (inside) => {
    await inside.actAs(known.id);
    await holdProof(inside, ports, { userId: known.id, hash: known.password_hash });
    await inside.trx.updateTable('users').set({ last_login_at: new Date() }).where('id', '=', known.id).execute();
    await inside.record({ type: 'user.logged_in', resource: { type: 'user', id: known.id } });
    return beginSession(inside, { id: known.id, displayName: known.display_name, kind: 'human' });
  });
}

/** By user name, or by an e-mail address that is proven. @param name in Unicode form NFKC and lower case */
export async function findAccount({ system, secrets }: IdentityPorts, name: string) {
  const accounts = system
    .selectFrom('users')
    .select(['id', 'username', 'display_name', 'status', 'password_hash', 'email_encrypted'])
    .where('kind', '=', 'human');
  if (!name.includes('@')) {
    return accounts.where(sql<boolean>`lower(username) = lower(${name})`).executeTakeFirst();
  }
  return accounts.where('email_index', 'in', [...secrets.blindIndex(name, 'email')]).executeTakeFirst();
}

interface Try {
  readonly name: string;
  readonly userId: string | undefined;
}

/** Counts before it compares: tries that come all at once are counted as well. */
async function countTry({ rateLimit, system }: IdentityPorts, { caller }: SlowContext, { name, userId }: Try) {
  const from = networkOf(caller.address);
  const counted = [
    [`login:${from}`, TRIES.address],
    [`login:${from}:${name}`, TRIES.addressAndName],
    [`login:${name}`, TRIES.name],
  ] as const;
  try {
    for (const [key, tries] of counted) await rateLimit.take(key, tries, WINDOW_SECONDS);
  } catch (refused) {
    await noteSignIn(system, caller, { type: 'login_limited', severity: 'medium', userId });
    throw refused;
  }
}
