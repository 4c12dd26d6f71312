// Rows of the database that a test holds: what needs them queues up behind it, in the order in which it came, so that two
// things happen at once in a known order.
import pg from 'pg';
import { until } from './until.ts';

/** As src/db/upkeep.ts calls its lock. */
const UPKEEP = 'coderoom upkeep';

export interface HeldRows {
  /** Resolves when so many transactions wait for a lock. */
  queued(count: number): Promise<void>;
  /** Lets them go on, the first one first. */
  release(): Promise<void>;
}

/** @param table and ids of the rows; others may still refer to them */
export async function holdRows(url: string, table: string, ids: readonly string[]): Promise<HeldRows> {
  const [holder, watcher] = [new pg.Client({ connectionString: url }), new pg.Client({ connectionString: url })];
  await Promise.all([holder.connect(), watcher.connect()]);
  await holder.query('begin');
  // The upkeep of the server goes through rows, too: it is over, or is left out.
  await holder.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [UPKEEP]);
  await holder.query(`select from ${table} where id = any($1::uuid[]) order by id for no key update`, [ids]);
  const { rows } = await holder.query('select pg_backend_pid() as pid');
  // Other transactions of the server wait for other locks: counted are those behind this one.
  const waiting = `with recursive behind (pid) as (
      select $1::int
      union
      select waits.pid from pg_stat_activity waits join behind on behind.pid = any (pg_blocking_pids(waits.pid))
      where waits.datname = current_database() and waits.wait_event_type = 'Lock')
    select count(*)::int - 1 as waiting from behind`;
  return {
    async queued(count) {
      const enough = async () => (await watcher.query(waiting, [rows[0].pid])).rows[0].waiting >= count;
      await until(enough, { what: `${count} to wait for rows of ${table}` });
    },
    async release() {
      await holder.query('commit');
      await Promise.all([holder.end(), watcher.end()]);
    },
  };
}
