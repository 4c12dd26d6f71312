// Rules by path, set by the owner: for a person, or for everybody. kernel/path-rights.ts says what they mean.

import type { TransactionContext } from '../../kernel/context.ts';
import { lockOwnRoom } from '../../kernel/own-room.ts';
import { AppError } from '../../protocol/errors.ts';
import { type PathRule, PEOPLE_WITH_RULES, type Permission } from '../../protocol/permissions.ts';
import { type RegrantPorts, regrant } from './regrant.ts';

interface Holder {
  readonly roomId: string;
  /** Null: everybody. */
  readonly userId: string | null;
}

/** The handler of `permission.set`. @throws AppError `not_found`, `conflict` (the owner) */
export async function setPermission(
  ports: RegrantPorts,
  context: TransactionContext,
  { roomId, userId, rules }: Holder & { readonly rules: readonly PathRule[] },
): Promise<{ permission: Permission }> {
  const { trx, user, room } = context;
  await lockOwnRoom(context);
  if (userId === room.ownerId) throw new AppError('conflict', 'The owner of a room is not held back by rules.');
  await checkUser(context, userId);
  const before = await rulesOf(context, { roomId, userId });
  if (!before) await checkCount(context, roomId);
  const { updated_at } = await trx
    .insertInto('permissions')
    .values({ user_id: userId, session_id: roomId, path_rules: JSON.stringify(rules), created_by: user.id })
    .onConflict((conflict) =>
      conflict
        .columns(['user_id', 'remote_id', 'session_id'])
        .doUpdateSet({ path_rules: JSON.stringify(rules), created_by: user.id }),
    )
    .returning('updated_at')
    .executeTakeFirstOrThrow();
  await tell(ports, context, { roomId, userId, type: 'permission.set', before, after: rules });
  const { permissions } = await listPermissions(context, roomId);
  const shown = permissions.find((each) => each.userId === userId);
  return { permission: shown ?? { userId, displayName: null, rules: [...rules], updatedAt: updated_at.toISOString() } };
}

/** The handler of `permission.remove`. @throws AppError `not_found` */
export async function removePermission(ports: RegrantPorts, context: TransactionContext, { roomId, userId }: Holder) {
  await lockOwnRoom(context);
  const before = await rulesOf(context, { roomId, userId });
  if (!before) throw new AppError('not_found', 'There are no such rules.');
  await context.trx
    .deleteFrom('permissions')
    .where('session_id', '=', roomId)
    .where('user_id', userId === null ? 'is' : '=', userId)
    .execute();
  await tell(ports, context, { roomId, userId, type: 'permission.removed', before, after: undefined });
  return {};
}

/** The handler of `permission.list`: those for everybody first. */
export async function listPermissions({ trx }: Pick<TransactionContext, 'trx'>, roomId: string) {
  const rows = await trx
    .selectFrom('permissions as permission')
    .leftJoin('users as user', 'user.id', 'permission.user_id')
    .select(['permission.user_id', 'permission.path_rules', 'permission.updated_at', 'user.display_name'])
    .where('permission.session_id', '=', roomId)
    .where('permission.is_active', '=', true)
    .orderBy('permission.user_id')
    .execute();
  // By name, which the database cannot read.
  const byName = rows.sort((one, other) => (one.display_name ?? '').localeCompare(other.display_name ?? ''));
  return { permissions: byName.map(toPermission) };
}

function toPermission(row: {
  user_id: string | null;
  display_name: string | null;
  path_rules: unknown;
  updated_at: Date;
}): Permission {
  return {
    userId: row.user_id,
    displayName: row.display_name,
    rules: row.path_rules as PathRule[],
    updatedAt: row.updated_at.toISOString(),
  };
}

async function checkUser({ trx }: TransactionContext, userId: string | null): Promise<void> {
  if (userId === null) return;
  const known = await trx.selectFrom('users').select('id').where('id', '=', userId).executeTakeFirst();
  if (!known) throw new AppError('not_found', 'There is no such user.');
}

async function checkCount({ trx }: TransactionContext, roomId: string): Promise<void> {
  const { held } = await trx
    .selectFrom('permissions')
    .select((eb) => eb.fn.countAll<bigint>().as('held'))
    .where('session_id', '=', roomId)
    .executeTakeFirstOrThrow();
  if (held < BigInt(PEOPLE_WITH_RULES)) return;
  const message = `At most ${PEOPLE_WITH_RULES} people have rules in one room: give some to everybody.`;
  throw new AppError('limit_exceeded', message, { limit: PEOPLE_WITH_RULES });
}

async function rulesOf({ trx }: TransactionContext, { roomId, userId }: Holder): Promise<PathRule[] | undefined> {
  const row = await trx
    .selectFrom('permissions')
    .select('path_rules')
    .where('session_id', '=', roomId)
    .where('user_id', userId === null ? 'is' : '=', userId)
    .executeTakeFirst();
  return row?.path_rules as PathRule[] | undefined;
}

interface Change extends Holder {
  readonly type: 'permission.set' | 'permission.removed';
  readonly before: readonly PathRule[] | undefined;
  readonly after: readonly PathRule[] | undefined;
}

/** Everything that is open obeys before anybody hears of it. */
async function tell(ports: RegrantPorts, context: TransactionContext, change: Change): Promise<void> {
  const { roomId, userId, type, before, after } = change;
  const resource =
    userId === null ? { type: 'room' as const, id: roomId } : { type: 'participant' as const, id: userId };
  await context.record({
    type,
    roomId,
    resource,
    ...(before && { before: { rules: before } }),
    ...(after && { after: { rules: after } }),
  });
  await regrant(ports, context, userId === null ? { roomId } : { roomId, userId });
  context.publish('permission.changed', roomId, { roomId, userId });
}
