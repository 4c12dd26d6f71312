// Versions in PostgreSQL (table file_versions): numbered without gaps per file, the same text never twice in a row.
import { createHash } from 'node:crypto';
import type { Kysely } from 'kysely';
import type { Tables } from '../db/tables.ts';
import type { NewVersion, VersionStore } from './versions.ts';

export class SqlVersions implements VersionStore {
  readonly #db: Kysely<Tables>;

  constructor(db: Kysely<Tables>) {
    this.#db = db;
  }

  async write(version: NewVersion): Promise<boolean> {
    // PostgreSQL text cannot hold U+0000; the document itself keeps it.
    const content = version.content.replaceAll('\0', '\uFFFD');
    const hash = createHash('sha256').update(content).digest();
    return this.#db.transaction().execute(async (trx) => {
      // The row lock numbers versions one after the other.
      const file = await trx
        .selectFrom('files')
        .select('id')
        .where('id', '=', version.fileId)
        .forUpdate()
        .executeTakeFirst();
      if (!file) return false;
      const newest = await trx
        .selectFrom('file_versions')
        .select(['version_number', 'content_hash'])
        .where('file_id', '=', version.fileId)
        .orderBy('version_number', 'desc')
        .limit(1)
        .executeTakeFirst();
      if (newest?.content_hash.equals(hash)) return false;
      await trx
        .insertInto('file_versions')
        .values({
          file_id: version.fileId,
          version_number: (newest?.version_number ?? 0) + 1,
          kind: version.kind,
          content,
          content_hash: hash,
          author_id: version.authorId,
        })
        .execute();
      await trx
        .updateTable('files')
        .set({ size_bytes: BigInt(Buffer.byteLength(content)), content_hash: hash })
        .where('id', '=', version.fileId)
        .execute();
      return true;
    });
  }
}
