// Who people are: users and their preferences, sign-in sessions, tokens, one-time codes.
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await createChoices(db);
  await createUsers(db);
  await createPreferences(db);
  await createSessions(db);
  await createTokens(db);
  await createEmailTokens(db);
  await createPhoneCodes(db);
  await createAnnouncements(db);
}

/** Countries and assistants to choose from; 0013 and 0014 fill them. */
async function createChoices(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table countries (
      code text primary key check (code ~ '^[A-Z]{3}$'),
      name_ko text not null,
      name_en text not null,
      flag_emoji text
    );

    create table chatbot_personas (
      id text primary key check (id ~ '^[a-z0-9-]{1,50}$'),
      name text not null,
      description text not null,
      system_prompt text not null,
      avatar_model text,
      is_active boolean not null default true,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now()
    );
    create trigger chatbot_personas_updated_at before update on chatbot_personas
      for each row execute function set_updated_at()`.execute(db);
}

/**
 * A guest joins by room code alone; a bot belongs to somebody; a human can sign in. Addresses are encrypted and found
 * by a blind index (HMAC of the normalised address).
 */
async function createUsers(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table users (
      id uuid primary key default new_id(),
      kind text not null default 'human' check (kind in ('human','guest','bot')),
      bot_owner_id uuid references users(id) on delete cascade,
      username text not null check (char_length(username) between 2 and 50),
      display_name text not null check (char_length(display_name) between 1 and 400),
      display_name_index bytea[],
      email_encrypted bytea,
      email_index bytea,
      phone_encrypted bytea,
      phone_index bytea,
      password_hash text,
      role text not null default 'user' check (role in ('user','power_user','admin')),
      status text not null default 'active' check (status in ('active','inactive','banned')),
      avatar_url text,
      country_code text references countries(code) on delete set null,
      email_verified_at timestamptz,
      phone_verified_at timestamptz,
      last_login_at timestamptz,
      last_active_at timestamptz,
      metadata jsonb not null default '{}',
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now(),
      check ((email_encrypted is null) = (email_index is null)),
      check ((phone_encrypted is null) = (phone_index is null)),
      check (kind <> 'human' or email_index is not null or phone_index is not null or password_hash is not null),
      check ((kind = 'bot') = (bot_owner_id is not null))
    );
    create unique index users_username_key on users (lower(username));
    create unique index users_email_index_key on users (email_index) where email_index is not null;
    create unique index users_phone_index_key on users (phone_index) where phone_index is not null;
    create index users_name_idx on users using gin (display_name_index) where display_name_index is not null;
    create index users_created_idx on users (created_at desc, id desc);
    create index users_role_idx on users (role) where role <> 'user';
    create index users_bot_owner_idx on users (bot_owner_id) where bot_owner_id is not null;
    create index users_country_idx on users (country_code) where country_code is not null;
    create trigger users_updated_at before update on users for each row execute function set_updated_at()`.execute(db);
}

/** Without language or time zone: those of the device. */
async function createPreferences(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table user_preferences (
      user_id uuid primary key references users(id) on delete cascade,
      theme text not null default 'system' check (theme in ('light','dark','system')),
      language text,
      time_zone text,
      notifications_enabled boolean not null default true,
      notifications jsonb not null default '{}',
      editor jsonb not null default '{}',
      ui jsonb not null default '{}',
      api jsonb not null default '{}',
      preferred_persona_id text references chatbot_personas(id) on delete set null,
      avatar jsonb not null default '{}',
      voice_enabled boolean not null default false,
      updated_at timestamptz not null default now()
    );
    create index user_preferences_persona_idx on user_preferences (preferred_persona_id)
      where preferred_persona_id is not null;
    create trigger user_preferences_updated_at before update on user_preferences
      for each row execute function set_updated_at()`.execute(db);
}

/**
 * Tokens are kept as SHA-256. All refresh tokens of a session begin with the same secret, its family: whoever shows one
 * that is neither the current nor the previous one has an old one. The next one is derived from the one that was shown
 * and the salt.
 */
async function createSessions(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table user_sessions (
      id uuid primary key default new_id(),
      user_id uuid not null references users(id) on delete cascade,
      token_hash bytea not null unique check (octet_length(token_hash) = 32),
      refresh_token_hash bytea unique check (octet_length(refresh_token_hash) = 32),
      previous_refresh_hash bytea,
      refresh_family_hash bytea unique check (octet_length(refresh_family_hash) = 32),
      refresh_salt bytea,
      refreshed_at timestamptz,
      expires_at timestamptz not null,
      refresh_expires_at timestamptz,
      revoked_at timestamptz,
      revoke_reason text,
      ip_address inet,
      user_agent text,
      device jsonb not null default '{}',
      created_at timestamptz not null default now(),
      last_activity_at timestamptz not null default now(),
      check ((refresh_token_hash is null) = (refresh_family_hash is null)),
      check ((refresh_token_hash is null) = (refresh_salt is null))
    );
    create index user_sessions_user_idx on user_sessions (user_id, created_at desc);
    create index user_sessions_expiry_idx on user_sessions (coalesce(refresh_expires_at, expires_at))`.execute(db);
}

/** For bots and scripts. Without session_id: every room its owner may enter; with it: that room only. */
async function createTokens(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table access_tokens (
      id uuid primary key default new_id(),
      user_id uuid not null references users(id) on delete cascade,
      name text not null,
      token_hash bytea not null unique check (octet_length(token_hash) = 32),
      last_four text not null,
      scopes text[] not null default '{}' check (scopes <@ array['read','write','run','chat']),
      session_id uuid,
      expires_at timestamptz,
      revoked_at timestamptz,
      last_used_at timestamptz,
      created_at timestamptz not null default now()
    );
    create index access_tokens_user_idx on access_tokens (user_id)`.execute(db);
}

/**
 * Links in e-mails: they prove an address, or let somebody in who forgot the password. An address that is not proven
 * stands here only: nobody can keep another one's address from them.
 */
async function createEmailTokens(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table email_tokens (
      id uuid primary key default new_id(),
      user_id uuid not null references users(id) on delete cascade,
      purpose text not null check (purpose in ('verify','reset')),
      token_hash bytea not null unique check (octet_length(token_hash) = 32),
      email_encrypted bytea not null,
      email_index bytea not null,
      expires_at timestamptz not null,
      consumed_at timestamptz,
      created_at timestamptz not null default now()
    );
    create index email_tokens_user_idx on email_tokens (user_id);
    create index email_tokens_expiry_idx on email_tokens (expires_at)`.execute(db);
}

async function createPhoneCodes(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table phone_verification_codes (
      id uuid primary key default new_id(),
      phone_index bytea not null,
      purpose text not null default 'login' check (purpose in ('login','change','release','recover')),
      code_hash bytea not null,
      attempts smallint not null default 0 check (attempts between 0 and 10),
      expires_at timestamptz not null,
      consumed_at timestamptz,
      created_at timestamptz not null default now()
    );
    create index phone_verification_codes_lookup_idx on phone_verification_codes (phone_index, created_at desc);
    create index phone_verification_codes_expiry_idx on phone_verification_codes (expires_at)`.execute(db);
}

/**
 * Says on the channel `sign_ins` which sign-ins are over or go on for longer, so that every node ends or keeps their open
 * connections, whoever made the change. See src/features/identity/sign-in-watch.ts.
 */
async function createAnnouncements(db: Kysely<unknown>): Promise<void> {
  await sql`
    create function announce_sign_in() returns trigger language plpgsql as $$
    begin
      if tg_op = 'UPDATE' and new.revoked_at is null then
        perform pg_notify('sign_ins', json_build_object('signInId', new.id,
          'expiresAt', floor(extract(epoch from new.expires_at) * 1000))::text);
      else
        perform pg_notify('sign_ins', json_build_object('signInId', old.id)::text);
      end if;
      return null;
    end $$;
    create function announce_user() returns trigger language plpgsql as $$
    begin
      perform pg_notify('sign_ins', json_build_object('userId', old.id)::text);
      -- Bots live by the one they belong to.
      perform pg_notify('sign_ins', json_build_object('userId', id)::text) from users where bot_owner_id = old.id;
      return null;
    end $$;
    -- Who is let in again signs in again: a ban often answers a session that somebody else uses.
    create function end_sessions() returns trigger language plpgsql
      security definer set search_path = public, pg_temp as $$
    begin
      update user_sessions set revoked_at = now(), revoke_reason = 'banned' where user_id = old.id and revoked_at is null;
      return null;
    end $$;
    create trigger users_end_sessions after update of status on users for each row
      when (old.status = 'active' and new.status <> 'active') execute function end_sessions();
    create trigger user_sessions_announce after update of revoked_at, expires_at on user_sessions for each row
      when (new.revoked_at is distinct from old.revoked_at or new.expires_at is distinct from old.expires_at)
      execute function announce_sign_in();
    create trigger user_sessions_announce_end after delete on user_sessions for each row
      when (old.revoked_at is null and old.expires_at > now()) execute function announce_sign_in();
    create trigger access_tokens_announce after update of revoked_at, expires_at on access_tokens for each row
      when (new.revoked_at is distinct from old.revoked_at or new.expires_at is distinct from old.expires_at)
      execute function announce_sign_in();
    create trigger access_tokens_announce_end after delete on access_tokens for each row
      when (old.revoked_at is null) execute function announce_sign_in();
    create trigger users_announce after update of status on users for each row
      when (old.status = 'active' and new.status <> 'active') execute function announce_user();
    create trigger users_announce_end after delete on users for each row
      when (old.status = 'active') execute function announce_user()`.execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`
    drop table phone_verification_codes;
    drop table email_tokens;
    drop table access_tokens;
    drop table user_sessions;
    drop table user_preferences;
    drop table users;
    drop function announce_sign_in();
    drop function announce_user();
    drop function end_sessions();
    drop table chatbot_personas;
    drop table countries`.execute(db);
}
