// What the database knows of a person: every column that points to one, what their export has of it, and what is left of
// it when they are erased. A test holds this list against the schema, so that no table is forgotten.
import { type Kysely, type RawBuilder, sql, type Transaction } from 'kysely';
import type { Tables } from './tables.ts';

/**
 * What erasure does to rows of a person.
 * delete: the rows go. keep: they stay, and point to somebody without a name. without address: they stay, and where from
 * is cleared.
 */
type Fate = 'delete' | 'keep' | 'without address';

interface PersonalColumn {
  readonly table: keyof Tables;
  readonly column: string;
  readonly erase: Fate;
}

const own = (table: keyof Tables, column = 'user_id'): PersonalColumn => ({ table, column, erase: 'delete' });
const authored = (table: keyof Tables, column = 'user_id'): PersonalColumn => ({ table, column, erase: 'keep' });

/** In an order in which rows can be deleted. */
export const PERSONAL_COLUMNS: readonly PersonalColumn[] = [
  // Their own row, and those of their bots: cleared, not deleted, so that what they made still has an author.
  authored('users', 'id'),
  authored('users', 'bot_owner_id'),
  own('user_preferences'),
  own('user_sessions'),
  own('access_tokens'),
  own('email_tokens'),
  own('session_participants'),
  own('session_bans'),
  authored('session_bans', 'banned_by'),
  // Rooms have been handed over or closed before.
  authored('coding_sessions', 'owner_id'),
  authored('files', 'created_by'),
  authored('document_updates', 'actor_id'),
  authored('document_clients'),
  authored('document_quarantine', 'actor_id'),
  authored('file_versions', 'author_id'),
  own('editing_sessions'),
  authored('code_executions'),
  authored('test_cases', 'created_by'),
  own('message_feedback'),
  own('conversations', 'owner_id'),
  authored('chat_messages', 'sender_id'),
  authored('agent_executions'),
  authored('ai_suggestions'),
  authored('ai_suggestions', 'decided_by'),
  authored('llm_conversations_log'),
  own('external_data_sessions'),
  own('user_external_integrations'),
  // Records without personal data but the id; they are only ever added to.
  authored('external_api_calls'),
  authored('external_data_access_audit'),
  own('schedule_rules'),
  own('jobs'),
  own('remotes', 'owner_id'),
  // What others allow here is theirs to take back; nobody can sign in under the id any more.
  authored('permissions'),
  authored('permissions', 'created_by'),
  own('notifications'),
  authored('system_notifications', 'created_by'),
  authored('user_feedback'),
  authored('user_feedback', 'responded_by'),
  authored('system_configs', 'updated_by'),
  own('usage_patterns'),
  { table: 'activity_feed', column: 'user_id', erase: 'without address' },
  { table: 'security_events', column: 'user_id', erase: 'without address' },
  // Sealed by a chain of hashes: a row cannot change. It has ids and no names, and goes when its time is over.
  authored('audit_logs'),
  authored('error_logs'),
];

/** Columns that no export has: what only the server may read, and what things are found or proved by. */
const SECRET_COLUMN = /(_hash|_encrypted|_index|_salt)$|^password/;

/** Rows that are taken from the database at once: one may hold a whole file. */
const ROWS_AT_ONCE = 20;

interface Column {
  readonly table: string;
  readonly name: string;
}

/**
 * Writes all rows of some people as JSON, table by table: `{"files": [{…}, …], …}`, as of one moment.
 * @param db the system's: it sees all rows
 * @param write resolves when it can take more
 */
export async function exportRows(
  db: Kysely<Tables>,
  userIds: readonly string[],
  write: (json: string) => Promise<void>,
): Promise<void> {
  await db
    .transaction()
    .setIsolationLevel('repeatable read')
    .execute(async (trx) => {
      const columns = await columnsOf(trx);
      let before = '{';
      for (const table of new Set(PERSONAL_COLUMNS.map((column) => column.table))) {
        await write(`${before}${JSON.stringify(table)}:[`);
        await exportTable(trx, { table, columns: columns.get(table) ?? [], userIds, write });
        before = '],';
      }
      await write(']}');
    });
}

/** The name stands beside: there it has been opened. */
interface ExportedRow {
  readonly json: string;
  readonly display_name?: string;
}

function inTheClear({ json, display_name }: ExportedRow): string {
  if (display_name === undefined) return json;
  return JSON.stringify({ ...(JSON.parse(json) as object), display_name });
}

interface TableExport {
  readonly table: keyof Tables;
  readonly columns: readonly string[];
  readonly userIds: readonly string[];
  readonly write: (json: string) => Promise<void>;
}

async function exportTable(trx: Kysely<Tables>, { table, columns, userIds, write }: TableExport): Promise<void> {
  const shown = sql.join(columns.map((name) => sql.ref(name)));
  await sql`declare personal_rows no scroll cursor for
    select row_to_json(shown)::text as json ${table === 'users' ? sql`, display_name` : sql``} from (
      select ${shown} from ${sql.table(table)} where ${isTheirs(table, userIds)}) shown`.execute(trx);
  for (let separator = ''; ; ) {
    const { rows } = await sql<ExportedRow>`fetch ${sql.lit(ROWS_AT_ONCE)} from personal_rows`.execute(trx);
    if (rows.length === 0) break;
    await write(separator + rows.map(inTheClear).join(','));
    separator = ',';
  }
  await sql`close personal_rows`.execute(trx);
}

function isTheirs(table: keyof Tables, userIds: readonly string[]): RawBuilder<boolean> {
  const columns = PERSONAL_COLUMNS.filter((column) => column.table === table);
  const tests = columns.map(({ column }) => sql<boolean>`${sql.ref(column)} = any(${userIds}::uuid[])`);
  return sql<boolean>`(${sql.join(tests, sql` or `)})`;
}

/** From the schema, so that a new column is in the export without anybody thinking of it. */
async function columnsOf(trx: Kysely<Tables>): Promise<Map<string, string[]>> {
  const { rows } = await sql<Column>`select table_name as table, column_name as name from information_schema.columns
    where table_schema = 'public' order by ordinal_position`.execute(trx);
  const shown = rows.filter(({ name }) => !SECRET_COLUMN.test(name));
  return new Map(
    [...Map.groupBy(shown, ({ table }) => table)].map(([table, all]) => [table, all.map(({ name }) => name)]),
  );
}

/**
 * Takes away what the list says. Their rows in `users` are not touched.
 * @param trx acts as the first of them
 */
export async function eraseRows(trx: Transaction<Tables>, userIds: readonly string[]): Promise<void> {
  for (const { table, column, erase } of PERSONAL_COLUMNS) {
    const theirs = sql<boolean>`${sql.ref(column)} = any(${userIds}::uuid[])`;
    if (erase === 'delete') await sql`delete from ${sql.table(table)} where ${theirs}`.execute(trx);
    if (erase === 'without address') {
      await sql`update ${sql.table(table)} set ip_address = null where ${theirs} and ip_address is not null`.execute(
        trx,
      );
    }
  }
}
