// As whom the server works in the database: never as the owner of the tables where that can be avoided. See
// migrations/0012_access.ts for what each role may do.
import { type Kysely, sql, type Transaction } from 'kysely';
import { fixed } from './fixed-statement.ts';
import { ahead } from './pipeline.ts';
import type { Tables } from './tables.ts';

/** commands: for one user at a time. system: the server's own work, which sees everybody's rows. */
export const ROLES = { commands: 'app_rw', system: 'app_system' } as const;
export type RoleName = (typeof ROLES)[keyof typeof ROLES];

export type RoleState =
  | { readonly limited: true }
  /** The server works as the login itself: row-level security may not hold. `advice` is what to do about it. */
  | { readonly limited: false; readonly login: string; readonly advice: string };

/**
 * Makes the roles usable as far as the login may do that, and says whether they are.
 * @param db as the login, migrated
 * @throws Error with a sentence for the operator when the login can use neither the roles nor the tables
 */
export async function prepareRoles(db: Kysely<unknown>): Promise<RoleState> {
  if (await areUsable(db)) return { limited: true };
  await sql`select ensure_server_roles(), grant_server_roles()`.execute(db).catch((error: unknown) => {
    if (!isForbidden(error)) throw error;
  });
  if (await areUsable(db)) return { limited: true };
  const { rows } = await sql<{ login: string; works: boolean }>`select current_user as login,
    has_table_privilege('users', 'select, insert, update, delete') as works`.execute(db);
  const { login = '', works = false } = rows[0] ?? {};
  const advice = adviceFor(login);
  if (!works) throw new Error(`The database login "${login}" may not use the tables. ${advice}`);
  return { limited: false, login, advice };
}

/** The statements that an administrator of the database has to run. */
export function adviceFor(login: string): string {
  const { commands, system } = ROLES;
  return (
    `As an administrator of the database run: create role ${commands} nologin noinherit; ` +
    `create role ${system} nologin noinherit; grant ${commands}, ${system} to "${login}"; ` +
    'then, as the owner of the tables: select grant_server_roles(); (a role that is there already need not be created).'
  );
}

async function areUsable(db: Kysely<unknown>): Promise<boolean> {
  for (const role of Object.values(ROLES)) if (!(await isUsable(db, role))) return false;
  return true;
}

/** The newest table with grants stands for all: they are given together. */
async function isUsable(db: Kysely<unknown>, role: RoleName): Promise<boolean> {
  try {
    return await db.transaction().execute(async (trx) => {
      await sql`set local role ${sql.ref(role)}`.execute(trx);
      const { rows } = await sql<{ works: boolean }>`select has_table_privilege('users', 'insert')
        and has_table_privilege('chatbot_personas', 'select') as works`.execute(trx);
      return rows[0]?.works === true;
    });
  } catch (error) {
    if (isForbidden(error)) return false;
    throw error;
  }
}

/** PostgreSQL: insufficient_privilege, and invalid_parameter_value or undefined_object for a role that is not there. */
function isForbidden(error: unknown): boolean {
  const { code } = Object(error) as { code?: string };
  return code === '42501' || code === '22023' || code === '42704';
}

const ACT_AS = fixed(`select set_config('app.user_id', $1, true)`);
const ACT_FOR_EACH = fixed(`select set_config('app.user_ids', $1, true)`);

/**
 * From here to its end the transaction acts for this user: rows of others are not there for it.
 * @param userId of somebody who has proved who they are
 */
export async function actAs(trx: Transaction<Tables>, userId: string): Promise<void> {
  await ahead(trx, ACT_AS(userId));
}

/**
 * For a transaction that several callers share: it may leave records in the name of each of them. Whose rows are there
 * to be read does not change.
 */
export async function actForEach(trx: Transaction<Tables>, userIds: readonly string[]): Promise<void> {
  await ahead(trx, ACT_FOR_EACH(userIds.join(',')));
}
