// What the database's upkeep remembers: when each of its tasks last ran, and the chain of hashes over the audit log.
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table maintenance_runs (
      task text primary key,
      node text not null,
      started_at timestamptz not null,
      finished_at timestamptz,
      result jsonb,
      error text,
      succeeded_at timestamptz
    )`.execute(db);
  await createAuditChain(db);
}

/**
 * A link per row of audit_logs: hash = SHA-256(hash of the link before, row_hash). Links are laid by the upkeep, not by
 * the command that writes the row: commands would wait for each other there. What retention has taken is remembered
 * by an anchor: the chain goes on from its hash.
 */
async function createAuditChain(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table audit_chain (
      position bigint primary key check (position > 0),
      row_created_at timestamptz not null,
      row_id uuid not null,
      row_hash bytea not null check (octet_length(row_hash) = 32),
      hash bytea not null check (octet_length(hash) = 32),
      sealed_at timestamptz not null default now(),
      constraint audit_chain_row_key unique (row_created_at, row_id)
    );
    create table audit_anchors (
      position bigint primary key check (position >= 0),
      hash bytea not null check (octet_length(hash) = 32),
      removed_links bigint not null,
      created_at timestamptz not null default now()
    );

    -- Takes the links away whose rows retention has dropped: from the beginning up to the first one that is younger.
    create function trim_audit_chain(keep interval) returns bigint
    language plpgsql security definer set search_path = public, pg_temp as $$
    declare
      oldest date := (select min(to_date(substring(c.relname from '[0-9]{4}_[0-9]{2}$'), 'YYYY_MM'))
        from pg_inherits i join pg_class c on c.oid = i.inhrelid where i.inhparent = 'audit_logs'::regclass);
      -- Rows that never had a month wait in the default partition, and their links with them.
      cut timestamptz := least(now() - keep, oldest::timestamp at time zone 'UTC',
        (select min(created_at) from only audit_logs_default));
      last bigint;
      removed bigint;
    begin
      if keep < interval '365 days' then
        raise exception 'audit_chain is kept for 365 days at least' using errcode = 'insufficient_privilege';
      end if;
      lock table audit_chain in share row exclusive mode;
      last := coalesce((select min(position) from audit_chain where row_created_at >= cut),
        (select max(position) + 1 from audit_chain)) - 1;
      select count(*) into removed from audit_chain where position <= last;
      if removed = 0 then return 0; end if;
      insert into audit_anchors (position, hash, removed_links)
        select position, hash, removed from audit_chain where position = last;
      delete from audit_chain where position <= last;
      return removed;
    end $$`.execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`
    drop function trim_audit_chain(interval);
    drop table audit_anchors;
    drop table audit_chain;
    drop table maintenance_runs`.execute(db);
}
