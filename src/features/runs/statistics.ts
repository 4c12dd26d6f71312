// Runs in figures. One look at the rows of a room in a time, counted by language, by user and altogether at once.
import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { Tables } from '../../db/tables.ts';
import { AppError } from '../../protocol/errors.ts';
import type { CommandOutput } from '../../protocol/index.ts';
import { GROUPS_LISTED, type RunFigures, SERIES_POINTS } from '../../protocol/run-statistics.ts';

export interface StatisticsQuery {
  readonly roomId: string;
  readonly userId?: string | undefined;
  readonly language?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Milliseconds from `from` to `to` where nothing is said, and at most. */
const USUAL_TIME = 7 * DAY;
const LONGEST_TIME = 800 * DAY;
/** Steps of the series that people know; the smallest that gives few enough points is taken. */
const STEPS = [MINUTE, 5 * MINUTE, 30 * MINUTE, HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY, 7 * DAY, 14 * DAY];

type Statistics = CommandOutput<'run.statistics'>;

interface Span {
  readonly from: Date;
  readonly to: Date;
  readonly stepMs: number;
}

/** @throws AppError `invalid_input` when the time is none, or too long */
export async function readStatistics(db: Kysely<Tables>, query: StatisticsQuery): Promise<Statistics> {
  const span = spanOf(query);
  const runs = chosenRuns(query, span);
  const groups = await readGroups(db, runs);
  const errors = await readErrors(db, runs);
  const series = await readSeries(db, runs, span);
  const total = groups.find(({ by }) => by === 'total');
  return {
    from: span.from.toISOString(),
    to: span.to.toISOString(),
    total: figuresOf(total),
    languages: groups.flatMap((row) => (row.by === 'language' ? [{ language: row.key ?? '', ...figuresOf(row) }] : [])),
    users: groups.flatMap((row) => (row.by === 'user' ? [{ userId: row.key, ...figuresOf(row) }] : [])),
    errors,
    stepMs: span.stepMs,
    series,
  };
}

function spanOf(query: StatisticsQuery): Span {
  const to = query.to === undefined ? new Date() : new Date(query.to);
  const from = query.from === undefined ? new Date(to.getTime() - USUAL_TIME) : new Date(query.from);
  const length = to.getTime() - from.getTime();
  if (length <= 0) throw new AppError('invalid_input', 'from: is not before to');
  if (length > LONGEST_TIME)
    throw new AppError('invalid_input', `from: is more than ${LONGEST_TIME / DAY} days before to`);
  const stepMs = STEPS.find((step) => length / step <= SERIES_POINTS - 1) ?? (STEPS.at(-1) as number);
  return { from, to, stepMs };
}

/** Runs that are over, of the room, in the time. */
function chosenRuns({ roomId, userId, language }: StatisticsQuery, { from, to }: Span): RawBuilder<unknown> {
  const user = userId === undefined ? sql`true` : sql`user_id = ${userId}::uuid`;
  const spoken = language === undefined ? sql`true` : sql`language = ${language}`;
  return sql`(select *, greatest(wall_ms - coalesce(input_ms, 0), 0) as took_ms from code_executions
    where session_id = ${roomId}::uuid and created_at >= ${from} and created_at < ${to}
      and status not in ('queued', 'running') and ${user} and ${spoken}) as run`;
}

interface GroupRow {
  readonly by: 'total' | 'language' | 'user';
  readonly key: string | null;
  readonly runs: number;
  readonly completed: number;
  readonly failed: number;
  readonly timeout: number;
  readonly cancelled: number;
  readonly p50: number | null;
  readonly p95: number | null;
  readonly queue_p95: number | null;
  readonly cpu: number;
}

async function readGroups(db: Kysely<Tables>, runs: RawBuilder<unknown>): Promise<GroupRow[]> {
  const { rows } = await sql<GroupRow>`
    select * from (
      select *, row_number() over (partition by by order by runs desc, key) as place from (
        select case when grouping(language) = 0 then 'language' when grouping(user_id) = 0 then 'user' else 'total' end
            as by,
          case when grouping(language) = 0 then language else user_id::text end as key,
          count(*)::int as runs,
          (count(*) filter (where status = 'completed'))::int as completed,
          (count(*) filter (where status = 'failed'))::int as failed,
          (count(*) filter (where status = 'timeout'))::int as timeout,
          (count(*) filter (where status = 'cancelled'))::int as cancelled,
          percentile_cont(0.5) within group (order by took_ms) filter (where started_at is not null) as p50,
          percentile_cont(0.95) within group (order by took_ms) filter (where started_at is not null) as p95,
          percentile_cont(0.95) within group (order by queue_ms) filter (where started_at is not null) as queue_p95,
          coalesce(sum(cpu_ms), 0) as cpu
        from ${runs} group by grouping sets ((), (language), (user_id))
      ) as counted
    ) as placed where place <= ${GROUPS_LISTED} order by by, place`.execute(db);
  return rows;
}

async function readErrors(db: Kysely<Tables>, runs: RawBuilder<unknown>): Promise<Statistics['errors']> {
  const { rows } = await sql<{ kind: string; count: number; place: number }>`
    select kind, count from (
      select coalesce(error ->> 'kind', 'unknown') as kind, count(*)::int as count,
        row_number() over (order by count(*) desc, coalesce(error ->> 'kind', 'unknown')) as place
      from ${runs} where status in ('failed', 'timeout') group by 1
    ) as counted where place <= ${GROUPS_LISTED} order by place`.execute(db);
  return rows.map(({ kind, count }) => ({ kind, count }));
}

async function readSeries(db: Kysely<Tables>, runs: RawBuilder<unknown>, span: Span): Promise<Statistics['series']> {
  const { from, to, stepMs } = span;
  const step = sql`${stepMs} * interval '1 millisecond'`;
  // Steps stand where people expect them: on the hour, at midnight UTC.
  const { rows } = await sql<{ at: Date; completed: number; failed: number }>`
    select point as at,
      (count(run.id) filter (where run.status = 'completed'))::int as completed,
      (count(run.id) filter (where run.status in ('failed', 'timeout')))::int as failed
    from generate_series(date_bin(${step}, ${from}::timestamptz, 'epoch'), ${to}::timestamptz - interval '1 microsecond',
      ${step}) as point
    left join ${runs} on run.created_at >= point and run.created_at < point + ${step}
    group by point order by point`.execute(db);
  return rows.map(({ at, completed, failed }) => ({ at: at.toISOString(), completed, failed }));
}

function figuresOf(row: GroupRow | undefined): RunFigures {
  const { runs = 0, completed = 0, failed = 0, timeout = 0, cancelled = 0 } = row ?? {};
  const counted = runs - cancelled;
  return {
    runs,
    completed,
    failed,
    timeout,
    cancelled,
    successRate: counted > 0 ? completed / counted : null,
    p50Ms: row?.p50 ?? null,
    p95Ms: row?.p95 ?? null,
    queueP95Ms: row?.queue_p95 ?? null,
    cpuMs: row?.cpu ?? 0,
  };
}
