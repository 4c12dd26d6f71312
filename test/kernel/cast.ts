// The people of the stage as they were at the start: some commands sign their caller out, or make a guest an account.
import type pg from 'pg';
import type { Guest } from '../support/api.ts';
import type { BareClient } from '../support/bare-client.ts';

export interface Cast {
  /** Everybody's token holds again. */
  revive(): Promise<void>;
  /** Everybody is who they were: the owner an account, the others guests. Connections that know better are closed. */
  reset(): Promise<void>;
}

/** Remembers everybody's session as it is now. */
export async function castOf(
  db: pg.Client,
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
  const revive = async (): Promise<void> => {
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
