// What the server tells people and what they tell it: notifications, announcements, feedback, configuration, statistics.
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await createNotifications(db);
  await createAnnouncements(db);
  await createUserFeedback(db);
  await createConfigs(db);
  await createDailyStats(db);
}

async function createNotifications(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table notifications (
      id uuid primary key default new_id(),
      user_id uuid not null references users(id) on delete cascade,
      type text not null,
      title text not null,
      message text,
      data jsonb,
      priority text not null default 'normal' check (priority in ('low','normal','high','urgent')),
      read_at timestamptz,
      archived_at timestamptz,
      expires_at timestamptz,
      created_at timestamptz not null default now()
    );
    create index notifications_owner_idx on notifications (user_id);
    create index notifications_user_idx on notifications (user_id, created_at desc, id desc) where archived_at is null;
    create index notifications_unread_idx on notifications (user_id) where read_at is null and archived_at is null;
    create index notifications_expiry_idx on notifications (expires_at) where expires_at is not null`.execute(db);
}

/** To everybody, for a while. */
async function createAnnouncements(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table system_notifications (
      id uuid primary key default new_id(),
      title text not null,
      content text not null,
      type text not null check (type in ('maintenance','update','notice')),
      priority text not null default 'normal' check (priority in ('low','normal','high','critical')),
      is_active boolean not null default true,
      display_from timestamptz not null default now(),
      display_until timestamptz,
      created_by uuid references users(id) on delete set null,
      created_at timestamptz not null default now(),
      constraint system_notifications_from_until check (display_until > display_from)
    );
    create index system_notifications_shown_idx on system_notifications (display_from desc) where is_active;
    create index system_notifications_creator_idx on system_notifications (created_by)
      where created_by is not null`.execute(db);
}

async function createUserFeedback(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table user_feedback (
      id uuid primary key default new_id(),
      user_id uuid references users(id) on delete set null,
      type text not null check (type in ('bug','suggestion','complaint')),
      subject text,
      content text not null,
      rating smallint check (rating between 1 and 5),
      status text not null default 'pending' check (status in ('pending','resolved','closed')),
      response text,
      responded_by uuid references users(id) on delete set null,
      responded_at timestamptz,
      created_at timestamptz not null default now()
    );
    create index user_feedback_user_idx on user_feedback (user_id, created_at desc, id desc)
      where user_id is not null;
    create index user_feedback_open_idx on user_feedback (created_at desc, id desc) where status = 'pending';
    create index user_feedback_responder_idx on user_feedback (responded_by) where responded_by is not null`.execute(
    db,
  );
}

async function createConfigs(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table system_configs (
      key text primary key check (key ~ '^[a-z0-9_.-]{1,100}$'),
      value jsonb not null,
      description text,
      updated_by uuid references users(id) on delete set null,
      updated_at timestamptz not null default now()
    );
    create index system_configs_updater_idx on system_configs (updated_by) where updated_by is not null;
    create trigger system_configs_updated_at before update on system_configs
      for each row execute function set_updated_at()`.execute(db);
}

/** Days are those of UTC. */
async function createDailyStats(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table daily_stats (
      stat_date date primary key,
      active_users integer not null default 0,
      new_users integer not null default 0,
      conversations integer not null default 0,
      messages integer not null default 0,
      executions integer not null default 0,
      llm_requests integer not null default 0,
      tokens bigint not null default 0,
      updated_at timestamptz not null default now()
    );
    create trigger daily_stats_updated_at before update on daily_stats
      for each row execute function set_updated_at()`.execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`
    drop table daily_stats;
    drop table system_configs;
    drop table user_feedback;
    drop table system_notifications;
    drop table notifications`.execute(db);
}
