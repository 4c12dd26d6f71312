// Work that goes on in the background: where files are kept outside, who may do what there, schedules, jobs, their logs.
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await createRemotes(db);
  await createPermissions(db);
  await createSchedules(db);
  await createJobs(db);
  await createJobLogs(db);
}

/** config: what may be read; secret_encrypted: keys and passwords. */
async function createRemotes(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table remotes (
      id uuid primary key default new_id(),
      owner_id uuid not null references users(id) on delete cascade,
      name text not null check (name ~ '^[A-Za-z0-9_-]{1,50}$'),
      type text not null check (type in ('s3','sftp','webdav','local')),
      root_path text not null default '',
      config jsonb not null default '{}',
      secret_encrypted bytea,
      status text not null default 'unknown' check (status in ('unknown','online','offline','error')),
      last_checked_at timestamptz,
      last_error text,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now(),
      unique (owner_id, name)
    );
    create trigger remotes_updated_at before update on remotes
      for each row execute function set_updated_at()`.execute(db);
}

/**
 * What somebody may do in a remote or in a room, below some paths; without user_id: everybody in a room.
 * src/kernel/path-rights.ts says what path_rules mean.
 */
async function createPermissions(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table permissions (
      id uuid primary key default new_id(),
      user_id uuid references users(id) on delete cascade,
      remote_id uuid references remotes(id) on delete cascade,
      session_id uuid references coding_sessions(id) on delete cascade,
      permissions text[] not null default '{}'
        check (permissions <@ array['read','write','delete','admin','execute']::text[]),
      path_rules jsonb not null default '[]' check (jsonb_typeof(path_rules) = 'array'),
      is_active boolean not null default true,
      created_by uuid references users(id) on delete set null,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now(),
      check (num_nonnulls(remote_id, session_id) = 1),
      check (user_id is not null or session_id is not null)
    );
    create unique index permissions_target_key on permissions (user_id, remote_id, session_id) nulls not distinct;
    create index permissions_remote_idx on permissions (remote_id) where remote_id is not null;
    create index permissions_session_idx on permissions (session_id) where session_id is not null;
    create index permissions_creator_idx on permissions (created_by) where created_by is not null;
    create trigger permissions_updated_at before update on permissions
      for each row execute function set_updated_at()`.execute(db);
}

async function createSchedules(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table schedule_rules (
      id uuid primary key default new_id(),
      user_id uuid not null references users(id) on delete cascade,
      session_id uuid references coding_sessions(id) on delete cascade,
      name text not null check (char_length(name) between 1 and 100),
      description text,
      is_active boolean not null default true,
      rule_type text not null check (rule_type in ('cron','interval','once')),
      cron_expression text,
      time_zone text not null default 'UTC',
      interval_seconds integer check (interval_seconds >= 60),
      run_at timestamptz,
      job_template jsonb not null,
      last_run_at timestamptz,
      next_run_at timestamptz,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now(),
      constraint schedule_rules_when check (case rule_type
        when 'cron' then cron_expression is not null
        when 'interval' then interval_seconds is not null
        else run_at is not null end)
    );
    create index schedule_rules_due_idx on schedule_rules (next_run_at) where is_active;
    create index schedule_rules_user_idx on schedule_rules (user_id, created_at desc, id desc);
    create index schedule_rules_session_idx on schedule_rules (session_id) where session_id is not null;
    create trigger schedule_rules_updated_at before update on schedule_rules
      for each row execute function set_updated_at()`.execute(db);
}

async function createJobs(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table jobs (
      id uuid primary key default new_id(),
      user_id uuid not null references users(id) on delete cascade,
      session_id uuid references coding_sessions(id) on delete cascade,
      remote_id uuid references remotes(id) on delete set null,
      schedule_id uuid references schedule_rules(id) on delete set null,
      type text not null check (type in ('copy','move','delete','sync','backup','restore')),
      status text not null default 'pending'
        check (status in ('pending','queued','running','completed','failed','cancelled')),
      priority smallint not null default 5 check (priority between 1 and 10),
      progress smallint not null default 0 check (progress between 0 and 100),
      payload jsonb not null,
      result jsonb,
      error text,
      retry_count smallint not null default 0 check (retry_count >= 0),
      max_retries smallint not null default 3 check (max_retries >= 0),
      scheduled_for timestamptz,
      started_at timestamptz,
      heartbeat_at timestamptz,
      completed_at timestamptz,
      cancel_requested_at timestamptz,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now(),
      constraint jobs_start_after_creation check (started_at is null or started_at >= created_at),
      constraint jobs_end_after_start
        check (completed_at is null or started_at is null or completed_at >= started_at)
    );
    create index jobs_user_idx on jobs (user_id, created_at desc, id desc);
    create index jobs_session_idx on jobs (session_id, created_at desc, id desc) where session_id is not null;
    create index jobs_open_idx on jobs (status, priority desc, created_at) where status in ('pending','queued','running');
    create index jobs_remote_idx on jobs (remote_id) where remote_id is not null;
    create index jobs_schedule_idx on jobs (schedule_id) where schedule_id is not null;
    create trigger jobs_updated_at before update on jobs for each row execute function set_updated_at()`.execute(db);
}

async function createJobLogs(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table job_logs (
      id uuid not null default new_id(),
      job_id uuid not null references jobs(id) on delete cascade,
      level text not null check (level in ('debug','info','warning','error','fatal')),
      message text not null,
      details jsonb,
      created_at timestamptz not null default now(),
      primary key (created_at, id)
    ) partition by range (created_at);
    create index job_logs_job_idx on job_logs (job_id, created_at desc, id desc);
    select begin_month_partitions('job_logs')`.execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`
    drop table job_logs;
    drop table jobs;
    drop table schedule_rules;
    drop table permissions;
    drop table remotes`.execute(db);
}
