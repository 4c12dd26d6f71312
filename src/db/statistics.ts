// The statistics of a day, counted from the audit log by the upkeep. Commands that counted in the row of the day would wait
// for each other there.
import { type Kysely, sql } from 'kysely';
import type { Tables } from './tables.ts';
import type { UpkeepTask } from './upkeep.ts';

export type CountedColumn = 'new_users' | 'executions';

/** @param counted the audit actions that each column counts */
export function statisticsTask(counted: Readonly<Record<CountedColumn, readonly string[]>>): UpkeepTask {
  return { name: 'statistics', everyMs: 10 * 60_000, run: (db) => countDays(db, counted) };
}

/** Today and yesterday, which may have ended since. Days are those of UTC. */
async function countDays(
  db: Kysely<Tables>,
  { new_users, executions }: Readonly<Record<CountedColumn, readonly string[]>>,
): Promise<Record<string, number>> {
  const { numAffectedRows = 0n } = await sql`
    insert into daily_stats (stat_date, active_users, new_users, executions)
    select day::date, count(distinct a.user_id), count(*) filter (where a.action = any(${new_users}::text[])),
      count(*) filter (where a.action = any(${executions}::text[]))
    from generate_series(date_trunc('day', now() at time zone 'UTC') - interval '1 day',
        date_trunc('day', now() at time zone 'UTC'), interval '1 day') day
      join audit_logs a on a.created_at >= day at time zone 'UTC' and a.created_at < (day + interval '1 day') at time zone 'UTC'
    group by day
    on conflict (stat_date) do update set active_users = excluded.active_users, new_users = excluded.new_users,
      executions = excluded.executions
      where (daily_stats.active_users, daily_stats.new_users, daily_stats.executions)
        <> (excluded.active_users, excluded.new_users, excluded.executions)`.execute(db);
  return { days: Number(numAffectedRows) };
}
