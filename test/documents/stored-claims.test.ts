// Whose a Yjs client id is, in PostgreSQL.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Kysely } from 'kysely';
import * as Y from 'yjs';
import { type Database, openDatabase } from '../../src/db/open.ts';
import type { Tables } from '../../src/db/tables.ts';
import { inlineMerger } from '../../src/documents/merger.ts';
import { SqlUpdateLog } from '../../src/documents/sql-update-log.ts';
import { silentLog } from '../../src/observe/log.ts';
import { freshDatabase, type TestDatabase } from '../support/db.ts';
import { createFile } from '../support/stored-file.ts';

let testDatabase: TestDatabase;
let database: Database;
let db: Kysely<Tables>;
let log: SqlUpdateLog;

beforeAll(async () => {
  testDatabase = await freshDatabase();
  database = await openDatabase({ databaseUrl: testDatabase.url, dataDir: '', poolSize: 2, log: silentLog });
  db = database.kysely;
  log = new SqlUpdateLog({ db, straight: database.straight, logger: silentLog, merger: inlineMerger });
});
afterAll(async () => {
  await database.close();
  await testDatabase.drop();
});

function type(doc: Y.Doc, piece: string): Uint8Array {
  const before = Y.encodeStateVector(doc);
  doc.getText('content').insert(0, piece);
  return Y.encodeStateAsUpdate(doc, before);
}

test('[DOC30] stores whose a client id is with its first edit, for a user who is there', async () => {
  const fileId = await createFile(db);
  const { owner_id: userId } = await db
    .selectFrom('files')
    .innerJoin('coding_sessions as room', 'room.id', 'files.session_id')
    .select('room.owner_id')
    .where('files.id', '=', fileId)
    .executeTakeFirstOrThrow();
  const [ann, bob] = [new Y.Doc(), new Y.Doc()];
  const claim = (clientId: number, user: string | null) => [{ clientId, userId: user }];
  const write = (update: Uint8Array, claims: ReturnType<typeof claim>) =>
    log.append({ fileId, update, actorId: userId, source: 'edit', claims });
  await Promise.all([
    write(type(ann, 'a'), claim(ann.clientID, userId)),
    write(type(ann, 'b'), []),
    write(type(bob, 'c'), claim(bob.clientID, randomUUID())),
    write(type(bob, 'd'), claim(2 ** 32 - 1, null)),
  ]);
  // A commit whose answer was lost is written again.
  await write(type(ann, 'e'), claim(ann.clientID, randomUUID()));
  const stored = await log.load(fileId);
  const claims = stored?.claims ?? [];
  expect(claims).toHaveLength(3);
  expect(claims).toEqual(
    expect.arrayContaining([
      { clientId: ann.clientID, userId },
      { clientId: bob.clientID, userId: null },
      { clientId: 2 ** 32 - 1, userId: null },
    ]),
  );
  expect(stored?.parts).toHaveLength(6);
});
