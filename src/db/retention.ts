// What the upkeep does: months for the records, and how long everything is kept. Every period stands here.
import { type Kysely, sql } from 'kysely';
import type { Tables } from './tables.ts';
import type { UpkeepTask } from './upkeep.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** Months that have their partition before they begin. */
const MONTHS_AHEAD = 2;

/** Days for which records are kept, after the end of their month. What people did stays for more than a year. */
export const KEEP_RECORDS_DAYS = {
  activity_feed: 365,
  audit_logs: 400,
  error_logs: 90,
  external_api_calls: 90,
  external_data_access_audit: 400,
  job_logs: 30,
  llm_conversations_log: 400,
  performance_metrics: 90,
  security_events: 365,
} as const satisfies Partial<Record<keyof Tables, number>>;

/** Rows that one statement removes: a lock on more would be felt. */
const BATCH_ROWS = 5_000;

/** What is over: the rows, and how long they stay after that. */
interface Expiry {
  readonly table: keyof Tables;
  /** A condition in SQL, on the rows that may go. */
  readonly over: string;
}

const EXPIRIES: readonly Expiry[] = [
  // A week longer than they are valid, so that "your session has ended" can be told from "never heard of it".
  { table: 'user_sessions', over: "coalesce(refresh_expires_at, expires_at) < now() - interval '7 days'" },
  { table: 'user_sessions', over: "revoked_at < now() - interval '30 days'" },
  {
    table: 'access_tokens',
    over: "expires_at < now() - interval '30 days' or revoked_at < now() - interval '30 days'",
  },
  { table: 'email_tokens', over: "expires_at < now() - interval '7 days'" },
  // A day longer: requests of the last day are counted.
  { table: 'phone_verification_codes', over: "expires_at < now() - interval '1 day'" },
  { table: 'notifications', over: 'expires_at < now()' },
  { table: 'notifications', over: "archived_at < now() - interval '90 days'" },
  { table: 'external_data_sessions', over: "created_at < now() - interval '30 days'" },
  { table: 'editing_sessions', over: "ended_at < now() - interval '365 days'" },
];

/** The tasks. @param historyDays for which single edits of documents are kept, see documents/limits.ts */
export function retentionTasks({ historyDays }: { historyDays: number }): UpkeepTask[] {
  const history = { table: 'document_history', over: `ended_at < now() - interval '${historyDays} days'` } as const;
  return [
    { name: 'partitions', everyMs: 6 * HOUR_MS, run: makeMonths },
    { name: 'records', everyMs: 24 * HOUR_MS, run: dropMonths },
    { name: 'expiry', everyMs: 10 * MINUTE_MS, run: expire },
    { name: 'history', everyMs: 24 * HOUR_MS, run: async (db) => ({ removed: await remove(db, history) }) },
  ];
}

const recordTables = (): (keyof typeof KEEP_RECORDS_DAYS)[] => Object.keys(KEEP_RECORDS_DAYS) as never;

async function makeMonths(db: Kysely<Tables>): Promise<Record<string, number>> {
  let made = 0;
  for (const table of recordTables()) {
    const { rows } = await sql<{ made: number }>`
      select ensure_month_partitions(${table}::regclass, ${MONTHS_AHEAD}) as made`.execute(db);
    made += rows[0]?.made ?? 0;
  }
  return { made };
}

async function dropMonths(db: Kysely<Tables>): Promise<Record<string, number>> {
  const dropped: Record<string, number> = {};
  for (const table of recordTables()) {
    const { rows } = await sql<{ dropped: number }>`select drop_old_partitions(${table}::regclass,
      make_interval(days => ${KEEP_RECORDS_DAYS[table]})) as dropped`.execute(db);
    dropped[table] = rows[0]?.dropped ?? 0;
  }
  const { rows } = await sql<{ trimmed: bigint }>`
    select trim_audit_chain(make_interval(days => ${KEEP_RECORDS_DAYS.audit_logs})) as trimmed`.execute(db);
  dropped['audit_links'] = Number(rows[0]?.trimmed ?? 0n);
  return dropped;
}

async function expire(db: Kysely<Tables>): Promise<Record<string, number>> {
  const done: Record<string, number> = {};
  for (const expiry of EXPIRIES) done[expiry.table] = (done[expiry.table] ?? 0) + (await remove(db, expiry));
  const ended = await sql`update external_data_sessions set status = 'expired'
    where status = 'active' and expires_at < now()`.execute(db);
  const locked = await sql`update user_external_integrations set status = 'expired'
    where status = 'unlocked' and expires_at < now() and not auto_renew`.execute(db);
  return {
    ...done,
    data_sessions_ended: Number(ended.numAffectedRows ?? 0n),
    integrations_expired: Number(locked.numAffectedRows ?? 0n),
  };
}

/** In batches, each a transaction of its own. @returns rows removed */
async function remove(db: Kysely<Tables>, { table, over }: Expiry): Promise<number> {
  for (let removed = 0; ; ) {
    const { numAffectedRows = 0n } = await sql`delete from ${sql.ref(table)} where ctid = any (array(
      select ctid from ${sql.ref(table)} where ${sql.raw(over)} limit ${BATCH_ROWS}))`.execute(db);
    removed += Number(numAffectedRows);
    if (numAffectedRows < BATCH_ROWS) return removed;
  }
}
