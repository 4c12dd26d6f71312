// A server process, as far as its database goes: opens the one in the folder it is given and keeps it until it is killed.
// Prints one line: `open <pid of PostgreSQL>`, or `refused <why>`.
import fs from 'node:fs';
import path from 'node:path';
import { sql } from 'kysely';
import { openDatabase } from '../../src/db/open.ts';
import { silentLog } from '../../src/observe/log.ts';

try {
  const dataDir = process.argv[2] as string;
  const { system } = await openDatabase({ dataDir, poolSize: 2, log: silentLog });
  await sql`insert into system_configs (key, value) values ('seoul', '1') on conflict do nothing`.execute(system);
  const pid = fs.readFileSync(path.join(dataDir, 'postgres/postmaster.pid'), 'utf8').split('\n')[0];
  process.stdout.write(`open ${pid}\n`);
} catch (error) {
  process.stdout.write(`refused ${(error as Error).message}\n`);
}
