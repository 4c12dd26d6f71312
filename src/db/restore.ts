// A restore: a backup into a database that holds nothing yet, in one transaction. Its documents get a new lineage, because
// clients may hold newer text than the backup: they are told to begin anew instead of being merged.
import { once } from 'node:events';
import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import type { Progress } from './backup.ts';
import { type BackupHeader, type Frame, readBackup, type TableHead } from './backup-file.ts';
import { migrateTo, migrationNames } from './migrate.ts';

export interface RestoreOptions {
  /** The owner's. */
  readonly url: string;
  readonly file: string;
  /** Goes into every document: see documents/lineage-mark.ts. */
  readonly mark: { readonly clientId: number; readonly update: Uint8Array };
  readonly onProgress?: (progress: Omit<Progress, 'of'>) => void;
}

/** Tables that a migration fills. */
const FILLED = ['countries', 'chatbot_personas', 'execution_environments', 'maintenance_runs'];

/**
 * Restores a backup.
 * @returns rows restored
 * @throws Error with a sentence for the operator; the database then holds no row of it
 */
export async function restore({ url, file, mark, onProgress }: RestoreOptions): Promise<number> {
  const frames = readBackup(file);
  const client = new pg.Client({ connectionString: url, application_name: 'coderoom restore' });
  try {
    const header = await headerOf(frames, file);
    await client.connect();
    await prepare(client, { url, header, file });
    await client.query('begin');
    await client.query(`truncate ${FILLED.join(', ')} cascade`);
    for (const [table, day] of header.months)
      await client.query('select ensure_month_partition($1::regclass, $2)', [table, day]);
    const rows = await fill(client, { frames, file, onProgress });
    for (const [table, column, last] of header.sequences) {
      await client.query('select setval(pg_get_serial_sequence($1, $2), $3::bigint)', [table, column, last]);
    }
    await renewLineages(client, mark);
    await client.query('commit');
    await client.query('analyze');
    return rows;
  } finally {
    await frames.return(undefined);
    await client.end();
  }
}

/**
 * For a database that was put back by other means, such as pg_restore or a copy of its disk: what a restore does to its
 * documents.
 * @returns documents
 * @throws Error while a server works on the database
 */
export async function renewDocuments(url: string, mark: RestoreOptions['mark']): Promise<number> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await checkUnused(client);
    await client.query('begin');
    const documents = await renewLineages(client, mark);
    await client.query('commit');
    return documents;
  } finally {
    await client.end();
  }
}

/** Makes clients of before begin anew with every document. */
async function renewLineages(client: pg.ClientBase, mark: RestoreOptions['mark']): Promise<number> {
  const { rowCount } = await client.query(
    'update document_states set lineage = gen_random_uuid(), lineage_client = $1',
    [mark.clientId],
  );
  await client.query(
    `insert into document_updates (file_id, data, source) select file_id, $1, 'restore' from document_states`,
    [Buffer.from(mark.update)],
  );
  return rowCount ?? 0;
}

async function headerOf(frames: AsyncGenerator<Frame>, file: string): Promise<BackupHeader> {
  const { value } = await frames.next();
  if (value?.kind !== 'H') throw new Error(`${file} does not begin with its header.`);
  return value.header;
}

interface Target {
  readonly url: string;
  readonly header: BackupHeader;
  readonly file: string;
}

/** An empty schema of the backup's version. */
async function prepare(client: pg.Client, { url, header, file }: Target): Promise<void> {
  const known = await migrationNames();
  const unknown = header.migrations.find((name) => !known.includes(name));
  if (unknown)
    throw new Error(`${file} was made by a newer Coderoom (${unknown} is not known here): update this one first.`);
  await checkUnused(client);
  await checkEmpty(client);
  const kysely = new Kysely<unknown>({
    dialect: new PostgresDialect({ pool: new pg.Pool({ connectionString: url, max: 1 }) }),
  });
  try {
    await migrateTo(kysely, header.migrations.at(-1) as string);
  } finally {
    await kysely.destroy();
  }
}

/** @throws Error when a server of ours is connected */
export async function checkUnused(client: pg.ClientBase): Promise<void> {
  const { rows } = await client.query<{ n: number }>(`select count(*)::int as n from pg_stat_activity
    where datname = current_database() and application_name = 'coderoom'`);
  if (rows[0]?.n) throw new Error('A server works on this database: stop it first.');
}

/** @throws Error that names what is there */
async function checkEmpty(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ name: string }>(`select relname as name from pg_class
    where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relispartition order by 1`);
  const names = rows.map(({ name }) => name).filter((name) => !FILLED.includes(name) && !name.startsWith('kysely_'));
  const ours = rows.some(({ name }) => name === 'kysely_migration');
  const filled: string[] = [];
  for (const name of names) {
    const { rowCount } = await client.query(`select from ${pg.escapeIdentifier(name)} limit 1`);
    if (rowCount || !ours) filled.push(name);
  }
  if (filled.length === 0) return;
  throw new Error(
    `The database is not empty (${filled.slice(0, 5).join(', ')}${filled.length > 5 ? ', …' : ''}): a restore replaces ` +
      'nothing. Give it an empty database, or for the embedded one move the data folder away.',
  );
}

interface Source {
  readonly frames: AsyncGenerator<Frame>;
  readonly file: string;
  readonly onProgress: RestoreOptions['onProgress'] | undefined;
}

async function fill(client: pg.Client, { frames, file, onProgress }: Source): Promise<number> {
  let total = 0;
  let done = 0;
  for (;;) {
    const { value: frame } = await frames.next();
    if (frame?.kind === 'F') {
      // The end, and that nothing comes behind it.
      await frames.next();
      return total;
    }
    if (frame?.kind !== 'T') throw new Error(`${file} is damaged: its pieces are not in order.`);
    const rows = await fillTable(client, frame.head, frames);
    total += rows;
    onProgress?.({ table: frame.head.table, rows, done: ++done });
  }
}

async function fillTable(client: pg.Client, head: TableHead, frames: AsyncGenerator<Frame>): Promise<number> {
  const columns = head.columns.map((column) => pg.escapeIdentifier(column)).join(', ');
  const stream = client.query(copyFrom(`copy ${pg.escapeIdentifier(head.table)} (${columns}) from stdin`));
  // A refused row is known before the last one is sent: without a listener it would end the process.
  const finished = once(stream, 'finish');
  finished.catch(() => undefined);
  for (;;) {
    const { value: frame } = await frames.next().catch((error: unknown) => {
      stream.destroy();
      throw error;
    });
    if (frame?.kind === 'D') {
      if (!stream.write(frame.data)) await Promise.race([once(stream, 'drain'), finished]);
      continue;
    }
    stream.end();
    await finished;
    if (frame?.kind !== 'E' || stream.rowCount !== frame.rows) {
      throw new Error(`Table ${head.table} of the backup is not whole.`);
    }
    return frame.rows;
  }
}
