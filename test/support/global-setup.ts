// Once per test run: a PostgreSQL of its own with a migrated template database; test files copy it in 30 ms.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import { type EmbeddedPostgres, startEmbedded } from '../../src/db/embedded.ts';
import { migrate } from '../../src/db/migrate.ts';
import { silentLog } from '../../src/observe/log.ts';
import { TEMPLATE } from './db.ts';

declare global {
  var testDatabase: { server: EmbeddedPostgres; folder: string } | undefined;
}

export default async function setup(): Promise<void> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'coderoom-test-'));
  const server = await startEmbedded({ folder, durable: false });
  const admin = new pg.Client({ connectionString: server.url('postgres') });
  await admin.connect();
  await admin.query(`create database ${TEMPLATE}`);
  await admin.end();
  const pool = new pg.Pool({ connectionString: server.url(TEMPLATE) });
  const db = new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) });
  await migrate(db, silentLog);
  await db.destroy();
  process.env['TEST_DATABASE_URL'] = server.url('DATABASE');
  globalThis.testDatabase = { server, folder };
}
