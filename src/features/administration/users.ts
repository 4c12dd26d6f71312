// Users as administrators see them: found, given roles on the server, kept from signing in.
import { sql } from 'kysely';
import { nameIndexes } from '../../db/names.ts';
import { pageOf } from '../../db/page.ts';
import type { Secrets } from '../../db/secrets.ts';
import type { Revocations, TransactionContext } from '../../kernel/context.ts';
import type { Handlers } from '../../kernel/registry.ts';
import type { KnownUser } from '../../protocol/administration.ts';
import { AppError } from '../../protocol/errors.ts';
import type { CommandInput, CommandOutput } from '../../protocol/index.ts';

export interface UserPorts {
  readonly revocations: Revocations;
  readonly secrets: Secrets;
}

export function userHandlers(ports: UserPorts): Handlers {
  return {
    'user.list': (context, input) => listUsers(ports.secrets, context, input),
    'user.change': (context, input) => changeUser(ports.revocations, context, input),
  };
}

const COLUMNS = ['id', 'kind', 'username', 'display_name', 'role', 'status', 'created_at'] as const;

async function listUsers(
  secrets: Secrets,
  { trx }: TransactionContext,
  { limit, cursor, search, kind, role, status }: CommandInput<'user.list'>,
): Promise<CommandOutput<'user.list'>> {
  let query = trx.selectFrom('users').select(COLUMNS);
  if (search !== undefined) {
    const wanted = search.toLowerCase();
    // Sealed names are found by their index; what a server without keys has written is in the clear.
    query = query.where(
      sql<boolean>`(position(${wanted} in lower(username)) > 0
        or display_name_index && ${nameIndexes(secrets, search)}::bytea[]
        or position(${wanted} in lower(display_name)) > 0 and display_name_index is null)`,
    );
  }
  if (kind) query = query.where('kind', '=', kind);
  if (role) query = query.where('role', '=', role);
  if (status) query = query.where('status', '=', status);
  const page = pageOf({ limit: Number(limit), cursor });
  const { items, nextCursor } = await page.fetch(query, { time: 'created_at', id: 'id' });
  return { users: items.map(toKnownUser), nextCursor };
}

type UserRow = Awaited<ReturnType<typeof lockBoth>>;

async function changeUser(
  revocations: Revocations,
  context: TransactionContext,
  { userId, role, status, reason }: CommandInput<'user.change'>,
): Promise<CommandOutput<'user.change'>> {
  const { trx, user } = context;
  // Nobody locks themselves out: with this, there is always one administrator left.
  if (userId === user.id) throw new AppError('conflict', 'Another administrator has to change you.');
  const before = await lockBoth(context, userId);
  if (role !== undefined && role !== 'user' && before.kind !== 'human') {
    throw new AppError('conflict', 'Only accounts have a role on the server: guests and bots cannot sign in again.');
  }
  const after: UserRow = { ...before, role: role ?? before.role, status: status ?? before.status };
  await trx.updateTable('users').set({ role: after.role, status: after.status }).where('id', '=', userId).execute();
  await context.record({
    type: 'user.administered',
    resource: { type: 'user', id: userId },
    before: { role: before.role, status: before.status },
    after: { role: after.role, status: after.status, ...(reason && { reason }) },
  });
  if (after.status !== 'active') {
    const bots = await trx.selectFrom('users').select('id').where('bot_owner_id', '=', userId).execute();
    context.afterCommit(() => {
      for (const id of [userId, ...bots.map((bot) => bot.id)]) revocations.revoked({ userId: id });
    });
  }
  return { user: toKnownUser(after) };
}

/**
 * Locks who is changed and who changes them, always in the same order, and looks once more whether they may: of two
 * administrators who take the role from each other at once, one is left.
 */
async function lockBoth({ trx, user }: TransactionContext, userId: string) {
  const rows = await trx
    .selectFrom('users')
    .select(COLUMNS)
    .where('id', 'in', [user.id, userId])
    .orderBy('id')
    .forUpdate()
    .execute();
  const self = rows.find(({ id }) => id === user.id);
  if (self?.role !== 'admin' || self.status !== 'active') {
    throw new AppError('forbidden', 'You are no administrator of this server any more.');
  }
  const row = rows.find(({ id }) => id === userId);
  if (!row) throw new AppError('not_found', 'There is no such user.');
  return row;
}

function toKnownUser(row: UserRow): KnownUser {
  return {
    id: row.id,
    kind: row.kind,
    username: row.username,
    displayName: row.display_name,
    role: row.role,
    status: row.status,
    createdAt: row.created_at.toISOString(),
  };
}
