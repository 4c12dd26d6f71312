// Assistants: providers of language models with their keys, runs of agents, what they suggest, and what it cost.
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await createProviders(db);
  await createKeys(db);
  await createAgentRuns(db);
  await createSuggestions(db);
  await createUsage(db);
}

async function createProviders(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table llm_providers (
      id uuid primary key default new_id(),
      name text not null unique,
      display_name text not null,
      api_base_url text,
      status text not null default 'active' check (status in ('active','inactive')),
      priority smallint not null default 100,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now()
    );
    create trigger llm_providers_updated_at before update on llm_providers
      for each row execute function set_updated_at();

    create table llm_models (
      id uuid primary key default new_id(),
      provider_id uuid not null references llm_providers(id) on delete cascade,
      name text not null,
      display_name text not null,
      input_usd_per_mtok numeric(12,6) check (input_usd_per_mtok >= 0),
      output_usd_per_mtok numeric(12,6) check (output_usd_per_mtok >= 0),
      is_available boolean not null default true,
      created_at timestamptz not null default now(),
      unique (provider_id, name)
    )`.execute(db);
}

/** last_four: of the key, so that people can tell keys apart without seeing one. */
async function createKeys(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table llm_api_keys (
      id uuid primary key default new_id(),
      provider_id uuid not null references llm_providers(id) on delete cascade,
      name text not null,
      api_key_encrypted bytea not null,
      last_four text check (char_length(last_four) <= 4),
      status text not null default 'active' check (status in ('active','inactive')),
      monthly_budget_usd numeric(10,2) check (monthly_budget_usd >= 0),
      last_used_at timestamptz,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now(),
      unique (provider_id, name)
    );
    create trigger llm_api_keys_updated_at before update on llm_api_keys
      for each row execute function set_updated_at()`.execute(db);
}

async function createAgentRuns(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table agent_executions (
      id uuid primary key default new_id(),
      session_id uuid references coding_sessions(id) on delete cascade,
      user_id uuid references users(id) on delete set null,
      agent_type text not null
        check (agent_type in ('code_analysis','suggestion','chat','review','refactor','test')),
      input jsonb not null,
      output jsonb,
      model_name text,
      model_version text,
      tokens_used integer check (tokens_used >= 0),
      sandbox_id text,
      wall_ms double precision,
      status text not null default 'pending' check (status in ('pending','running','completed','failed','cancelled')),
      error_message text,
      created_at timestamptz not null default now(),
      completed_at timestamptz
    );
    create index agent_executions_session_idx on agent_executions (session_id, created_at desc, id desc)
      where session_id is not null;
    create index agent_executions_user_idx on agent_executions (user_id, created_at desc) where user_id is not null;
    create index agent_executions_open_idx on agent_executions (created_at)
      where status in ('pending','running')`.execute(db);
}

/** anchor: Yjs relative positions, which hold while others type. */
async function createSuggestions(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table ai_suggestions (
      id uuid primary key default new_id(),
      session_id uuid not null references coding_sessions(id) on delete cascade,
      file_id uuid references files(id) on delete cascade,
      user_id uuid references users(id) on delete set null,
      agent_execution_id uuid references agent_executions(id) on delete set null,
      suggestion_type text not null
        check (suggestion_type in ('code_completion','bug_fix','optimization','refactor')),
      anchor jsonb,
      original_code text,
      suggested_code text not null,
      explanation text,
      confidence real check (confidence between 0 and 1),
      status text not null default 'open' check (status in ('open','accepted','rejected','implemented')),
      decided_by uuid references users(id) on delete set null,
      decided_at timestamptz,
      created_at timestamptz not null default now()
    );
    create index ai_suggestions_session_idx on ai_suggestions (session_id, created_at desc, id desc);
    create index ai_suggestions_file_idx on ai_suggestions (file_id, status) where file_id is not null;
    create index ai_suggestions_user_idx on ai_suggestions (user_id) where user_id is not null;
    create index ai_suggestions_run_idx on ai_suggestions (agent_execution_id) where agent_execution_id is not null;
    create index ai_suggestions_decider_idx on ai_suggestions (decided_by) where decided_by is not null`.execute(db);
}

/** A row of the log outlives what it names: its references point nowhere. */
async function createUsage(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table llm_conversations_log (
      id uuid not null default new_id(),
      request_id text not null,
      user_id uuid,
      conversation_id uuid,
      message_id uuid,
      agent_execution_id uuid,
      api_key_id uuid,
      provider text not null,
      model text not null,
      prompt_tokens integer check (prompt_tokens >= 0),
      completion_tokens integer check (completion_tokens >= 0),
      cost_usd numeric(12,6),
      duration_ms double precision,
      status text not null check (status in ('success','failure','timeout','cancelled')),
      error_message text,
      created_at timestamptz not null default now(),
      primary key (created_at, id)
    ) partition by range (created_at);
    create index llm_conversations_log_user_idx on llm_conversations_log (user_id, created_at desc, id desc)
      where user_id is not null;
    select begin_month_partitions('llm_conversations_log');

    create table llm_daily_usage (
      usage_date date not null,
      provider text not null,
      model text not null,
      api_key_id uuid not null,
      requests integer not null default 0,
      tokens bigint not null default 0,
      cost_usd numeric(12,4) not null default 0,
      primary key (usage_date, provider, model, api_key_id)
    )`.execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`
    drop table llm_daily_usage;
    drop table llm_conversations_log;
    drop table ai_suggestions;
    drop table agent_executions;
    drop table llm_api_keys;
    drop table llm_models;
    drop table llm_providers`.execute(db);
}
