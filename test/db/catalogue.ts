// What a schema holds, read from PostgreSQL's own catalogue, as lines that can be compared.
import type pg from 'pg';

/** Everything of the schema `public` but the two tables in which Kysely keeps book. */
const OBJECTS = `
  select format('relation %s %s %s', c.relkind, c.relname, coalesce(pg_get_expr(c.relpartbound, c.oid), '')) as line
    from pg_class c where c.relnamespace = 'public'::regnamespace and c.relname !~ '^kysely_'
  union all
  select format('column %s.%s %s %s %s %s %s', c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
      a.attidentity, a.attstorage, pg_get_expr(d.adbin, d.adrelid))
    from pg_attribute a join pg_class c on c.oid = a.attrelid
      left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
    where c.relnamespace = 'public'::regnamespace and c.relname !~ '^kysely_' and a.attnum > 0 and not a.attisdropped
  union all
  select format('index %s', pg_get_indexdef(i.indexrelid))
    from pg_index i join pg_class c on c.oid = i.indexrelid
    where c.relnamespace = 'public'::regnamespace and c.relname !~ '^kysely_'
  union all
  select format('constraint %s %s %s', k.conrelid::regclass, k.conname, pg_get_constraintdef(k.oid))
    from pg_constraint k
    where k.connamespace = 'public'::regnamespace and k.conrelid::regclass::text !~ '^kysely_'
  union all
  select format('trigger %s', pg_get_triggerdef(t.oid)) from pg_trigger t where not t.tgisinternal
  union all
  select format('function %s', pg_get_functiondef(p.oid)) from pg_proc p
    where p.pronamespace = 'public'::regnamespace and p.prokind in ('f', 'p')
  union all
  select format('policy %s %s %s %s %s %s', p.polrelid::regclass, p.polname, p.polcmd, p.polpermissive,
      pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid)) from pg_policy p
  union all
  select format('row security %s %s %s', relname, relrowsecurity, relforcerowsecurity) from pg_class
    where relnamespace = 'public'::regnamespace and relrowsecurity
  union all
  select format('grant %s on %s to %s', a.privilege_type, c.relname, a.grantee::regrole)
    from pg_class c, aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) a
    where c.relnamespace = 'public'::regnamespace and c.relname !~ '^kysely_' and a.grantee <> c.relowner
  union all
  select format('grant %s on %s.%s to %s', a.privilege_type, c.relname, t.attname, a.grantee::regrole)
    from pg_attribute t join pg_class c on c.oid = t.attrelid, aclexplode(t.attacl) a
    where c.relnamespace = 'public'::regnamespace
  union all
  select format('grant %s on %s to %s', a.privilege_type, p.oid::regprocedure, a.grantee::regrole)
    from pg_proc p, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
    where p.pronamespace = 'public'::regnamespace and a.grantee <> p.proowner
  union all
  select format('type %s %s', t.typtype, t.typname) from pg_type t
    where t.typnamespace = 'public'::regnamespace and t.typname !~ '^_?kysely_'
  union all
  select format('schema %s', nspname) from pg_namespace where nspname !~ '^pg_' and nspname not in ('public', 'information_schema')
  union all
  select format('extension %s', extname) from pg_extension where extname <> 'plpgsql'
  order by line`;

export async function catalogue(client: pg.ClientBase | pg.Pool): Promise<string[]> {
  const { rows } = await client.query<{ line: string }>(OBJECTS);
  return rows.map(({ line }) => line);
}

/** Foreign keys without an index that begins with their columns: deleting the row they point to reads whole tables. */
const WITHOUT_INDEX = `
  select format('%s (%s)', k.conrelid::regclass, string_agg(a.attname, ', ' order by u.place)) as line
  from pg_constraint k
    cross join unnest(k.conkey) with ordinality as u(attnum, place)
    join pg_attribute a on a.attrelid = k.conrelid and a.attnum = u.attnum
  where k.contype = 'f' and k.connamespace = 'public'::regnamespace
    and not exists (
      select from pg_index i
      where i.indrelid = k.conrelid and i.indisvalid
        -- The first columns of the index are those of the key, in any order.
        and (select array_agg(c order by c) from unnest((i.indkey::int2[])[0:cardinality(k.conkey) - 1]) c)
          = (select array_agg(c order by c) from unnest(k.conkey) c)
        -- A partial index serves when all it leaves out is rows that point nowhere.
        and (i.indpred is null
          or pg_get_expr(i.indpred, i.indrelid) = format('(%s IS NOT NULL)', (
            select string_agg(quote_ident(attname), '') from pg_attribute
            where attrelid = k.conrelid and attnum = any (k.conkey)))))
  group by k.oid, k.conrelid
  order by line`;

export async function foreignKeysWithoutIndex(client: pg.ClientBase | pg.Pool): Promise<string[]> {
  const { rows } = await client.query<{ line: string }>(WITHOUT_INDEX);
  return rows.map(({ line }) => line);
}
