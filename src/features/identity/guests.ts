// Guests: people with a display name and a token, nothing else.
import { randomBytes } from 'node:crypto';
import type { Handlers } from '../../kernel/registry.ts';
import { beginPlainSession, beginSession } from './sessions.ts';

export const guestHandlers: Handlers = {
  async 'guest.create'(context, { displayName, renewable }) {
    const { id } = await context.trx
      .insertInto('users')
      .values({ kind: 'guest', username: `guest-${randomBytes(8).toString('hex')}`, display_name: displayName })
      .returning('id')
      .executeTakeFirstOrThrow();
    await context.actAs(id);
    await context.record({ type: 'user.guest_created', resource: { type: 'user', id } });
    const user = { id, displayName, kind: 'guest' as const };
    return renewable ? beginSession(context, user) : beginPlainSession(context, user);
  },
};
