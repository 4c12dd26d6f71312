// The people of the stage as they were at the start: some commands sign their caller out, or make a guest an account.

import type { Guest } from '../support/api.ts';
import type { BareClient } from '../support/bare-client.ts';
import type { TestDatabase } from '../support/db.ts';

export interface Cast {
  /** Everybody's token holds again. */
  revive(): Promise<void>;
  /** Everybody is who they were: the owner an account, the others guests. Connections that know better are closed. */
  reset(): Promise<void>;
}

/** Remembers everybody's session as it is now. */
export async function castOf(
  db: TestDatabase,
  people: Readonly<Record<'owner', Guest>>,
  sockets: ReadonlyMap<string, BareClient>,
): Promise<Cast> {
  const names = Object.keys(people) as 'owner'[];
  const userIds = names.map((name) => people[name].id);
  const tokens = names.map((name) => people[name].token);
  const { rows } = await db.query(
    'select s.id from unnest($1::text[]) with ordinality p(token, n) join user_sessions s on s.token_hash = sha256(p.token::bytea) order by n',
    [tokens],
  );
  const sessionIds = rows.map(({ id }) => id);
  const bringBack = await bringerBack(db, userIds);
  const revive = async (): Promise<void> => {
    await bringBack();
    await db.query(
      `update user_sessions s set revoked_at = null, expires_at = now() + interval '1 day',
        token_hash = sha256(p.token::bytea) from unnest($1::uuid[], $2::text[]) p(id, token) where s.id = p.id`,
      [sessionIds, tokens],
    );
  };
  return {
    revive,
    async reset() {
      await revive();
      const changed = await db.query(
        `update users set kind = case when id = $1 then 'human' else 'guest' end, password_hash = coalesce(password_hash, 'none')
          where id = any ($2) and (kind = 'human') <> (id = $1) returning id`,
        [people.owner.id, userIds],
      );
      for (const { id } of changed.rows) sockets.get(names[userIds.indexOf(id)] as string)?.close();
    },
  };
}

/** What an erased one of them was and had, to be put back. */
async function bringerBack(db: TestDatabase, userIds: readonly string[]): Promise<() => Promise<void>> {
  const rowsOf = async (query: string): Promise<string> => {
    const { rows } = await db.query(`select coalesce(jsonb_agg(t), '[]')::text as all from (${query}) t`, [userIds]);
    return rows[0].all;
  };
  const users = await rowsOf('select * from users where id = any ($1)');
  const sessions = await rowsOf('select * from user_sessions where user_id = any ($1)');
  const rooms = await rowsOf('select * from coding_sessions where owner_id = any ($1)');
  const seats = await rowsOf('select * from session_participants where user_id = any ($1)');
  return async () => {
    const { rowCount } = await db.query(`select from users where id = any ($1) and status = 'inactive'`, [userIds]);
    if (rowCount === 0) return;
    await db.query(
      `update users u set status = 'active', username = s.username, display_name = s.display_name, kind = s.kind,
        role = s.role, password_hash = s.password_hash
        from jsonb_populate_recordset(null::users, $1) s where u.id = s.id`,
      [users],
    );
    await db.query(
      `insert into user_sessions select * from jsonb_populate_recordset(null::user_sessions, $1)
        on conflict (id) do nothing`,
      [sessions],
    );
    await db.query(
      `update coding_sessions r set owner_id = s.owner_id, ended_at = s.ended_at
        from jsonb_populate_recordset(null::coding_sessions, $1) s where r.id = s.id`,
      [rooms],
    );
    await db.query(
      `delete from session_participants p using jsonb_populate_recordset(null::session_participants, $1) s
        where p.session_id = s.session_id`,
      [seats],
    );
    await db.query(
      'insert into session_participants select * from jsonb_populate_recordset(null::session_participants, $1)',
      [seats],
    );
  };
}
