// @hocuspocus/server with its defaults (debounce 2 s, at most 10 s); with DATABASE_URL its database extension on one
// table, as its documentation shows.
import { imported, port, ready, required } from './peer-process.ts';

async function database(url: string): Promise<unknown> {
  const { Database } = await imported('@hocuspocus/extension-database');
  const pool = new (required('pg').Pool)({ connectionString: url, max: 10 });
  await pool.query('create table if not exists hocus_documents (name text primary key, data bytea not null)');
  return new Database({
    async fetch({ documentName }: { documentName: string }) {
      const { rows } = await pool.query('select data from hocus_documents where name = $1', [documentName]);
      return rows[0]?.data ?? null;
    },
    async store({ documentName, state }: { documentName: string; state: Buffer }) {
      await pool.query(
        'insert into hocus_documents (name, data) values ($1, $2) on conflict (name) do update set data = excluded.data',
        [documentName, state],
      );
    },
  });
}

const { Server } = await imported('@hocuspocus/server');
const url = process.env['DATABASE_URL'];
const extensions = url ? [await database(url)] : [];
await new Server({ port, address: '127.0.0.1', quiet: true, stopOnSignals: false, extensions }).listen();
ready();
