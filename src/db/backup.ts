// A backup: every row of every table as of one moment, while the server goes on working. By COPY, so that it needs no
// program beside PostgreSQL itself and can be restored into any version of it that the server works on.
import pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { type BackupHeader, type Frame, type TableHead, writeBackup } from './backup-file.ts';
import { latestMigration } from './migrate.ts';

/** Said after every table. */
export interface Progress {
  readonly table: string;
  readonly rows: number;
  /** Tables done, of all. */
  readonly done: number;
  readonly of: number;
}

export interface BackupOptions {
  /** The owner's: who is held back by row-level security would leave rows out, and is refused. */
  readonly url: string;
  readonly file: string;
  readonly onProgress?: (progress: Progress) => void;
}

/** Rows that are of this place and moment only. */
const LEFT_OUT = ['kysely_migration', 'kysely_migration_lock', 'maintenance_runs'];

/**
 * Writes a backup.
 * @returns rows written
 * @throws Error with a sentence for the operator
 */
export async function backUp({ url, file, onProgress }: BackupOptions): Promise<number> {
  const client = new pg.Client({ connectionString: url, application_name: 'coderoom backup' });
  await client.connect();
  try {
    // One snapshot for all tables; and an error instead of rows that a policy hides.
    await client.query('begin isolation level repeatable read read only; set local row_security = off');
    const header = await headerOf(client);
    const tables = await tablesOf(client);
    let rows = 0;
    const count = (progress: Progress): void => {
      rows += progress.rows;
      onProgress?.(progress);
    };
    await writeBackup(file, framesOf(client, { header, tables, count }));
    return rows;
  } finally {
    await client.end();
  }
}

interface Contents {
  readonly header: BackupHeader;
  readonly tables: readonly TableHead[];
  readonly count: (progress: Progress) => void;
}

async function* framesOf(client: pg.Client, { header, tables, count }: Contents): AsyncGenerator<Frame> {
  yield { kind: 'H', header };
  for (const [at, head] of tables.entries()) {
    yield { kind: 'T', head };
    const columns = head.columns.map((column) => pg.escapeIdentifier(column)).join(', ');
    const stream = client.query(copyTo(`copy (select ${columns} from ${head.table}) to stdout`));
    for await (const data of stream) yield { kind: 'D', data: data as Buffer };
    yield { kind: 'E', rows: stream.rowCount };
    count({ table: head.table, rows: stream.rowCount, done: at + 1, of: tables.length });
  }
  yield { kind: 'F' };
}

async function headerOf(client: pg.Client): Promise<BackupHeader> {
  const { rows } = await client.query<{ postgres: number; at: Date; migrated: boolean }>(`
    select current_setting('server_version_num')::int as postgres, now() as at,
      to_regclass('kysely_migration') is not null as migrated`);
  const { postgres = 0, at = new Date(), migrated = false } = rows[0] ?? {};
  if (!migrated) throw new Error('There is nothing to back up: the database holds no tables of Coderoom.');
  const names = await client.query<{ name: string }>('select name from kysely_migration order by name');
  const migrations = names.rows.map(({ name }) => name);
  const latest = await latestMigration();
  if (migrations.at(-1) !== latest) {
    throw new Error(
      `The database is at ${migrations.at(-1)}, this version at ${latest}: run "npm run db:migrate" first.`,
    );
  }
  const months = await client.query<{ table: string; day: string }>(`
    select inhparent::regclass::text as table, replace(right(inhrelid::regclass::text, 7), '_', '-') || '-01' as day
    from pg_inherits i join pg_class c on c.oid = i.inhparent and c.relkind = 'p'
    where inhrelid::regclass::text ~ '_[0-9]{4}_[0-9]{2}$' order by 1, 2`);
  return {
    format: 1,
    createdAt: at.toISOString(),
    postgres,
    migrations,
    months: months.rows.map(({ table, day }) => [table, day]),
    sequences: await sequencesOf(client),
  };
}

async function sequencesOf(client: pg.Client): Promise<BackupHeader['sequences']> {
  const { rows } = await client.query<{ table: string; column: string; sequence: string }>(`
    select c.relname as table, a.attname as column, pg_get_serial_sequence(c.relname, a.attname) as sequence
    from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attidentity <> '' and not a.attisdropped
    where c.relnamespace = 'public'::regnamespace and not c.relispartition order by 1, 2`);
  const last = await Promise.all(
    rows.map(({ sequence }) => client.query<{ last: string }>(`select last_value::text as last from ${sequence}`)),
  );
  return rows.map(({ table, column }, at) => [table, column, last[at]?.rows[0]?.last ?? '1']);
}

/**
 * The tables, each behind those that it points to, so that they can be filled one after the other.
 * @throws Error when tables point to each other in a circle
 */
async function tablesOf(client: pg.Client): Promise<TableHead[]> {
  const { rows } = await client.query<{ table: string; columns: string[]; needs: string[] }>(
    `select c.relname as table,
      (select array_agg(attname::text order by attnum) from pg_attribute
        where attrelid = c.oid and attnum > 0 and not attisdropped and attgenerated = '') as columns,
      array(select distinct r.relname::text from pg_constraint k join pg_class r on r.oid = k.confrelid
        where k.conrelid = c.oid and k.contype = 'f' and k.confrelid <> c.oid) as needs
    from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
      and c.relname <> all ($1) order by 1`,
    [LEFT_OUT],
  );
  const sorted: TableHead[] = [];
  const waiting = new Map(rows.map((row) => [row.table, row]));
  while (waiting.size > 0) {
    const free = [...waiting.values()].filter(({ needs }) => !needs.some((table) => waiting.has(table)));
    if (free.length === 0) throw new Error(`Tables point to each other: ${[...waiting.keys()].join(', ')}.`);
    for (const { table, columns } of free) {
      sorted.push({ table, columns });
      waiting.delete(table);
    }
  }
  return sorted;
}
