// The chain of hashes over the audit log: a row that was altered or removed afterwards is found.
//
// Links are laid in batches by the upkeep and not by the command that writes a row: a chain has one end, and commands would
// wait there for each other until their commit. So a row is unprotected for a minute at most, from who may change it at
// all, which the server's roles may not. Each row has a link of its own and links are in the order of laying, so a
// transaction that commits late is laid late and needs no care. Who owns the database could write the whole chain anew:
// its head goes to the log with every batch, and verifying takes an earlier head to compare with.
import { createHash } from 'node:crypto';
import { type Kysely, sql } from 'kysely';
import type { Log } from '../observe/log.ts';
import type { Tables } from './tables.ts';
import type { UpkeepTask } from './upkeep.ts';

export interface Head {
  readonly position: bigint;
  readonly hash: Buffer;
}

/** Rows that get their links in one transaction. */
export const SEAL_ROWS = 5_000;
const MINUTE_MS = 60_000;
/** Minutes of the log that are searched every minute: far longer than a transaction can last. */
const WINDOW_MINUTES = 60;

const BEGINNING: Head = { position: 0n, hash: Buffer.alloc(32) };

/** All of a row that is meant to last, in one text that does not depend on settings or version. */
export const ROW_HASH = sql<Buffer>`sha256(convert_to(jsonb_build_array(a.id, a.user_id, a.session_id, a.action,
  a.resource_type, a.resource_id, a.old_values, a.new_values, a.details, a.result, a.ip_address::text, a.user_agent,
  a.request_id, to_char(a.created_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS.US'))::text, 'UTF8'))`;

/** The hash of a link, from the one before it and its row. */
export function linkHash(before: Buffer, rowHash: Buffer): Buffer {
  return createHash('sha256').update(before).update(rowHash).digest();
}

/** Lays links every minute; and once a day for whatever was missed. */
export function auditTasks(log: Log): UpkeepTask[] {
  const seal = (minutes: number | undefined) => async (db: Kysely<Tables>) => ({
    sealed: await sealAudit(db, { minutes, log }),
  });
  return [
    { name: 'audit', everyMs: MINUTE_MS, run: seal(WINDOW_MINUTES) },
    { name: 'audit_all', everyMs: 24 * 60 * MINUTE_MS, run: seal(undefined) },
  ];
}

/** @param minutes how far back rows are looked for; undefined: to the beginning. @returns links laid */
export async function sealAudit(
  db: Kysely<Tables>,
  { minutes, log }: { minutes: number | undefined; log: Log },
): Promise<number> {
  let head = await headOf(db);
  for (let sealed = 0; ; ) {
    const next = await sealBatch(db, head, minutes);
    const count = Number(next.position - head.position);
    head = next;
    sealed += count;
    if (count < SEAL_ROWS) {
      const shown = `${head.position}:${head.hash.toString('hex')}`;
      if (sealed > 0) log.info({ head: shown, sealed }, 'the audit log is sealed up to here');
      return sealed;
    }
  }
}

/** The last link, or where retention cut the chain off. */
export async function headOf(db: Kysely<Tables>): Promise<Head> {
  const { rows } = await sql<Head>`(select position, hash from audit_chain order by position desc limit 1)
    union all (select position, hash from audit_anchors order by position desc limit 1)`.execute(db);
  return rows[0] ?? BEGINNING;
}

/** Two who lay the same position at once: one of them fails and tries again a minute later. */
async function sealBatch(db: Kysely<Tables>, head: Head, minutes: number | undefined): Promise<Head> {
  const from = minutes === undefined ? sql`'-infinity'` : sql`now() - make_interval(mins => ${minutes})`;
  const { rows } = await sql<{ id: string; at: string; row_hash: Buffer }>`
    select a.id, a.created_at::text as at, ${ROW_HASH} as row_hash from audit_logs a
    where a.created_at >= (${from})::timestamptz and not exists (
      select from audit_chain c where c.row_created_at = a.created_at and c.row_id = a.id)
    order by a.created_at, a.id limit ${SEAL_ROWS}`.execute(db);
  let { hash } = head;
  const hashes = rows.map(({ row_hash }) => {
    hash = linkHash(hash, row_hash);
    return hash;
  });
  const position = head.position + BigInt(rows.length);
  if (rows.length === 0) return head;
  await sql`insert into audit_chain (position, row_created_at, row_id, row_hash, hash)
    select ${String(head.position)}::bigint + n, at, id, row_hash, hash
    from unnest(${rows.map(({ at }) => at)}::timestamptz[], ${rows.map(({ id }) => id)}::uuid[],
      ${rows.map((row) => row.row_hash)}::bytea[], ${hashes}::bytea[])
      with ordinality as link(at, id, row_hash, hash, n)`.execute(db);
  return { position, hash };
}
