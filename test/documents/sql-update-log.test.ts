import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Kysely } from 'kysely';
import pg from 'pg';
import * as Y from 'yjs';
import { type Database, openDatabase } from '../../src/db/open.ts';
import type { Tables } from '../../src/db/tables.ts';
import { unpackHistory } from '../../src/documents/history.ts';
import { threadMerger } from '../../src/documents/merger.ts';
import { SqlUpdateLog } from '../../src/documents/sql-update-log.ts';
import { SqlVersions } from '../../src/documents/sql-versions.ts';
import { silentLog } from '../../src/observe/log.ts';
import { freshDatabase, type TestDatabase } from '../support/db.ts';
import { createFile } from '../support/stored-file.ts';
import { until } from '../support/until.ts';

let testDatabase: TestDatabase;
let database: Database;
let db: Kysely<Tables>;
let log: SqlUpdateLog;
const merger = threadMerger();
let admin: pg.Client;

beforeAll(async () => {
  testDatabase = await freshDatabase();
  database = await openDatabase({ databaseUrl: testDatabase.url, dataDir: '', poolSize: 5, log: silentLog });
  db = database.kysely;
  admin = new pg.Client({ connectionString: testDatabase.url });
  await admin.connect();
});
afterAll(async () => {
  await merger.close();
  await admin.end();
  await database.close();
  await testDatabase.drop();
});
beforeEach(() => {
  log = openLog();
});

const openLog = (): SqlUpdateLog => new SqlUpdateLog({ db, straight: database.straight, logger: silentLog, merger });

function typist(text = ''): { doc: Y.Doc; type: (piece: string) => Uint8Array } {
  const doc = new Y.Doc();
  if (text) doc.getText('content').insert(0, text);
  return {
    doc,
    type(piece) {
      let made: Uint8Array | undefined;
      doc.once('update', (update: Uint8Array) => {
        made = update;
      });
      doc.getText('content').insert(doc.getText('content').length, piece);
      return made as Uint8Array;
    },
  };
}

async function storedText(fileId: string): Promise<string> {
  const stored = await log.load(fileId);
  const doc = new Y.Doc();
  for (const part of stored?.parts ?? []) Y.applyUpdate(doc, part);
  return doc.getText('content').toString();
}

const append = (fileId: string, update: Uint8Array): Promise<void> =>
  log.append({ fileId, update, actorId: null, source: 'edit' });

/** The rows of a file as another connection sees them: only what is committed. */
async function committedRows(fileId: string): Promise<number> {
  const { rows } = await admin.query('select count(*)::int as n from document_updates where file_id = $1', [fileId]);
  return rows[0].n;
}

describe('the update log in PostgreSQL', () => {
  test('[DOC6] what is acknowledged is committed', async () => {
    const fileId = await createFile(db);
    const { type, doc } = typist();
    for (let i = 0; i < 20; i++) {
      await append(fileId, type(`${i} `));
      expect(await committedRows(fileId)).toBe(i + 1);
    }
    expect(await storedText(fileId)).toBe(doc.getText('content').toString());
  });

  test('[DOC6] many at once go into few commits, in order', async () => {
    const fileId = await createFile(db);
    const { type, doc } = typist();
    const answers = Array.from({ length: 500 }, (_, i) => append(fileId, type(`${i},`)));
    expect(log.backlogBytes).toBeGreaterThan(0);
    await Promise.all(answers);
    expect(log.backlogBytes).toBe(0);
    expect(await storedText(fileId)).toBe(doc.getText('content').toString());
    const { rows } = await admin.query(
      'select count(distinct xmin::text)::int as n from document_updates where file_id = $1',
      [fileId],
    );
    expect(rows[0].n).toBeLessThan(50);
  });

  test('[DOC9] a file that is gone does not keep others from being saved', async () => {
    const [gone, there] = [randomUUID(), await createFile(db)];
    const { type } = typist();
    const lost = append(gone, type('lost')).catch((error: unknown) => error);
    const kept = typist();
    await append(there, kept.type('kept'));
    expect(await lost).toMatchObject({ code: 'not_found' });
    expect(await storedText(there)).toBe('kept');
    expect(await log.load(gone)).toBeUndefined();
  });

  test('[DOC9] what was given behind an edit that is refused goes with it, so that nothing stored has a gap', async () => {
    const fileId = await createFile(db);
    const { type } = typist();
    // No actor has such an id: the database refuses the row.
    const refused = log.append({ fileId, update: type('a'), actorId: 'nobody', source: 'edit' });
    await Promise.resolve();
    await Promise.resolve();
    const behind = append(fileId, type('b'));
    await expect(refused).rejects.toMatchObject({ code: 'not_found' });
    await expect(behind).rejects.toMatchObject({ code: 'not_found' });
    expect(await committedRows(fileId)).toBe(0);
    const fresh = typist();
    await append(fileId, fresh.type('c'));
    expect(await storedText(fileId)).toBe('c');
  });

  test('[DOC7] connections that break are tried again until the edits are in, each once', async () => {
    const fileId = await createFile(db);
    const { type, doc } = typist();
    const answers: Promise<void>[] = [];
    for (let round = 0; round < 10; round++) {
      for (let i = 0; i < 20; i++) answers.push(append(fileId, type('.')));
      await admin.query(
        'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
      );
    }
    await Promise.all(answers);
    expect(await storedText(fileId)).toBe(doc.getText('content').toString());
  });

  test('[DOC14] compaction keeps what is written while it runs', async () => {
    const fileId = await createFile(db, 'start ');
    const { type } = typist();
    let written = 0;
    let compacting = true;
    const writer = (async () => {
      while (compacting || written < 50) {
        await append(fileId, type('x'));
        written++;
      }
    })();
    for (let i = 0; i < 15; i++) await Promise.all([log.compact(fileId, i % 2 === 0), openLog().compact(fileId)]);
    compacting = false;
    await writer;
    await log.compact(fileId);
    expect(await committedRows(fileId)).toBe(0);
    const text = await storedText(fileId);
    expect([...text].sort().join('').trim()).toBe(`arstt${'x'.repeat(written)}`.trim());
  });

  test('[DOC14] what compaction takes out is kept with its author and time', async () => {
    const fileId = await createFile(db);
    const { type, doc } = typist();
    const actorId = randomUUID();
    const sources = ['edit', 'agent', 'revert'] as const;
    for (const source of sources) await log.append({ fileId, update: type(`${source} `), actorId, source });
    await append(fileId, type('nobody'));
    await log.compact(fileId);
    const { rows } = await admin.query('select * from document_history where file_id = $1', [fileId]);
    expect(rows).toHaveLength(1);
    const entries = await unpackHistory(rows[0].updates);
    expect(entries.map(({ actorId: actor, source }) => [actor, source])).toEqual([
      [actorId, 'edit'],
      [actorId, 'agent'],
      [actorId, 'revert'],
      [null, 'edit'],
    ]);
    expect(entries.every(({ at }) => Math.abs(at.getTime() - Date.now()) < 60_000)).toBe(true);
    const rebuilt = new Y.Doc();
    for (const { update } of entries) Y.applyUpdate(rebuilt, update);
    expect(rebuilt.getText('content').toString()).toBe(doc.getText('content').toString());
    await admin.query("update document_history set ended_at = now() - interval '91 days' where file_id = $1", [fileId]);
    await append(fileId, type('later'));
    await log.compact(fileId);
    const left = await admin.query('select ended_at from document_history where file_id = $1', [fileId]);
    expect(left.rows).toHaveLength(1);
  });

  test('[DOC14] a large document is merged in a thread, while the event loop turns', async () => {
    const fileId = await createFile(db, 'x'.repeat(200_000));
    const { type } = typist();
    for (let i = 0; i < 600; i++) void append(fileId, type('ab '));
    await log.drain(10_000);
    let turns = 0;
    const turning = setInterval(() => turns++, 1);
    await log.compact(fileId);
    clearInterval(turning);
    expect(turns).toBeGreaterThan(3);
    if (process.platform === 'linux') expect(nicenessOfThreads()).toContain(15);
    expect((await storedText(fileId)).length).toBe(200_000 + 1800);
  });

  test('[DOC10] a drain waits for what is under way', async () => {
    const fileId = await createFile(db);
    const { type } = typist();
    void append(fileId, type('x'));
    expect(await log.drain(5000)).toBe(true);
    expect(await committedRows(fileId)).toBe(1);
  });

  test('[DOC26] a damaged row is set aside and reported; the rest of the document opens', async () => {
    const fileId = await createFile(db, 'whole ');
    const { type } = typist();
    await append(fileId, type('one '));
    await admin.query("insert into document_updates (file_id, data) values ($1, '\\x0102030405')", [fileId]);
    await append(fileId, type('two'));
    const reported: object[] = [];
    const watched = new SqlUpdateLog({
      db,
      straight: database.straight,
      merger,
      logger: { ...silentLog, error: (fields) => reported.push(fields) },
    });
    expect((await watched.load(fileId))?.parts).toHaveLength(3);
    expect(reported).toMatchObject([{ fileId, reason: expect.any(String) }]);
    expect([...(await storedText(fileId))].sort().join('')).toBe([...'whole one two'].sort().join(''));
    const { rows } = await admin.query('select data from document_quarantine where file_id = $1', [fileId]);
    expect(rows).toEqual([{ data: Buffer.from('0102030405', 'hex') }]);
    await watched.compact(fileId);
  });

  test('[DOC13] a document keeps its lineage, another one has another', async () => {
    const [a, b] = [await createFile(db), await createFile(db)];
    const lineage = (await log.load(a))?.lineage;
    await append(a, typist().type('x'));
    await log.compact(a);
    expect((await log.load(a))?.lineage).toBe(lineage);
    expect((await log.load(b))?.lineage).not.toBe(lineage);
  });
});

describe('versions in PostgreSQL', () => {
  test('[DOC23] are numbered without gaps, also when many write at once, and never the same twice in a row', async () => {
    const fileId = await createFile(db);
    const versions = new SqlVersions(db);
    const write = (content: string) => versions.write({ fileId, content, kind: 'auto', authorId: null });
    expect(await write('a')).toBe(true);
    expect(await write('a')).toBe(false);
    await Promise.all(Array.from({ length: 8 }, (_, i) => write(`text ${i}`)));
    await write('zero \0 byte');
    const { rows } = await admin.query(
      'select version_number, content from file_versions where file_id = $1 order by 1',
      [fileId],
    );
    expect(rows.map((row) => row.version_number)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(rows.at(-1).content).toBe('zero \uFFFD byte');
    await until(
      async () =>
        (await admin.query('select size_bytes from files where id = $1', [fileId])).rows[0].size_bytes === '13',
    );
  });
});

/** Of the threads of this process (proc(5), stat, field 19); the name in field 2 may hold anything. */
function nicenessOfThreads(): number[] {
  return fs.readdirSync('/proc/self/task').map((thread) => {
    const stat = fs.readFileSync(`/proc/self/task/${thread}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16]);
  });
}
