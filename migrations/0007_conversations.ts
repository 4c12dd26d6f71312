// What people and assistants say to each other: conversations, messages, what became of old ones, what people thought.
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await createConversations(db);
  await createMessages(db);
  await createArchives(db);
  await createFeedback(db);
}

/** A room has one conversation of kind session; an assistant's belongs to somebody, and may stand in a room. */
async function createConversations(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table conversations (
      id uuid primary key default new_id(),
      kind text not null check (kind in ('session','assistant')),
      session_id uuid references coding_sessions(id) on delete cascade,
      owner_id uuid references users(id) on delete cascade,
      persona_id text references chatbot_personas(id) on delete restrict,
      title text check (char_length(title) <= 200),
      status text not null default 'active' check (status in ('active','closed','archived')),
      message_count integer not null default 0 check (message_count >= 0),
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now(),
      constraint conversations_whose check (case kind
        when 'session' then session_id is not null
        else owner_id is not null and persona_id is not null end)
    );
    create unique index conversations_session_key on conversations (session_id) where kind = 'session';
    create index conversations_session_idx on conversations (session_id) where session_id is not null;
    create index conversations_owner_idx on conversations (owner_id, updated_at desc, id desc)
      where owner_id is not null;
    create index conversations_persona_idx on conversations (persona_id) where persona_id is not null;
    create index conversations_stale_idx on conversations (updated_at) where status <> 'archived';
    create trigger conversations_updated_at before update on conversations
      for each row execute function set_updated_at()`.execute(db);
}

/** search: only the beginning of a very long message, so that no message is too long for its index. */
async function createMessages(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table chat_messages (
      id uuid primary key default new_id(),
      conversation_id uuid not null references conversations(id) on delete cascade,
      sender_type text not null check (sender_type in ('user','assistant','system')),
      sender_id uuid references users(id) on delete set null,
      message_type text not null default 'text' check (message_type in ('text','code','file_share','image','system')),
      content text not null check (octet_length(content) <= 65536),
      metadata jsonb,
      reply_to uuid references chat_messages(id) on delete set null,
      emotion text,
      tokens_used integer check (tokens_used >= 0),
      edited_at timestamptz,
      deleted_at timestamptz,
      created_at timestamptz not null default now(),
      search tsvector generated always as (to_tsvector('simple', left(content, 20000))) stored
    );
    create index chat_messages_page_idx on chat_messages (conversation_id, created_at desc, id desc);
    create index chat_messages_sender_idx on chat_messages (sender_id, created_at desc) where sender_id is not null;
    create index chat_messages_reply_idx on chat_messages (reply_to) where reply_to is not null;
    create index chat_messages_metadata_idx on chat_messages using gin (metadata jsonb_path_ops)
      where metadata is not null;
    create index chat_messages_search_idx on chat_messages using gin (search)`.execute(db);
}

/** The messages of a conversation that nobody has touched for long: one row, lines of JSON compressed with zstd. */
async function createArchives(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table conversation_archives (
      conversation_id uuid primary key references conversations(id) on delete cascade,
      message_count integer not null check (message_count >= 0),
      payload bytea not null,
      archived_at timestamptz not null default now()
    );
    alter table conversation_archives alter column payload set storage external`.execute(db);
}

async function createFeedback(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table message_feedback (
      user_id uuid not null references users(id) on delete cascade,
      message_id uuid not null references chat_messages(id) on delete cascade,
      feedback_type text not null check (feedback_type in ('helpful','not_helpful')),
      rating smallint check (rating between 1 and 5),
      created_at timestamptz not null default now(),
      primary key (message_id, user_id)
    );
    create index message_feedback_user_idx on message_feedback (user_id)`.execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`
    drop table message_feedback;
    drop table conversation_archives;
    drop table chat_messages;
    drop table conversations`.execute(db);
}
