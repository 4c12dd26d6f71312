// The records of the server, for its administrators: audit log and security events, page by page.
import { sql } from 'kysely';
import { pageOf } from '../../db/page.ts';
import type { TransactionContext } from '../../kernel/context.ts';
import type { Handlers } from '../../kernel/registry.ts';
import type { AuditEntry, SecurityEvent } from '../../protocol/audit.ts';
import type { CommandInput, CommandOutput } from '../../protocol/index.ts';

/** Both are read as the administrator who asks: row-level security has the last word. */
export const recordHandlers: Handlers = {
  'audit.list': listAudit,
  'security.list': listSecurity,
};

const SEVERITIES = ['low', 'medium', 'high', 'critical'] as const;
const KEY = { time: 'created_at', id: 'id' };

type Values = Record<string, unknown> | null;

async function listAudit(
  { trx }: TransactionContext,
  { limit = 50, cursor, ...asked }: CommandInput<'audit.list'>,
): Promise<CommandOutput<'audit.list'>> {
  let query = trx
    .selectFrom('audit_logs')
    .select(['id', 'created_at', 'user_id', 'session_id', 'action', 'resource_type', 'resource_id'])
    .select(['old_values', 'new_values', 'result', 'user_agent', 'request_id'])
    .select(sql<string | null>`host(ip_address)`.as('address'));
  if (asked.userId) query = query.where('user_id', '=', asked.userId);
  if (asked.roomId) query = query.where('session_id', '=', asked.roomId);
  if (asked.action) query = query.where('action', '=', asked.action);
  if (asked.resourceType) query = query.where('resource_type', '=', asked.resourceType);
  if (asked.resourceId) query = query.where('resource_id', '=', asked.resourceId);
  if (asked.from) query = query.where('created_at', '>=', new Date(asked.from));
  if (asked.to) query = query.where('created_at', '<', new Date(asked.to));
  const { items, nextCursor } = await pageOf({ limit: Number(limit), cursor }).fetch(query, KEY);
  const entries = items.map(
    (row): AuditEntry => ({
      id: row.id,
      at: row.created_at.toISOString(),
      userId: row.user_id,
      roomId: row.session_id,
      action: row.action,
      resourceType: row.resource_type,
      resourceId: row.resource_id,
      oldValues: row.old_values as Values,
      newValues: row.new_values as Values,
      result: row.result,
      address: row.address,
      userAgent: row.user_agent,
      requestId: row.request_id,
    }),
  );
  return { entries, nextCursor };
}

async function listSecurity(
  { trx }: TransactionContext,
  { limit = 50, cursor, ...asked }: CommandInput<'security.list'>,
): Promise<CommandOutput<'security.list'>> {
  let query = trx
    .selectFrom('security_events')
    .select(['id', 'created_at', 'user_id', 'session_id', 'type', 'severity', 'data'])
    .select(sql<string | null>`host(ip_address)`.as('address'));
  if (asked.userId) query = query.where('user_id', '=', asked.userId);
  if (asked.roomId) query = query.where('session_id', '=', asked.roomId);
  if (asked.type) query = query.where('type', '=', asked.type);
  if (asked.severity) query = query.where('severity', 'in', SEVERITIES.slice(SEVERITIES.indexOf(asked.severity)));
  if (asked.from) query = query.where('created_at', '>=', new Date(asked.from));
  if (asked.to) query = query.where('created_at', '<', new Date(asked.to));
  const { items, nextCursor } = await pageOf({ limit: Number(limit), cursor }).fetch(query, KEY);
  return { events: items.map(toEvent), nextCursor };
}

interface SecurityRow {
  readonly id: string;
  readonly created_at: Date;
  readonly user_id: string | null;
  readonly session_id: string | null;
  readonly type: string;
  readonly severity: SecurityEvent['severity'];
  readonly data: unknown;
  readonly address: string | null;
}

function toEvent(row: SecurityRow): SecurityEvent {
  const { count, ...data } = Object(row.data) as Record<string, unknown>;
  return {
    id: row.id,
    at: row.created_at.toISOString(),
    type: row.type,
    severity: row.severity,
    userId: row.user_id,
    roomId: row.session_id,
    address: row.address,
    count: typeof count === 'number' ? count : 1,
    data,
  };
}
