// Functions that the tables build on: time-ordered ids, updated_at, the acting user, month partitions.
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`do $$ begin
  if current_setting('server_version_num')::int >= 180000 then
    execute 'create function new_id() returns uuid language sql volatile parallel safe as ''select uuidv7()''';
  else
    execute $f$create function new_id() returns uuid language sql volatile parallel safe as
      'select encode(set_bit(set_bit(overlay(uuid_send(gen_random_uuid()) placing substring(int8send(floor(extract(epoch from clock_timestamp())*1000)::bigint) from 3) from 1 for 6), 52, 1), 53, 1), ''hex'')::uuid'$f$;
  end if;
end $$`.execute(db);
  await sql`create function set_updated_at() returns trigger language plpgsql as $$ begin new.updated_at := now(); return new; end $$`.execute(
    db,
  );
  await sql`create function current_user_id() returns uuid language sql stable parallel safe as $$ select nullif(current_setting('app.user_id', true), '')::uuid $$`.execute(
    db,
  );
  await sql`create function ensure_month_partition(parent regclass, day date) returns text language plpgsql as $$
declare m date := date_trunc('month', day)::date; n text := parent::text || '_' || to_char(m, 'YYYY_MM'); k text := (select a.attname from pg_partitioned_table p join pg_attribute a on a.attrelid = p.partrelid and a.attnum = p.partattrs[0] where p.partrelid = parent);
  lo text := m || ' 00:00:00+00'; hi text := (m + interval '1 month')::date || ' 00:00:00+00';
begin
  perform pg_advisory_xact_lock(hashtext('partition:' || n));
  if to_regclass(n) is null then
    execute format('create table %I (like %s including all)', n, parent);
    execute format('with moved as (delete from %I where %I >= %L and %I < %L returning *) insert into %I select * from moved', parent::text || '_default', k, lo, k, hi, n);
    execute format('alter table %s attach partition %I for values from (%L) to (%L)', parent, n, lo, hi);
  end if;
  return n;
end $$`.execute(db);
  await sql`create function drop_old_partitions(parent regclass, keep interval) returns integer language plpgsql as $$
declare r record; c integer := 0; begin
  for r in select i.inhrelid::regclass as child, substring(i.inhrelid::regclass::text from '\\d{4}_\\d{2}$') as ym from pg_inherits i where i.inhparent = parent loop
    if r.ym is not null and to_date(r.ym, 'YYYY_MM') + interval '1 month' < now() - keep then execute format('drop table %s', r.child); c := c + 1; end if;
  end loop; return c; end $$`.execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop function drop_old_partitions(regclass, interval)`.execute(db);
  await sql`drop function ensure_month_partition(regclass, date)`.execute(db);
  await sql`drop function current_user_id()`.execute(db);
  await sql`drop function set_updated_at()`.execute(db);
  await sql`drop function new_id()`.execute(db);
}
