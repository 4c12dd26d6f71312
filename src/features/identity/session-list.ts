// Where somebody is signed in: to be looked at and ended.
import type { Selectable } from 'kysely';
import { pageOf } from '../../db/page.ts';
import type { Tables } from '../../db/tables.ts';
import type { Handlers } from '../../kernel/registry.ts';
import { AppError } from '../../protocol/errors.ts';
import type { SignInSessionInfo } from '../../protocol/sessions.ts';
import { type Device, deviceOf } from './device.ts';
import type { IdentityPorts } from './ports.ts';
import { endedSession, findByFamily } from './renewal.ts';
import { endSessions } from './sessions.ts';

export function sessionHandlers(ports: IdentityPorts): Handlers {
  const { revocations } = ports;
  return {
    async 'session.list'(context, { limit, cursor }) {
      const alive = context.trx
        .selectFrom('user_sessions')
        .select(['id', 'device', 'user_agent', 'ip_address', 'created_at', 'last_activity_at'])
        .select(({ fn }) => fn.coalesce('refresh_expires_at', 'expires_at').as('end'))
        .where('user_id', '=', context.user.id)
        .where('revoked_at', 'is', null)
        .where(({ eb, fn }) => eb(fn.coalesce('refresh_expires_at', 'expires_at'), '>', new Date()));
      const { items, nextCursor } = await pageOf({ limit, cursor }).fetch(alive, { time: 'created_at', id: 'id' });
      return { sessions: items.map((row) => infoOf(row, context.caller.session?.id)), nextCursor };
    },

    async 'session.revoke'(context, { sessionId }) {
      const end = { ending: { only: sessionId }, reason: 'revoked' as const, revocations };
      const ended = await endSessions(context, context.user.id, end);
      if (ended.length === 0) throw new AppError('not_found', 'You have no such session; it may have ended already.');
      const resource = { type: 'sign_in_session', id: sessionId } as const;
      await context.record({ type: 'session.revoked', resource, before: { revoked: false } });
      return {};
    },

    async 'account.logout'(context, { refreshToken }) {
      const known = await findByFamily(ports, refreshToken);
      const isGiven = refreshToken !== undefined;
      const sessionId = isGiven ? known?.sessionId : context.caller.session?.id;
      const userId = isGiven ? known?.user.id : context.caller.user?.id;
      if (sessionId === undefined || userId === undefined) throw endedSession();
      await context.actAs(userId);
      await endSessions(context, userId, { ending: { only: sessionId }, reason: 'logged_out', revocations });
      await context.record({ type: 'user.logged_out', resource: { type: 'sign_in_session', id: sessionId } });
      return {};
    },

    async 'account.logoutEverywhere'(context, { keepThis }) {
      const allBut = keepThis ? context.caller.session?.id : undefined;
      const end = { ending: { allBut }, reason: 'revoked' as const, revocations };
      const ended = await endSessions(context, context.user.id, end);
      const resource = { type: 'user' as const, id: context.user.id };
      await context.record({ type: 'user.logged_out_everywhere', resource, after: { ended: ended.length, keepThis } });
      return { ended: ended.length };
    },
  };
}

type Row = Pick<
  Selectable<Tables['user_sessions']>,
  'id' | 'device' | 'user_agent' | 'ip_address' | 'created_at' | 'last_activity_at'
> & { readonly end: Date };

function infoOf(row: Row, current: string | undefined): SignInSessionInfo {
  const stored = row.device as Partial<Device>;
  return {
    id: row.id,
    current: row.id === current,
    device: stored.kind ? (stored as Device) : deviceOf(row.user_agent ?? undefined),
    address: row.ip_address,
    createdAt: row.created_at.toJSON(),
    lastActiveAt: row.last_activity_at.toJSON(),
    expiresAt: row.end.toJSON(),
  };
}
