// Environments that code runs in, and its runs.
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await createEnvironments(db);
  await createExecutions(db);
  await createSources(db);
  await createTestCases(db);
}

async function createEnvironments(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table execution_environments (
      id uuid primary key default new_id(),
      name text not null unique,
      language text not null,
      runtime text not null check (runtime in ('isolate','docker','local')),
      docker_image text,
      limits jsonb not null default '{}',
      environment_encrypted bytea,
      is_active boolean not null default true,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now(),
      check (runtime <> 'docker' or docker_image is not null)
    );
    create trigger execution_environments_updated_at before update on execution_environments
      for each row execute function set_updated_at();

    -- What a room has chosen for a language.
    create table room_environments (
      session_id uuid not null references coding_sessions(id) on delete cascade,
      language text not null,
      environment_id uuid not null references execution_environments(id) on delete cascade,
      primary key (session_id, language)
    );
    create index room_environments_environment_idx on room_environments (environment_id)`.execute(db);
}

/**
 * error: kind, message, file, line, column. output_marks: [stream, length] for each stretch of output, in order. sources:
 * path → SHA-256 of every file the run had but its entry, which is `code`. document_version: the Yjs state vector of the
 * text that ran. selection_line: where in the file `code` begins, for a selection. tests: the cases of a run of tests,
 * with their verdicts when it is over. wall_ms has the time in it that the program waited for input, input_ms.
 */
async function createExecutions(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table code_executions (
      id uuid primary key default new_id(),
      session_id uuid not null references coding_sessions(id) on delete cascade,
      file_id uuid references files(id) on delete set null,
      user_id uuid references users(id) on delete set null,
      environment_id uuid references execution_environments(id) on delete set null,
      repeat_of uuid references code_executions(id) on delete set null,
      kind text not null default 'file' check (kind in ('file','snippet','selection','test')),
      language text not null,
      mode text not null default 'sandbox' check (mode in ('docker','local','sandbox')),
      sandbox_id text,
      entry text not null default '',
      code text not null,
      selection_line integer,
      sources jsonb not null default '{}',
      stdin text,
      args jsonb not null default '[]',
      interactive boolean not null default false,
      status text not null default 'queued'
        check (status in ('queued','running','completed','failed','timeout','cancelled')),
      output text,
      output_marks jsonb,
      output_bytes bigint,
      output_truncated boolean not null default false,
      error_message text,
      result text,
      result_tables jsonb,
      tests jsonb,
      error jsonb,
      queue_ms double precision,
      wall_ms double precision,
      input_ms double precision,
      cpu_ms double precision,
      memory_bytes bigint,
      document_version bytea,
      created_at timestamptz not null default now(),
      started_at timestamptz,
      completed_at timestamptz
    );
    create index code_executions_session_idx on code_executions (session_id, created_at desc, id desc);
    create index code_executions_user_idx on code_executions (user_id, created_at desc) where user_id is not null;
    create index code_executions_file_idx on code_executions (file_id) where file_id is not null;
    create index code_executions_open_idx on code_executions (created_at) where status in ('queued','running');
    create index code_executions_repeat_idx on code_executions (repeat_of) where repeat_of is not null;
    create index code_executions_environment_idx on code_executions (environment_id)
      where environment_id is not null`.execute(db);
}

/** Texts that runs of a room had beside their entry, each once: the same files run again and again. */
async function createSources(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table execution_sources (
      session_id uuid not null references coding_sessions(id) on delete cascade,
      hash bytea not null,
      content text not null,
      primary key (session_id, hash)
    )`.execute(db);
}

/** What a file is tested with. Without an expected output the program only has to end by itself. */
async function createTestCases(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table test_cases (
      id uuid primary key default new_id(),
      file_id uuid not null references files(id) on delete cascade,
      name text not null,
      stdin text not null default '',
      args jsonb not null default '[]',
      expected_output text,
      created_by uuid references users(id) on delete set null,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now()
    );
    create index test_cases_file_idx on test_cases (file_id, created_at, id);
    create index test_cases_created_by_idx on test_cases (created_by) where created_by is not null;
    create trigger test_cases_updated_at before update on test_cases
      for each row execute function set_updated_at()`.execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`
    drop table test_cases;
    drop table execution_sources;
    drop table code_executions;
    drop table room_environments;
    drop table execution_environments`.execute(db);
}
