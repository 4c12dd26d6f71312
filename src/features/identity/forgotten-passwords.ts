// Coming back without the password: a letter to the proven address, with a link to choose another one.
import { setTimeout as delay } from 'node:timers/promises';
import { networkOf } from '../../cluster/rate-limit.ts';
import type { SlowContext } from '../../kernel/context.ts';
import type { Handlers } from '../../kernel/registry.ts';
import type { CommandInput } from '../../protocol/index.ts';
import { refuseNames } from './accounts.ts';
import { emailPlace } from './emails.ts';
import { dropLinks, makeLink, readLink, takeLink } from './links.ts';
import { findAccount } from './login.ts';
import { hashPassword } from './passwords.ts';
import type { IdentityPorts } from './ports.ts';
import { endSessions } from './sessions.ts';

/** Milliseconds that an answer takes at least: longer than the work, so that nobody learns whether there was any. */
const ANSWER_MS = 150;
const HOUR_SECONDS = 60 * 60;
/** Letters within an hour that one name is asked for, and that one address asks for: a class behind one router. */
const ASKED = { name: 6, address: 100 } as const;

/** The commands for who forgot the password. */
export function forgottenPasswordHandlers(ports: IdentityPorts): Handlers {
  return {
    async 'password.forgotten'(context, { login }) {
      const name = login.normalize('NFKC').toLowerCase();
      await ports.rateLimit.take(`forgotten@${networkOf(context.caller.address)}`, ASKED.address, HOUR_SECONDS);
      await ports.rateLimit.take(`forgotten:${name}`, ASKED.name, HOUR_SECONDS);
      await Promise.all([sendLink(ports, context, name), delay(ANSWER_MS)]);
      return {};
    },
    'password.reset': (context, wish) => reset(ports, context, wish),
  };
}

async function sendLink(ports: IdentityPorts, context: SlowContext, name: string): Promise<void> {
  const known = await findAccount(ports, name);
  if (!known?.email_encrypted || known.status !== 'active') return;
  const { id: userId, username } = known;
  const email = ports.secrets.open(known.email_encrypted, emailPlace(userId));
  await context.transaction(async (inside) => {
    // Before the transaction acts for them: who asked is not known to be them.
    await inside.record({ type: 'user.password_forgotten', resource: { type: 'user', id: userId } });
    await inside.actAs(userId);
    const link = await makeLink(inside, ports, { purpose: 'reset', userId, email });
    const text = [
      `Hello ${username},`,
      'somebody asked for a new password for your account. Choose one here:',
      link,
      'The link works for an hour, once. If it was not you, do nothing: your password stays as it is.',
    ].join('\n\n');
    inside.afterCommit(() => ports.mail.post({ to: email, subject: 'A new password for your account', text }));
  });
}

/** Does not sign in: the answer says whose password it is, and whoever chose it can. */
async function reset(
  ports: IdentityPorts,
  context: SlowContext,
  { token, password }: CommandInput<'password.reset'>,
): Promise<{ username: string }> {
  // Looked up before the hash is made: that is a quarter of a second of work.
  const { username, displayName, email } = await readLink(ports, { token, purpose: 'reset' });
  refuseNames({ username, displayName, email, password });
  const password_hash = await hashPassword(password);
  return context.transaction(async (inside) => {
    const { userId } = await takeLink(inside, ports, { token, purpose: 'reset' });
    await inside.trx.updateTable('users').set({ password_hash }).where('id', '=', userId).execute();
    await dropLinks(inside, userId);
    await inside.record({ type: 'user.password_reset', resource: { type: 'user', id: userId } });
    const ending = { allBut: undefined };
    await endSessions(inside, userId, { ending, reason: 'password_changed', revocations: ports.revocations });
    const text = `Hello ${username},\n\nyour password was changed by a link that was sent here, and all sessions have ended.`;
    inside.afterCommit(() => ports.mail.post({ to: email, subject: 'Your password was changed', text }));
    return { username };
  });
}
