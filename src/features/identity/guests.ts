// Guests: people with a display name and a token, nothing else.
import { randomBytes } from 'node:crypto';
import { namedRow } from '../../db/names.ts';
import type { Handlers } from '../../kernel/registry.ts';
import type { IdentityPorts } from './ports.ts';
import { beginPlainSession, beginSession } from './sessions.ts';

export function guestHandlers({ secrets }: Pick<IdentityPorts, 'secrets'>): Handlers {
  return {
    async 'guest.create'(context, { displayName, renewable }) {
      const { id } = await context.trx
        .insertInto('users')
        .values({
          kind: 'guest',
          username: `guest-${randomBytes(8).toString('hex')}`,
          ...namedRow(secrets, displayName),
        })
        .returning('id')
        .executeTakeFirstOrThrow();
      await context.actAs(id);
      await context.record({ type: 'user.guest_created', resource: { type: 'user', id } });
      const user = { id, displayName, kind: 'guest' as const };
      return renewable ? beginSession(context, user) : beginPlainSession(context, user);
    },
  };
}
