// Records that are only ever added to, by month: feed, audit, security, errors, metrics; and usage patterns.
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await createFeed(db);
  await createAudit(db);
  await createSecurityEvents(db);
  await createErrors(db);
  await createMetrics(db);
  await createUsagePatterns(db);
}

/** What the members of a room see of it. */
async function createFeed(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table activity_feed (
      id uuid not null default new_id(),
      session_id uuid references coding_sessions(id) on delete cascade,
      user_id uuid references users(id) on delete set null,
      type text not null,
      resource_type text,
      resource_id uuid,
      data jsonb,
      ip_address inet,
      created_at timestamptz not null default now(),
      primary key (created_at, id)
    ) partition by range (created_at);
    create index activity_feed_session_idx on activity_feed (session_id, created_at desc, id desc)
      where session_id is not null;
    create index activity_feed_user_idx on activity_feed (user_id, created_at desc)
      where user_id is not null;
    select begin_month_partitions('activity_feed')`.execute(db);
}

/** Who did what. A row outlives its room and its actor and is never changed: session_id and user_id point nowhere. */
async function createAudit(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table audit_logs (
      id uuid not null default new_id(),
      user_id uuid,
      session_id uuid,
      action text not null,
      resource_type text,
      resource_id text,
      old_values jsonb,
      new_values jsonb,
      details jsonb,
      result text not null default 'success' check (result in ('success','failure','error')),
      ip_address inet,
      user_agent text,
      request_id text,
      created_at timestamptz not null default now(),
      primary key (created_at, id)
    ) partition by range (created_at);
    create index audit_logs_user_idx on audit_logs (user_id, created_at desc) where user_id is not null;
    create index audit_logs_resource_idx on audit_logs (resource_type, resource_id, created_at desc);
    create index audit_logs_action_idx on audit_logs (action, created_at desc);
    create index audit_logs_session_idx on audit_logs (session_id, created_at desc) where session_id is not null;
    select begin_month_partitions('audit_logs')`.execute(db);
}

async function createSecurityEvents(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table security_events (
      id uuid not null default new_id(),
      session_id uuid,
      user_id uuid,
      type text not null,
      severity text not null check (severity in ('low','medium','high','critical')),
      data jsonb,
      sandbox_id text,
      ip_address inet,
      created_at timestamptz not null default now(),
      primary key (created_at, id)
    ) partition by range (created_at);
    create index security_events_severity_idx on security_events (severity, created_at desc)
      where severity in ('high','critical');
    create index security_events_user_idx on security_events (user_id, created_at desc)
      where user_id is not null;
    create index security_events_session_idx on security_events (session_id, created_at desc)
      where session_id is not null;
    create index security_events_type_idx on security_events (type, created_at desc);
    select begin_month_partitions('security_events')`.execute(db);
}

async function createErrors(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table error_logs (
      id uuid not null default new_id(),
      error_id text not null,
      fingerprint text not null,
      severity text not null check (severity in ('critical','error','warning')),
      component text not null,
      message text not null,
      user_id uuid,
      data jsonb,
      created_at timestamptz not null default now(),
      primary key (created_at, id)
    ) partition by range (created_at);
    create index error_logs_fingerprint_idx on error_logs (fingerprint, created_at desc);
    select begin_month_partitions('error_logs')`.execute(db);
}

async function createMetrics(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table performance_metrics (
      id uuid not null default new_id(),
      session_id uuid,
      metric_type text not null,
      value double precision not null,
      metadata jsonb,
      recorded_at timestamptz not null default now(),
      primary key (recorded_at, id)
    ) partition by range (recorded_at);
    create index performance_metrics_type_idx on performance_metrics (metric_type, recorded_at desc);
    select begin_month_partitions('performance_metrics')`.execute(db);
}

/** What somebody does again and again, counted. */
async function createUsagePatterns(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table usage_patterns (
      id uuid primary key default new_id(),
      user_id uuid not null references users(id) on delete cascade,
      session_id uuid references coding_sessions(id) on delete cascade,
      pattern_type text not null,
      pattern_key text not null,
      pattern_data jsonb not null default '{}',
      frequency integer not null default 1,
      last_occurred_at timestamptz not null default now()
    );
    create unique index usage_patterns_key on usage_patterns (user_id, session_id, pattern_type, pattern_key)
      nulls not distinct;
    create index usage_patterns_session_idx on usage_patterns (session_id) where session_id is not null`.execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`
    drop table usage_patterns;
    drop table performance_metrics;
    drop table error_logs;
    drop table security_events;
    drop table audit_logs;
    drop table activity_feed`.execute(db);
}
