// Rotation of keys for names: those under an older key, and those in the clear, come under the current one.
import { type Kysely, sql } from 'kysely';
import { namedRow, openName, SEALED_NAME } from './names.ts';
import type { Secrets } from './secrets.ts';
import type { Tables } from './tables.ts';

/** Rows of one transaction. */
const BATCH_ROWS = 500;
const FIRST_ID = '00000000-0000-0000-0000-000000000000';

/** In batches, in the order of ids: broken off, it goes on with what is left. Names that cannot be opened are passed by. */
export async function resealNames(
  db: Kysely<Tables>,
  secrets: Secrets,
): Promise<{ readonly resealed: number; readonly failed: number }> {
  const total = { resealed: 0, failed: 0 };
  for (let after = FIRST_ID; ; ) {
    const rows = await db.transaction().execute(async (trx) => {
      const batch = await nextBatch(trx, after, secrets.current as number);
      for (const row of batch) total[(await resealName(trx, secrets, row)) ? 'resealed' : 'failed']++;
      return batch;
    });
    const last = rows.at(-1);
    if (!last) return total;
    after = last.id;
  }
}

interface NamedRow {
  readonly id: string;
  /** As stored: under another name than the column's, so that nobody opens it on the way. */
  readonly stored: string;
}

/** The key's id stands in the second and third byte of what is sealed, so in the first four letters of base64. */
async function nextBatch(trx: Kysely<Tables>, after: string, current: number): Promise<readonly NamedRow[]> {
  const head = Buffer.from([1, current >> 8, current & 0xff]).toString('base64');
  const { rows } = await sql<NamedRow>`select id, display_name as stored from users
    where not starts_with(display_name, ${SEALED_NAME + head}) and id > ${after}::uuid
    order by id limit ${BATCH_ROWS} for update`.execute(trx);
  return rows;
}

async function resealName(trx: Kysely<Tables>, secrets: Secrets, { id, stored }: NamedRow): Promise<boolean> {
  let name: string;
  try {
    name = openName(secrets, stored);
  } catch {
    return false;
  }
  await trx.updateTable('users').set(namedRow(secrets, name)).where('id', '=', id).execute();
  return true;
}
