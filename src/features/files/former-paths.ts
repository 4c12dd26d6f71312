// Paths that other files had before: deleted ones, and those with another name now. Clients that know files by their paths
// (stock providers) may come back to such a path with text of the earlier file: the document of the one that is there now
// is marked, and they are recognised by that (documents/lineage-mark.ts).
import { type Kysely, sql } from 'kysely';
import type { Tables } from '../../db/tables.ts';
import { type LineageMark, newLineageMark } from '../../documents/lineage-mark.ts';
import { initialUpdate, mergeAll } from '../../documents/update-merge.ts';

interface Place {
  readonly roomId: string;
  readonly path: string;
}

/** A file leaves this path. Under the lock of the room. */
export async function notePath(trx: Kysely<Tables>, { roomId, path, fileId }: Place & { fileId: string }) {
  await trx
    .insertInto('file_former_paths')
    .values({ session_id: roomId, path, file_id: fileId })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** The document that a new file begins with, marked where another file was. */
export async function firstState(trx: Kysely<Tables>, place: Place, content: string) {
  const state = initialUpdate(content);
  if (!(await wereOthers(trx, place))) return { state: Buffer.from(state) };
  const { clientId, update } = newLineageMark();
  return { state: Buffer.from(mergeAll([state, update])), lineage_client: BigInt(clientId) };
}

/**
 * Marks the document of a file that comes to a path where another one was: anew, also where it has a mark, because all
 * documents of a restore have the same.
 * @returns the mark, for the document where it is open
 */
export async function markWhereOthersWere(
  trx: Kysely<Tables>,
  place: Place & { fileId: string },
): Promise<LineageMark | undefined> {
  if (!(await wereOthers(trx, place))) return undefined;
  const mark = newLineageMark();
  await trx
    .updateTable('document_states')
    .set({ lineage_client: BigInt(mark.clientId) })
    .where('file_id', '=', place.fileId)
    .execute();
  await trx
    .insertInto('document_updates')
    .values({ file_id: place.fileId, data: Buffer.from(mark.update), source: 'edit' })
    .execute();
  return mark;
}

/** @param place with the id of a file, which does not count itself */
async function wereOthers(trx: Kysely<Tables>, { roomId, path, fileId }: Place & { fileId?: string }) {
  const own = fileId ?? null;
  const { rows } = await sql<{ were: boolean }>`select
    exists (select from files where session_id = ${roomId} and path = ${path} and deleted_at is not null
      and id is distinct from ${own}::uuid)
    or exists (select from file_former_paths where session_id = ${roomId} and path = ${path}
      and file_id is distinct from ${own}::uuid) as were`.execute(trx);
  return rows[0]?.were === true;
}
