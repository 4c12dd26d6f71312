// A file with its document, as rows: for tests of what stands right on the database.
import { randomUUID } from 'node:crypto';
import type { Kysely } from 'kysely';
import type { Tables } from '../../src/db/tables.ts';
import { initialUpdate } from '../../src/documents/update-merge.ts';

/** @returns the id of a new file in a new room */
export async function createFile(db: Kysely<Tables>, content = ''): Promise<string> {
  const user = await db
    .insertInto('users')
    .values({ kind: 'guest', username: `guest-${randomUUID()}`, display_name: 'Ann' })
    .returning('id')
    .executeTakeFirstOrThrow();
  const room = await db
    .insertInto('coding_sessions')
    .values({ name: 'Room', owner_id: user.id, room_code: randomUUID().replaceAll('-', '').slice(0, 8).toUpperCase() })
    .returning('id')
    .executeTakeFirstOrThrow();
  const file = await db
    .insertInto('files')
    .values({ session_id: room.id, path: 'main.js' })
    .returning('id')
    .executeTakeFirstOrThrow();
  await db
    .insertInto('document_states')
    .values({ file_id: file.id, state: Buffer.from(initialUpdate(content)) })
    .execute();
  return file.id;
}
