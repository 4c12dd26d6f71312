// Administrators that an operator makes at the machine: the first one has nobody who could make them.
import { type Kysely, sql } from 'kysely';
import type { Tables } from '../../db/tables.ts';
import { newPassword, username } from '../../protocol/accounts.ts';
import { refuseNames } from './accounts.ts';
import { hashPassword } from './passwords.ts';

/**
 * Makes an account that administers the server.
 * @param db as the owner of the tables
 * @throws Error with a sentence for the operator
 */
export async function createAdministrator(db: Kysely<Tables>, name: string, password: string): Promise<void> {
  const wish = { username: checked(username, 'user name', name), password: checked(newPassword, 'password', password) };
  refuseNames(wish);
  if (await findAccount(db, wish.username)) {
    throw new Error(`There is an account "${wish.username}" already: npm run admin -- promote ${wish.username}`);
  }
  const password_hash = await hashPassword(wish.password);
  await db.transaction().execute(async (trx) => {
    const { id } = await trx
      .insertInto('users')
      .values({ username: wish.username, display_name: wish.username, password_hash, role: 'admin' })
      .returning('id')
      .executeTakeFirstOrThrow();
    await audit(trx, {
      id,
      action: 'user.registered',
      before: null,
      after: { username: wish.username, role: 'admin' },
    });
  });
}

/** Makes somebody who has an account an administrator. @throws Error with a sentence for the operator */
export async function promote(db: Kysely<Tables>, name: string): Promise<void> {
  const found = await findAccount(db, name);
  if (found?.kind !== 'human') throw new Error(`There is no account "${name}".`);
  await db.transaction().execute(async (trx) => {
    await trx.updateTable('users').set({ role: 'admin' }).where('id', '=', found.id).execute();
    const [before, after] = [{ role: found.role }, { role: 'admin' }];
    await audit(trx, { id: found.id, action: 'user.promoted', before, after });
  });
}

function findAccount(db: Kysely<Tables>, name: string) {
  return db
    .selectFrom('users')
    .select(['id', 'kind', 'role'])
    .where(sql<boolean>`lower(username) = lower(${name})`)
    .executeTakeFirst();
}

interface Change {
  readonly id: string;
  readonly action: string;
  readonly before: object | null;
  readonly after: object;
}

/** Nobody is signed in at the machine: the row has no actor. */
async function audit(trx: Kysely<Tables>, { id, action, before, after }: Change): Promise<void> {
  await trx
    .insertInto('audit_logs')
    .values({
      action,
      resource_type: 'user',
      resource_id: id,
      old_values: before && JSON.stringify(before),
      new_values: JSON.stringify(after),
      details: JSON.stringify({ by: 'the operator, at the machine' }),
    })
    .execute();
}

interface Schema {
  safeParse(
    value: unknown,
  ): { success: true; data: string } | { success: false; error: { issues: { message: string }[] } };
}

function checked(schema: Schema, what: string, value: string): string {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new Error(`The ${what} ${parsed.error.issues[0]?.message ?? 'is not valid'}.`);
}
