// Keyset pages: the newest first, by (time, id). The cursor is opaque to clients and checked when it comes back.
import { type SelectQueryBuilder, sql } from 'kysely';
import { AppError } from '../protocol/errors.ts';

export interface PageRequest {
  readonly limit: number;
  readonly cursor?: string | undefined;
}

export interface Page<T> {
  readonly items: T[];
  /** For the next page; null at the end. */
  readonly nextCursor: string | null;
}

/** Column references of the key. */
export interface PageKey {
  readonly time: string;
  readonly id: string;
}

interface Position {
  /** Microseconds since 1970: a Date would lose what PostgreSQL keeps. */
  readonly at: string;
  readonly id: string;
}

const CURSOR = /^(-?\d{1,17})\.([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;
/** Names of the two columns that carry the position; they do not collide with a column of a table. */
const AT = 'page_at';
const ID = 'page_id';

/**
 * A page of a list.
 * @throws AppError `invalid_input` when the cursor is not one of ours
 */
export function pageOf({ limit, cursor }: PageRequest) {
  const after = cursor === undefined ? undefined : readCursor(cursor);
  return {
    /** Runs the query for this page. `query` must not be ordered or limited. */
    async fetch<DB, TB extends keyof DB, O>(query: SelectQueryBuilder<DB, TB, O>, key: PageKey): Promise<Page<O>> {
      const [time, id] = [sql.ref(key.time), sql.ref(key.id)];
      const at = sql<string>`(extract(epoch from ${time}) * 1000000)::bigint::text`;
      let page = query
        .select(at.as(AT))
        .select(sql<string>`${id}::text`.as(ID))
        .orderBy(time, 'desc')
        .orderBy(id, 'desc')
        .limit(limit + 1);
      if (after) {
        const from = sql`to_timestamp(0) + ${after.at}::bigint * interval '1 microsecond'`;
        page = page.where(sql<boolean>`(${time}, ${id}) < (${from}, ${after.id}::uuid)`);
      }
      const rows = (await page.execute()) as (O & Record<typeof AT | typeof ID, string>)[];
      const items = rows.slice(0, limit);
      const last = items.at(-1);
      return { items, nextCursor: rows.length > limit && last ? writeCursor({ at: last[AT], id: last[ID] }) : null };
    },
  };
}

function writeCursor({ at, id }: Position): string {
  return Buffer.from(`${at}.${id}`).toString('base64url');
}

function readCursor(cursor: string): Position {
  const found = CURSOR.exec(Buffer.from(cursor, 'base64url').toString('latin1'));
  if (!found) throw new AppError('invalid_input', 'cursor: is not one that this list gave out', { path: 'cursor' });
  return { at: found[1] as string, id: found[2] as string };
}
