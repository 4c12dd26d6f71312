// Follows the chain over the audit log from its beginning and compares every row with what it was when it was sealed.
import { Kysely, PostgresDialect, sql } from 'kysely';
import { silentLog } from '../observe/log.ts';
import { type Head, linkHash, ROW_HASH } from './audit-chain.ts';
import { openPool } from './pool.ts';
import { KEEP_RECORDS_DAYS } from './retention.ts';
import type { Tables } from './tables.ts';

export interface AuditReport {
  readonly links: number;
  /** In sentences, the first of them; empty: everything is as it was. */
  readonly problems: readonly string[];
  readonly head: string;
  /** Rows that have no link yet. */
  readonly unsealed: number;
}

const LINKS_AT_ONCE = 5_000;
/** Problems that are told; more say nothing new. */
const PROBLEMS_TOLD = 100;

interface Link {
  readonly position: bigint;
  readonly row_hash: Buffer;
  readonly hash: Buffer;
  readonly row_id: string;
  readonly at: string;
  /** Null: the row is gone. */
  readonly row_hash_now: Buffer | null;
  /** Whether retention may have taken the row. */
  readonly over: boolean;
}

/**
 * Verifies the audit log.
 * @param url the owner's
 * @param expected an earlier head, `position:hash`, from the log of the server or from an earlier call
 */
export async function verifyAudit(url: string, expected?: string): Promise<AuditReport> {
  const pool = openPool({ url: () => url, size: 1, log: silentLog, patient: true });
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
  try {
    return await db
      .transaction()
      .setIsolationLevel('repeatable read')
      .execute((trx) => follow(trx, expected));
  } finally {
    await db.destroy();
  }
}

async function follow(db: Kysely<Tables>, expected: string | undefined): Promise<AuditReport> {
  const problems: string[] = [];
  let links = 0;
  let before = await beginningOf(db);
  let found = expected === undefined || expected === shown(before);
  for (;;) {
    const batch = await linksAfter(db, before.position);
    for (const link of batch) {
      problems.push(...problemsOf(link, before));
      before = { position: link.position, hash: link.hash };
      found ||= expected === shown(before);
    }
    links += batch.length;
    if (batch.length < LINKS_AT_ONCE) break;
  }
  if (!found) problems.push(`The chain does not hold ${expected}: it was cut off or written anew.`);
  const { rows } = await sql<{ n: number }>`select count(*)::int as n from audit_logs a where not exists (
    select from audit_chain c where c.row_created_at = a.created_at and c.row_id = a.id)`.execute(db);
  return { links, problems: problems.slice(0, PROBLEMS_TOLD), head: shown(before), unsealed: rows[0]?.n ?? 0 };
}

const shown = ({ position, hash }: Head): string => `${position}:${hash.toString('hex')}`;

async function beginningOf(db: Kysely<Tables>): Promise<Head> {
  const { rows } = await sql<Head>`select position, hash from audit_anchors order by position desc limit 1`.execute(db);
  return rows[0] ?? { position: 0n, hash: Buffer.alloc(32) };
}

async function linksAfter(db: Kysely<Tables>, position: bigint): Promise<Link[]> {
  const { rows } = await sql<Link>`
    select c.position, c.row_hash, c.hash, c.row_id, c.row_created_at::text as at,
      case when a.id is not null then ${ROW_HASH} end as row_hash_now,
      c.row_created_at < now() - make_interval(days => ${KEEP_RECORDS_DAYS.audit_logs}) as over
    from audit_chain c left join audit_logs a on a.created_at = c.row_created_at and a.id = c.row_id
    where c.position > ${String(position)}::bigint order by c.position limit ${LINKS_AT_ONCE}`.execute(db);
  return rows;
}

function problemsOf(link: Link, before: Head): string[] {
  const { position, row_hash, hash, row_id, at, row_hash_now, over } = link;
  const problems: string[] = [];
  if (position !== before.position + 1n)
    problems.push(`Links ${before.position + 1n} to ${position - 1n} are missing.`);
  else if (!linkHash(before.hash, row_hash).equals(hash))
    problems.push(`Link ${position} does not fit the one before it.`);
  if (row_hash_now === null && !over) problems.push(`Row ${row_id} of ${at} (link ${position}) was removed.`);
  if (row_hash_now !== null && !row_hash_now.equals(row_hash)) {
    problems.push(`Row ${row_id} of ${at} (link ${position}) was altered.`);
  }
  return problems;
}
