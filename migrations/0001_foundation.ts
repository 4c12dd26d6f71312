// Functions that the tables build on: time-ordered ids, updated_at, the acting user, month partitions.
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await createNewId(db);
  await sql`
    create function set_updated_at() returns trigger language plpgsql as $$
    begin
      new.updated_at := now();
      return new;
    end $$;

    -- Who acts, for row-level security: set per transaction with set_config('app.user_id', …, true).
    create function current_user_id() returns uuid language sql stable parallel safe as
      $$ select nullif(current_setting('app.user_id', true), '')::uuid $$`.execute(db);
  await createMonthPartitions(db);
}

/** UUID version 7, so that new rows come next to each other in an index. PostgreSQL has it from version 18 on. */
async function createNewId(db: Kysely<unknown>): Promise<void> {
  await sql`
    do $$ begin
      if current_setting('server_version_num')::int >= 180000 then
        execute 'create function new_id() returns uuid language sql volatile parallel safe as ''select uuidv7()''';
      else
        -- A random one with the milliseconds since 1970 over its first 48 bits, and the two bits that make a 4 a 7.
        execute $f$create function new_id() returns uuid language sql volatile parallel safe as '
          select encode(set_bit(set_bit(
            overlay(uuid_send(gen_random_uuid())
              placing substring(int8send(floor(extract(epoch from clock_timestamp()) * 1000)::bigint) from 3)
              from 1 for 6),
            52, 1), 53, 1), ''hex'')::uuid'$f$;
      end if;
    end $$`.execute(db);
}

/**
 * Partitions by month beside a default one, which takes what has no month yet: no insert ever fails for want of one.
 * The functions run as the owner of the tables, because the server's role may not change the schema.
 */
async function createMonthPartitions(db: Kysely<unknown>): Promise<void> {
  await sql`
    create function ensure_month_partition(parent regclass, day date) returns text
    language plpgsql security definer set search_path = public, pg_temp as $$
    declare
      month date := date_trunc('month', day)::date;
      name text := parent::text || '_' || to_char(month, 'YYYY_MM');
      key text := (select a.attname from pg_partitioned_table p
        join pg_attribute a on a.attrelid = p.partrelid and a.attnum = p.partattrs[0] where p.partrelid = parent);
      first text := month || ' 00:00:00+00';
      next text := (month + interval '1 month')::date || ' 00:00:00+00';
    begin
      perform pg_advisory_xact_lock(hashtext('partition:' || name));
      if to_regclass(name) is null then
        execute format('create table %I (like %s including all)', name, parent);
        -- What the default partition took meanwhile would be in the way of the new one.
        execute format('with moved as (delete from %I where %I >= %L and %I < %L returning *)
          insert into %I select * from moved', parent::text || '_default', key, first, key, next, name);
        execute format('alter table %s attach partition %I for values from (%L) to (%L)', parent, name, first, next);
      end if;
      return name;
    end $$;

    -- This month's, those ahead of it, and those of rows that wait in the default partition. The number made.
    create function ensure_month_partitions(parent regclass, ahead integer) returns integer
    language plpgsql security definer set search_path = public, pg_temp as $$
    declare
      key text := (select a.attname from pg_partitioned_table p
        join pg_attribute a on a.attrelid = p.partrelid and a.attnum = p.partattrs[0] where p.partrelid = parent);
      day date;
      made integer := 0;
    begin
      for day in execute format('select (current_date + n * interval ''1 month'')::date from generate_series(0, $1) n
        union select date_trunc(''month'', %I at time zone ''UTC'')::date from %I',
        key, parent::text || '_default') using ahead
      loop
        if to_regclass(parent::text || '_' || to_char(day, 'YYYY_MM')) is null then
          perform ensure_month_partition(parent, day);
          made := made + 1;
        end if;
      end loop;
      return made;
    end $$;

    -- For a new table: the default partition, this month's and the next two.
    create function begin_month_partitions(parent regclass) returns void
    language plpgsql set search_path = public, pg_temp as $$
    begin
      execute format('create table %I partition of %s default', parent::text || '_default', parent);
      perform ensure_month_partitions(parent, 2);
    end $$`.execute(db);
  await createRetention(db);
}

/**
 * Dropping months is how records end. The records of who did what stay for a year at least, whoever asks: a server that
 * was taken over must not be able to remove its traces by way of this.
 */
async function createRetention(db: Kysely<unknown>): Promise<void> {
  await sql`
    -- The number of partitions dropped: those whose month ended longer ago than keep.
    create function drop_old_partitions(parent regclass, keep interval) returns integer
    language plpgsql security definer set search_path = public, pg_temp as $$
    declare
      partition record;
      dropped integer := 0;
    begin
      if parent::text in ('audit_logs', 'external_data_access_audit') and keep < interval '365 days' then
        raise exception '% is kept for 365 days at least', parent using errcode = 'insufficient_privilege';
      end if;
      for partition in
        select i.inhrelid::regclass as name, substring(i.inhrelid::regclass::text from '[0-9]{4}_[0-9]{2}$') as month
        from pg_inherits i where i.inhparent = parent
      loop
        if partition.month is not null
          and to_date(partition.month, 'YYYY_MM') + interval '1 month' < (now() - keep) at time zone 'UTC' then
          execute format('drop table %s', partition.name);
          dropped := dropped + 1;
        end if;
      end loop;
      return dropped;
    end $$`.execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`
    drop function drop_old_partitions(regclass, interval);
    drop function ensure_month_partitions(regclass, integer);
    drop function begin_month_partitions(regclass);
    drop function ensure_month_partition(regclass, date);
    drop function current_user_id();
    drop function set_updated_at();
    drop function new_id()`.execute(db);
}
