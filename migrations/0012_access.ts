// Who may see what: the two roles that the server works as, what each is granted, and row-level security.
//
// app_rw runs the commands; app.user_id says for whom, and without it nobody's rows are there. app_system is for the
// server's own work (signing in, jobs, upkeep): it sees everybody's rows, and only who asks for it by name gets it.
// Neither owns a table. The owner, who migrates and backs up, is not held back by policies.
import { type Kysely, sql } from 'kysely';

/** Tables with one policy for everything: the condition for a row of the acting user. */
const OWN: Readonly<Record<string, string>> = {
  user_preferences: 'user_id = (select current_user_id())',
  user_sessions: 'user_id = (select current_user_id())',
  email_tokens: 'user_id = (select current_user_id())',
  access_tokens: 'user_id = (select current_user_id()) or acts_for(user_id)',
  schedule_rules: 'user_id = (select current_user_id())',
  user_external_integrations: 'user_id = (select current_user_id())',
  external_data_sessions: 'user_id = (select current_user_id())',
  usage_patterns: 'user_id = (select current_user_id())',
  message_feedback: 'user_id = (select current_user_id())',
  conversations: 'owner_id = (select current_user_id()) or is_member(session_id)',
  llm_api_keys: '(select is_admin())',
};

/** What may be read and what may be written differ. `write` is for update and delete; left out: the system's business. */
interface Split {
  readonly read: string;
  readonly insert?: string;
  readonly write?: string;
}

const MINE = 'user_id = (select current_user_id())';
const MINE_OR_ADMIN = `${MINE} or (select is_admin())`;
const IN_VIEW = 'exists (select from conversations c where c.id = conversation_id)';
const MY_MESSAGE = `sender_type = 'user' and sender_id = (select current_user_id())`;

const SPLIT: Readonly<Record<string, Split>> = {
  // A command of one person tells another one something.
  notifications: { read: MINE, insert: 'true', write: MINE },
  chat_messages: {
    read: IN_VIEW,
    insert: `${IN_VIEW} and (${MY_MESSAGE} or sender_type = 'system')`,
    write: `${IN_VIEW} and ${MY_MESSAGE}`,
  },
  conversation_archives: { read: IN_VIEW },
  remotes: {
    read: 'owner_id = (select current_user_id()) or may_use_remote(id)',
    insert: 'owner_id = (select current_user_id())',
    write: 'owner_id = (select current_user_id())',
  },
  permissions: {
    read: `${MINE} or owns_target(remote_id, session_id)`,
    insert: 'owns_target(remote_id, session_id)',
    write: 'owns_target(remote_id, session_id)',
  },
  jobs: { read: `${MINE} or is_member(session_id)`, insert: MINE, write: MINE },
  job_logs: { read: 'exists (select from jobs j where j.id = job_id)' },
  user_feedback: { read: MINE_OR_ADMIN, insert: `user_id is null or ${MINE}`, write: '(select is_admin())' },
  // Nobody can write in another's name.
  audit_logs: { read: MINE_OR_ADMIN, insert: 'user_id is null or is_acting(user_id)' },
  error_logs: { read: '(select is_admin())', insert: 'true' },
  llm_conversations_log: { read: MINE_OR_ADMIN, insert: `user_id is null or ${MINE}` },
  external_api_calls: { read: MINE_OR_ADMIN, insert: `user_id is null or ${MINE}` },
  external_data_access_audit: { read: MINE_OR_ADMIN, insert: `user_id is null or ${MINE}` },
  system_configs: { read: 'true', insert: '(select is_admin())', write: '(select is_admin())' },
};

export async function up(db: Kysely<unknown>): Promise<void> {
  await createQuestions(db);
  for (const [table, condition] of Object.entries(OWN)) {
    await enable(db, table);
    await policy(db, { table, command: 'all', using: condition, check: condition });
  }
  for (const [table, { read, insert, write }] of Object.entries(SPLIT)) {
    await enable(db, table);
    await policy(db, { table, command: 'select', using: read });
    if (insert) await policy(db, { table, command: 'insert', check: insert });
    if (write) await policy(db, { table, command: 'update', using: write, check: write });
    if (write) await policy(db, { table, command: 'delete', using: write });
  }
  await enable(db, 'phone_verification_codes');
  await createRoles(db);
  await createGrants(db);
  await sql`select ensure_server_roles(), grant_server_roles()`.execute(db);
}

/** With the way through for the server's own work. */
async function enable(db: Kysely<unknown>, table: string): Promise<void> {
  await sql`alter table ${sql.ref(table)} enable row level security`.execute(db);
  await policy(db, { table, command: 'all', name: 'system', using: 'is_system()', check: 'is_system()' });
}

interface Policy {
  readonly table: string;
  readonly command: 'all' | 'select' | 'insert' | 'update' | 'delete';
  readonly name?: string;
  readonly using?: string;
  readonly check?: string;
}

async function policy(db: Kysely<unknown>, { table, command, name, using, check }: Policy): Promise<void> {
  const conditions = `${using ? ` using (${using})` : ''}${check ? ` with check (${check})` : ''}`;
  const statement = `create policy ${name ?? `own_${command}`} on ${table} for ${command}${conditions}`;
  await sql.raw(statement).execute(db);
}

/**
 * What the policies ask. Those that look into a table with policies of its own look as its owner: two policies that
 * ask each other would never end.
 */
async function createQuestions(db: Kysely<unknown>): Promise<void> {
  await sql`
    create function is_system() returns boolean language sql stable parallel safe as
      $$ select current_user = 'app_system' $$;
    -- The acting user, or one of those who share the transaction (app.user_ids, with commas between).
    create function is_acting(person uuid) returns boolean language sql stable parallel safe as
      $$ select person = public.current_user_id()
        or person::text = any (string_to_array(current_setting('app.user_ids', true), ',')) $$;
    create function is_admin() returns boolean language sql stable parallel safe as
      $$ select exists (select from public.users where id = public.current_user_id()
        and role = 'admin' and status = 'active') $$;
    create function acts_for(bot uuid) returns boolean language sql stable parallel safe as
      $$ select exists (select from public.users where id = bot and bot_owner_id = public.current_user_id()) $$;
    create function is_member(room uuid) returns boolean language sql stable parallel safe as
      $$ select exists (select from public.session_participants
        where session_id = room and user_id = public.current_user_id()) $$;
    create function may_use_remote(remote uuid) returns boolean
      language sql stable parallel safe security definer set search_path = public, pg_temp as
      $$ select exists (select from permissions
        where remote_id = remote and user_id = current_user_id() and is_active) $$;
    create function owns_target(remote uuid, room uuid) returns boolean
      language sql stable parallel safe security definer set search_path = public, pg_temp as
      $$ select exists (select from remotes where id = remote and owner_id = current_user_id())
        or exists (select from coding_sessions where id = room and owner_id = current_user_id()) $$;
    -- Whoever acts: rules decide about everybody's events and documents in a room.
    create function path_rules_of(rooms uuid[]) returns table (room_id uuid, person_id uuid, rules jsonb)
      language sql stable security definer set search_path = public, pg_temp as
      $$ select session_id, user_id, path_rules from permissions where session_id = any(rooms) and is_active $$`.execute(
    db,
  );
}

/**
 * Roles belong to the whole server, so they may be there already, and stay when this is taken back. Who may not make
 * them goes on without: the server then says what to grant (src/db/role.ts).
 */
async function createRoles(db: Kysely<unknown>): Promise<void> {
  await sql`
    -- Makes the roles, and lets the one who migrates become them.
    create function ensure_server_roles() returns void language plpgsql as $$
    declare
      role text;
    begin
      foreach role in array array['app_rw', 'app_system'] loop
        begin
          if not exists (select from pg_roles where rolname = role) then
            execute format('create role %I nologin noinherit', role);
          end if;
          if not (select rolsuper from pg_roles where rolname = current_user)
            and not exists (select from pg_auth_members m
              where m.roleid = role::regrole and m.member = current_user::regrole
                -- PostgreSQL 16 and newer: being a member is not yet leave to become it.
                and coalesce((to_jsonb(m) ->> 'set_option')::boolean, true)) then
            execute format('grant %I to %I', role, current_user);
          end if;
        exception when insufficient_privilege or duplicate_object or unique_violation or undefined_object then
          null;
        end;
      end loop;
    end $$`.execute(db);
}

/** Also called after every migration of later versions: what is new there is granted like the rest. */
async function createGrants(db: Kysely<unknown>): Promise<void> {
  await sql`
    create function grant_server_roles() returns void language plpgsql as $$
    declare
      item record;
      -- Added to and read, never changed.
      records text[] := array['audit_logs', 'error_logs', 'llm_conversations_log',
        'external_api_calls', 'external_data_access_audit', 'audit_chain'];
      system_only text[] := array['phone_verification_codes', 'audit_chain', 'audit_anchors', 'maintenance_runs'];
      given text[] := array['kysely_migration', 'kysely_migration_lock', 'audit_anchors'];
    begin
      if (select count(*) from pg_roles where rolname in ('app_rw', 'app_system')) < 2 then return; end if;
      for item in
        select c.relname as name from pg_class c
        where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
      loop
        execute format('revoke all on %I from app_rw, app_system', item.name);
        execute format('grant %s on %I to app_system', case
          when item.name = any (given) then 'select'
          when item.name = any (records) then 'select, insert'
          -- Counted in the row of their minute.
          when item.name = 'security_events' then 'select, insert, update'
          else 'select, insert, update, delete' end, item.name);
        continue when item.name = any (system_only);
        execute format('grant %s on %I to app_rw', case
          when item.name = any (given) or item.name = 'countries' then 'select'
          when item.name = any (records) then 'select, insert'
          when item.name = 'security_events' then 'select, insert, update'
          -- Secrets are written by commands, and read by the system.
          when item.name in ('users', 'llm_api_keys') then 'insert, update, delete'
          else 'select, insert, update, delete' end, item.name);
      end loop;
      for item in
        select c.relname as name, string_agg(quote_ident(a.attname), ', ' order by a.attnum) as columns
        from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
        where c.oid in ('users'::regclass, 'llm_api_keys'::regclass)
          and a.attname not in ('password_hash', 'api_key_encrypted')
        group by c.relname
      loop
        execute format('grant select (%s) on %I to app_rw', item.columns, item.name);
      end loop;
      grant usage on schema public to app_rw, app_system;
      grant execute on function ensure_month_partition(regclass, date),
      ensure_month_partitions(regclass, integer), drop_old_partitions(regclass, interval),
        trim_audit_chain(interval) to app_system;
    end $$;
    revoke execute on function ensure_month_partition(regclass, date),
      ensure_month_partitions(regclass, integer), drop_old_partitions(regclass, interval),
      trim_audit_chain(interval), grant_server_roles(), ensure_server_roles() from public`.execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`
    do $$
    declare
      item record;
    begin
      for item in select schemaname, tablename, policyname from pg_policies where schemaname = 'public' loop
        execute format('drop policy %I on %I', item.policyname, item.tablename);
      end loop;
      for item in select relname from pg_class where relnamespace = 'public'::regnamespace and relrowsecurity loop
        execute format('alter table %I disable row level security', item.relname);
      end loop;
      if (select count(*) from pg_roles where rolname in ('app_rw', 'app_system')) = 2 then
        revoke all on all tables in schema public from app_rw, app_system;
        revoke all on all functions in schema public from app_rw, app_system;
        revoke all on schema public from app_rw, app_system;
      end if;
    end $$;
    grant execute on function ensure_month_partition(regclass, date),
      ensure_month_partitions(regclass, integer), drop_old_partitions(regclass, interval),
      trim_audit_chain(interval) to public;
    drop function grant_server_roles();
    drop function ensure_server_roles();
    drop function path_rules_of(uuid[]);
    drop function owns_target(uuid, uuid);
    drop function may_use_remote(uuid);
    drop function is_member(uuid);
    drop function acts_for(uuid);
    drop function is_admin();
    drop function is_acting(uuid);
    drop function is_system()`.execute(db);
}
