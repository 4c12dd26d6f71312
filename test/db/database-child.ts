// A server reduced to its database, in a process of its own: opens it, answers queries of the parent, closes it.
import { sql } from 'kysely';
import { type Database, openDatabase } from '../../src/db/open.ts';
import { openLog } from '../../src/observe/log.ts';

export interface Question {
  readonly id: number;
  /** A statement; undefined closes the database and ends the process. */
  readonly statement?: string;
}

export interface Reply {
  readonly id: number;
  readonly rows?: unknown[];
  readonly error?: string;
}

const [dataDir = '', databaseUrl = ''] = process.argv.slice(2);

async function answer(database: Database, { id, statement }: Question): Promise<Reply> {
  try {
    if (statement === undefined) {
      await database.close();
      return { id };
    }
    const { rows } = await sql.raw(statement).execute(database.kysely);
    return { id, rows };
  } catch (error) {
    return { id, error: String(error) };
  }
}

async function serve(): Promise<void> {
  const log = openLog('warn');
  const database = await openDatabase({ databaseUrl: databaseUrl || undefined, dataDir, poolSize: 4, log });
  process.on('message', async (question: Question) => {
    const reply = await answer(database, question);
    process.send?.(reply, () => {
      if (question.statement === undefined) process.disconnect();
    });
  });
  process.send?.({ id: 0 } satisfies Reply);
}

serve().catch((error: unknown) => {
  process.send?.({ id: 0, error: error instanceof Error ? error.message : String(error) } satisfies Reply);
  process.disconnect();
});
