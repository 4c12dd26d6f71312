// Guests: people with a display name and a token, nothing else.
import { randomBytes } from 'node:crypto';
import type { Handlers } from '../../kernel/registry.ts';
import { beginSession } from './sessions.ts';

export const guestHandlers: Handlers = {
  async 'guest.create'(context, { displayName }) {
    const user = await context.trx
      .insertInto('users')
      .values({ kind: 'guest', username: `guest-${randomBytes(8).toString('hex')}`, display_name: displayName })
      .returning(['id', 'display_name'])
      .executeTakeFirstOrThrow();
    await context.record({ type: 'user.guest_created', resource: { type: 'user', id: user.id } });
    await context.actAs(user.id);
    const token = await beginSession(context, user.id);
    return { token, user: { id: user.id, displayName: user.display_name, kind: 'guest' as const } };
  },
};
