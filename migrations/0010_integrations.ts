// Other systems: what can be asked of them, who has connected them, ten-minute sessions for their data, and a record of
// every call that holds no personal data.
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await createSystems(db);
  await createConnections(db);
  await createDataSessions(db);
  await createCalls(db);
  await createAccessAudit(db);
}

async function createSystems(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table external_systems (
      id uuid primary key default new_id(),
      name text not null unique,
      display_name text not null,
      type text not null check (type in ('code_host','issue_tracker','ci','registry','http_api')),
      base_url text not null check (base_url ~ '^https://'),
      auth_type text not null check (auth_type in ('none','token','oauth2','basic')),
      config jsonb not null default '{}',
      credential_config jsonb not null default '{}',
      is_active boolean not null default true,
      priority smallint not null default 100,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now()
    );
    create trigger external_systems_updated_at before update on external_systems
      for each row execute function set_updated_at();

    create table external_system_endpoints (
      id uuid primary key default new_id(),
      system_id uuid not null references external_systems(id) on delete cascade,
      name text not null,
      path_template text not null check (path_template ~ '^/'),
      method text not null default 'GET' check (method in ('GET','POST','PUT','PATCH','DELETE')),
      request_config jsonb not null default '{}',
      response_config jsonb not null default '{}',
      data_categories text[] not null default '{}',
      timeout_ms integer not null default 30000 check (timeout_ms between 100 and 60000),
      retries smallint not null default 3 check (retries between 0 and 5),
      is_active boolean not null default true,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now(),
      unique (system_id, name)
    );
    create trigger external_system_endpoints_updated_at before update on external_system_endpoints
      for each row execute function set_updated_at()`.execute(db);
}

async function createConnections(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table user_external_integrations (
      id uuid primary key default new_id(),
      user_id uuid not null references users(id) on delete cascade,
      system_id uuid not null references external_systems(id) on delete cascade,
      status text not null default 'locked' check (status in ('locked','pending','unlocked','expired')),
      external_user_encrypted bytea,
      credential_encrypted bytea,
      conditions jsonb not null default '{}',
      verification jsonb not null default '{}',
      metadata jsonb not null default '{}',
      consent_version text,
      last_verified_at timestamptz,
      expires_at timestamptz,
      auto_renew boolean not null default false,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now(),
      unique (user_id, system_id),
      constraint user_external_integrations_verified check (status <> 'unlocked' or last_verified_at is not null)
    );
    create index user_external_integrations_system_idx on user_external_integrations (system_id);
    create index user_external_integrations_expiry_idx on user_external_integrations (expires_at)
      where expires_at is not null and status = 'unlocked';
    create trigger user_external_integrations_updated_at before update on user_external_integrations
      for each row execute function set_updated_at()`.execute(db);
}

/** Their ids are secrets of a kind, hence random. */
async function createDataSessions(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table external_data_sessions (
      id uuid primary key default gen_random_uuid(),
      user_id uuid not null references users(id) on delete cascade,
      connection_id uuid not null references user_external_integrations(id) on delete cascade,
      agent_execution_id uuid references agent_executions(id) on delete set null,
      type text not null check (type in ('credential_request','data_fetch')),
      purpose text not null,
      categories text[] not null,
      token_hash bytea not null unique check (octet_length(token_hash) = 32),
      status text not null default 'active' check (status in ('active','completed','expired','failed')),
      expires_at timestamptz not null default now() + interval '10 minutes',
      completed_at timestamptz,
      created_at timestamptz not null default now(),
      constraint external_data_sessions_ten_minutes check (expires_at <= created_at + interval '10 minutes')
    );
    create index external_data_sessions_cleanup_idx on external_data_sessions (expires_at) where status = 'active';
    create index external_data_sessions_user_idx on external_data_sessions (user_id, created_at desc);
    create index external_data_sessions_connection_idx on external_data_sessions (connection_id);
    create index external_data_sessions_run_idx on external_data_sessions (agent_execution_id)
      where agent_execution_id is not null`.execute(db);
}

/** path_template: as declared, without the values that were put in. */
async function createCalls(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table external_api_calls (
      id uuid not null default new_id(),
      data_session_id uuid,
      user_id uuid,
      system_id uuid not null,
      endpoint_id uuid,
      method text not null,
      path_template text not null,
      request_hash bytea,
      status_code smallint,
      response_bytes integer,
      duration_ms integer,
      retries smallint not null default 0,
      success boolean not null,
      error_code text,
      rate_limit jsonb,
      created_at timestamptz not null default now(),
      primary key (created_at, id)
    ) partition by range (created_at);
    create index external_api_calls_system_idx on external_api_calls (system_id, success, created_at desc);
    create index external_api_calls_error_idx on external_api_calls (error_code, created_at desc)
      where error_code is not null;
    select begin_month_partitions('external_api_calls')`.execute(db);
}

async function createAccessAudit(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table external_data_access_audit (
      id uuid not null default new_id(),
      user_id uuid,
      system_id uuid not null,
      data_session_id uuid,
      access_type text not null check (access_type in ('view','use','process')),
      categories text[] not null default '{}',
      purpose text not null,
      result text not null check (result in ('success','partial','failed')),
      retention text not null default 'immediate_delete' check (retention in ('immediate_delete','temp_cache')),
      consent_version text,
      compliance jsonb,
      ip_address inet,
      user_agent_hash bytea,
      created_at timestamptz not null default now(),
      primary key (created_at, id)
    ) partition by range (created_at);
    create index external_data_access_audit_user_idx on external_data_access_audit (user_id, created_at desc);
    select begin_month_partitions('external_data_access_audit')`.execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`
    drop table external_data_access_audit;
    drop table external_api_calls;
    drop table external_data_sessions;
    drop table user_external_integrations;
    drop table external_system_endpoints;
    drop table external_systems`.execute(db);
}
