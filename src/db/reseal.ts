// Rotation of keys: what is sealed under an older key is sealed anew under the current one, blind indexes with it. In
// batches with a transaction each: broken off, it goes on where it was, because what is done is not found again.
import { Kysely, PostgresDialect, sql } from 'kysely';
import { type Log, silentLog } from '../observe/log.ts';
import { resealNames } from './name-reseal.ts';
import { openPool } from './pool.ts';
import type { Secrets } from './secrets.ts';
import type { Tables } from './tables.ts';
import type { UpkeepTask } from './upkeep.ts';

export interface SealedColumn {
  readonly table: keyof Tables;
  readonly column: string;
  /** The column whose value the sealed one is bound to, bytes in hexadecimal; left out: `id`. */
  readonly boundTo?: string;
  readonly index?: { readonly column: string; readonly purpose: string };
}

/** A test holds this list against the schema. */
export const SEALED_COLUMNS: readonly SealedColumn[] = [
  { table: 'users', column: 'email_encrypted', index: { column: 'email_index', purpose: 'email' } },
  { table: 'users', column: 'phone_encrypted', index: { column: 'phone_index', purpose: 'phone' } },
  {
    table: 'email_tokens',
    column: 'email_encrypted',
    boundTo: 'token_hash',
    index: { column: 'email_index', purpose: 'email' },
  },
  { table: 'execution_environments', column: 'environment_encrypted' },
];

/** Rows of one transaction. */
const BATCH_ROWS = 100;
/** Milliseconds between two looks: a new key comes with a restart, and nothing is urgent. */
const EVERY_MS = 6 * 60 * 60_000;

export interface Resealed {
  /** Values that are under the current key now. */
  readonly resealed: number;
  /** Values that could not be opened: their key is not here, or they were altered. */
  readonly failed: number;
}

/** Seals everything under the current key; where there is none, there is nothing sealed either. */
export async function resealAll(db: Kysely<Tables>, secrets: Secrets): Promise<Resealed> {
  const total = { resealed: 0, failed: 0 };
  if (secrets.current === undefined) return total;
  const parts = [
    ...SEALED_COLUMNS.map((column) => () => resealColumn(db, secrets, column)),
    () => resealNames(db, secrets),
  ];
  for (const part of parts) {
    const { resealed, failed } = await part();
    total.resealed += resealed;
    total.failed += failed;
  }
  return total;
}

/** As `resealAll`, in a database that is not open. @param url the owner's */
export async function resealDatabase(url: string, secrets: Secrets): Promise<Resealed> {
  const pool = openPool({ url: () => url, size: 1, log: silentLog, patient: true });
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
  try {
    return await resealAll(db, secrets);
  } finally {
    await db.destroy();
  }
}

export function resealTask(secrets: Secrets, log: Log): UpkeepTask {
  return {
    name: 'keys',
    everyMs: EVERY_MS,
    async run(db) {
      const { resealed, failed } = await resealAll(db, secrets);
      if (failed > 0) log.error({ failed }, 'sealed values cannot be opened: is a key missing in SECRET_KEYS?');
      return { resealed, failed };
    },
  };
}

interface SealedRow {
  readonly id: string;
  readonly bound: string | Buffer;
  readonly sealed: Buffer;
}

const FIRST_ID = '00000000-0000-0000-0000-000000000000';

async function resealColumn(db: Kysely<Tables>, secrets: Secrets, column: SealedColumn): Promise<Resealed> {
  const total = { resealed: 0, failed: 0 };
  for (let after = FIRST_ID; ; ) {
    const rows = await db.transaction().execute(async (trx) => {
      const batch = await nextBatch(trx, { ...column, after, current: secrets.current as number });
      for (const row of batch) total[(await reseal(trx, secrets, { column, row })) ? 'resealed' : 'failed']++;
      return batch;
    });
    const last = rows.at(-1);
    if (!last) return total;
    after = last.id;
  }
}

/** Rows under an older key, after one: those that cannot be opened are passed by. Locked, so nobody changes them meanwhile. */
async function nextBatch(
  trx: Kysely<Tables>,
  { table, column, boundTo = 'id', after, current }: SealedColumn & { after: string; current: number },
): Promise<readonly SealedRow[]> {
  const sealed = sql.ref(column);
  const { rows } =
    await sql<SealedRow>`select id, ${sql.ref(boundTo)} as bound, ${sealed} as sealed from ${sql.table(table)}
    where ${sealed} is not null and get_byte(${sealed}, 1) * 256 + get_byte(${sealed}, 2) <> ${current}
      and id > ${after}::uuid
    order by id limit ${BATCH_ROWS} for update`.execute(trx);
  return rows;
}

async function reseal(
  trx: Kysely<Tables>,
  secrets: Secrets,
  { column: { table, column, index }, row }: { column: SealedColumn; row: SealedRow },
): Promise<boolean> {
  const place = `${table}.${column}:${typeof row.bound === 'string' ? row.bound : row.bound.toString('hex')}`;
  let text: string;
  try {
    text = secrets.open(row.sealed, place);
  } catch {
    return false;
  }
  const indexed = index ? sql`, ${sql.ref(index.column)} = ${secrets.blindIndex(text, index.purpose)[0]}` : sql``;
  await sql`update ${sql.table(table)} set ${sql.ref(column)} = ${secrets.seal(text, place)}${indexed}
    where id = ${row.id}`.execute(trx);
  return true;
}
