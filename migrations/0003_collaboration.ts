// Rooms, the people in them, their files, and the documents behind the files.
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await createRooms(db);
  await createParticipants(db);
  await createFiles(db);
  await createUpdateLog(db);
  await createHistory(db);
  await createVersions(db);
  await createEditingSessions(db);
}

async function createRooms(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table coding_sessions (
      id uuid primary key default new_id(),
      name text not null check (char_length(name) between 1 and 100),
      description text,
      owner_id uuid not null references users(id) on delete restrict,
      room_code text not null unique check (room_code ~ '^[A-Z0-9]{6,20}$'),
      visibility text not null default 'private' check (visibility in ('private','public','collaborative')),
      max_participants integer not null default 10 check (max_participants between 1 and 1000),
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now(),
      ended_at timestamptz
    );
    create index coding_sessions_owner_idx on coding_sessions (owner_id, created_at desc);
    create index coding_sessions_public_idx on coding_sessions (created_at desc, id desc)
      where visibility = 'public' and ended_at is null;
    create trigger coding_sessions_updated_at before update on coding_sessions
      for each row execute function set_updated_at();

    alter table access_tokens add constraint access_tokens_session_id_fkey
      foreign key (session_id) references coding_sessions(id) on delete cascade;
    create index access_tokens_session_idx on access_tokens (session_id) where session_id is not null`.execute(db);
}

/**
 * A participant talks, runs and suggests, but does not write files. joined_at: when they came in last. invited_at: they
 * were let in, and have not come yet. Who is banned is no participant.
 */
async function createParticipants(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table session_participants (
      session_id uuid not null references coding_sessions(id) on delete cascade,
      user_id uuid not null references users(id) on delete cascade,
      role text not null default 'participant' check (role in ('owner','collaborator','participant','viewer')),
      member_since timestamptz not null default now(),
      invited_at timestamptz,
      joined_at timestamptz not null default now(),
      left_at timestamptz,
      color smallint not null default 0 check (color between 0 and 11),
      last_cursor jsonb,
      primary key (session_id, user_id)
    );
    create index session_participants_user_idx on session_participants (user_id, joined_at desc, session_id desc);
    create unique index session_participants_one_owner on session_participants (session_id)
      where role = 'owner';

    create table session_bans (
      session_id uuid not null references coding_sessions(id) on delete cascade,
      user_id uuid not null references users(id) on delete cascade,
      banned_by uuid references users(id) on delete set null,
      created_at timestamptz not null default now(),
      primary key (session_id, user_id)
    );
    create index session_bans_user_idx on session_bans (user_id);
    create index session_bans_by_idx on session_bans (banned_by) where banned_by is not null`.execute(db);
}

/**
 * eol: how the lines of a file ended when it came; its document has line feeds only. file_former_paths: paths that a file
 * had before it was renamed; who knows files by their paths may come back with its text to another one.
 */
async function createFiles(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table files (
      id uuid primary key default new_id(),
      session_id uuid not null references coding_sessions(id) on delete cascade,
      path text not null check (path ~ '^[^/\\x01-\\x1f][^\\x01-\\x1f]*$' and path !~ '(^|/)\\.{1,2}(/|$)'
        and path !~ '//|/$' and char_length(path) <= 1024),
      filename text not null generated always as (regexp_replace(path, '^.*/', '')) stored,
      language text,
      eol text not null default 'lf' check (eol in ('lf','crlf')),
      size_bytes bigint not null default 0 check (size_bytes >= 0),
      content_hash bytea,
      created_by uuid references users(id) on delete set null,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now(),
      deleted_at timestamptz
    );
    create unique index files_path_key on files (session_id, path) where deleted_at is null;
    create index files_session_idx on files (session_id, updated_at desc);
    create index files_created_by_idx on files (created_by) where created_by is not null;
    create trigger files_updated_at before update on files for each row execute function set_updated_at();

    create table file_former_paths (
      session_id uuid not null references coding_sessions(id) on delete cascade,
      path text not null,
      file_id uuid not null references files(id) on delete cascade,
      primary key (session_id, path, file_id)
    );
    create index file_former_paths_file_idx on file_former_paths (file_id)`.execute(db);
}

/**
 * The log of edits and what it was merged into. The log is written with every keystroke and emptied by compaction, so
 * it is vacuumed early. run_id: the run that wrote an update, so that a run can be reverted as a whole. lineage: changes
 * when a document is seeded anew or restored; a client of another lineage must reset, never merge. lineage_client: the
 * Yjs client id that all have who received the document since, see src/documents/lineage-mark.ts.
 */
async function createUpdateLog(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table document_updates (
      file_id uuid not null references files(id) on delete cascade,
      seq bigint generated always as identity,
      data bytea not null,
      actor_id uuid,
      source text not null default 'edit' check (source in ('edit','restore','import','agent','revert')),
      run_id uuid,
      created_at timestamptz not null default now(),
      primary key (file_id, seq)
    ) with (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.05);

    create table document_states (
      file_id uuid primary key references files(id) on delete cascade,
      lineage uuid not null default gen_random_uuid(),
      lineage_client bigint,
      state bytea not null,
      merged_updates bigint not null default 0,
      updated_at timestamptz not null default now()
    );
    alter table document_states alter column state set storage external`.execute(db);
}

/** Who stands behind a Yjs client id; compacted stretches of the log for playback, blame and revert. */
async function createHistory(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table document_clients (
      file_id uuid not null references files(id) on delete cascade,
      client_id bigint not null,
      user_id uuid references users(id) on delete set null,
      source text not null default 'edit',
      run_id uuid,
      first_seen_at timestamptz not null default now(),
      primary key (file_id, client_id)
    );
    create index document_clients_user_idx on document_clients (user_id) where user_id is not null;

    create table document_history (
      file_id uuid not null references files(id) on delete cascade,
      from_seq bigint not null,
      to_seq bigint not null,
      updates bytea not null,
      started_at timestamptz not null,
      ended_at timestamptz not null,
      primary key (file_id, from_seq)
    );
    create index document_history_ended_idx on document_history (ended_at);
    create table document_quarantine (
      file_id uuid not null references files(id) on delete cascade,
      seq bigint not null,
      data bytea not null,
      actor_id uuid,
      reason text not null,
      created_at timestamptz not null default now(),
      primary key (file_id, seq)
    )`.execute(db);
}

async function createVersions(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table file_versions (
      id uuid primary key default new_id(),
      file_id uuid not null references files(id) on delete cascade,
      version_number integer not null check (version_number > 0),
      kind text not null default 'manual' check (kind in ('manual','auto','restore','import')),
      content text not null,
      content_hash bytea not null,
      diff jsonb,
      commit_message text,
      author_id uuid references users(id) on delete set null,
      created_at timestamptz not null default now(),
      unique (file_id, version_number)
    );
    create index file_versions_page_idx on file_versions (file_id, created_at desc, id desc);
    create index file_versions_author_idx on file_versions (author_id) where author_id is not null`.execute(db);
}

/** Who edited what and when; what happens now is presence, which is not stored. */
async function createEditingSessions(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table editing_sessions (
      id uuid primary key default new_id(),
      file_id uuid not null references files(id) on delete cascade,
      user_id uuid not null references users(id) on delete cascade,
      connection_id text not null,
      cursor_position integer not null default 0,
      selection_range jsonb,
      updates integer not null default 0,
      started_at timestamptz not null default now(),
      last_activity_at timestamptz not null default now(),
      ended_at timestamptz
    );
    create unique index editing_sessions_open_key on editing_sessions (file_id, connection_id) where ended_at is null;
    create index editing_sessions_file_idx on editing_sessions (file_id);
    create index editing_sessions_ended_idx on editing_sessions (ended_at) where ended_at is not null;
    create index editing_sessions_user_idx on editing_sessions (user_id, started_at desc)`.execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`
    drop index access_tokens_session_idx;
    alter table access_tokens drop constraint access_tokens_session_id_fkey;
    drop table editing_sessions;
    drop table file_versions;
    drop table document_quarantine;
    drop table document_history;
    drop table document_clients;
    drop table document_states;
    drop table document_updates;
    drop table file_former_paths;
    drop table files;
    drop table session_bans;
    drop table session_participants;
    drop table coding_sessions`.execute(db);
}
