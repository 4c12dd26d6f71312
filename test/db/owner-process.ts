// A server process, as far as its database goes: opens the one in the folder it is given and keeps it until it is killed.
// Prints one line: `open <pid of PostgreSQL>`, or `refused <why>`.
import { sql } from 'kysely';
import { openDatabase } from '../../src/db/open.ts';
import { silentLog } from '../../src/observe/log.ts';

try {
  const { kysely } = await openDatabase({ dataDir: process.argv[2] as string, poolSize: 2, log: silentLog });
  await sql`insert into countries (code, name_ko, name_en) values ('KOR', '한국', 'Korea') on conflict do nothing`.execute(
    kysely,
  );
  const { rows } = await sql<{ line: string }>`select pg_read_file('postmaster.pid') as line`.execute(kysely);
  process.stdout.write(`open ${rows[0]?.line.split('\n')[0]}\n`);
} catch (error) {
  process.stdout.write(`refused ${(error as Error).message}\n`);
}
