// Writes src/db/tables.ts: Kysely row types from the migrated schema; CHECK (column in (…)) becomes a union of literals.
// Run as `npm run db:types`; a test compares the committed file with what this makes.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import { startEmbedded } from '../../src/db/embedded.ts';
import { migrate } from '../../src/db/migrate.ts';
import { silentLog } from '../../src/observe/log.ts';

const SCALARS: Readonly<Record<string, string>> = {
  uuid: 'string',
  text: 'string',
  inet: 'string',
  int2: 'number',
  int4: 'number',
  int8: 'bigint',
  float4: 'number',
  float8: 'number',
  numeric: 'string',
  bool: 'boolean',
  bytea: 'Buffer',
  date: 'string',
  tsvector: 'string',
  timestamptz: 'Timestamp',
  jsonb: 'Json',
  interval: 'string',
};

interface ColumnRow {
  readonly table: string;
  readonly column: string;
  readonly type: string;
  readonly array: boolean;
  readonly not_null: boolean;
  readonly has_default: boolean;
  readonly generated: string;
  readonly identity: string;
  readonly checks: string[] | null;
}

const COLUMNS = `
  select c.relname as table, a.attname as column, coalesce(e.typname, t.typname) as type,
    t.typelem <> 0 and t.typcategory = 'A' as array, a.attnotnull as not_null, a.atthasdef as has_default,
    a.attgenerated::text as generated, a.attidentity::text as identity,
    (select array_agg(pg_get_constraintdef(k.oid) order by k.conname) from pg_constraint k
      where k.conrelid = c.oid and k.contype = 'c' and k.conkey = array[a.attnum]) as checks
  from pg_class c
    join pg_namespace n on n.oid = c.relnamespace and n.nspname = 'public'
    join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    join pg_type t on t.oid = a.atttypid
    left join pg_type e on e.oid = t.typelem and t.typcategory = 'A'
  where c.relkind in ('r', 'p') and not c.relispartition and c.relname !~ '^kysely_'
  order by c.relname, a.attnum`;

const HEAD = `// Generated from the migrated schema by \`npm run db:types\`. Do not edit.
import type { ColumnType, GeneratedAlways } from 'kysely';

export type Generated<T> =
  T extends ColumnType<infer S, infer I, infer U> ? ColumnType<S, I | undefined, U> : ColumnType<T, T | undefined, T>;
export type Timestamp = ColumnType<Date, Date | string, Date | string>;
export type JsonValue = string | number | boolean | null | JsonValue[] | { [key: string]: JsonValue | undefined };
export type Json = ColumnType<JsonValue, string, string>;
`;

/** The text of src/db/tables.ts for the schema that the client is connected to. */
export async function generateTypes(client: pg.ClientBase): Promise<string> {
  const { rows } = await client.query<ColumnRow>(COLUMNS);
  const tables = new Map<string, string[]>();
  for (const row of rows) {
    const lines = tables.get(row.table) ?? [];
    lines.push(`  ${row.column}: ${typeOf(row)};`);
    tables.set(row.table, lines);
  }
  const interfaces = [...tables].map(
    ([name, lines]) => `export interface ${typeName(name)} {\n${lines.join('\n')}\n}\n`,
  );
  const all = [...tables.keys()].map((name) => `  ${name}: ${typeName(name)};`);
  return `${HEAD}\n${interfaces.join('\n')}\nexport interface Tables {\n${all.join('\n')}\n}\n`;
}

function typeOf(row: ColumnRow): string {
  let type = literals(row.checks ?? []) ?? SCALARS[row.type];
  if (type === undefined) throw new Error(`${row.table}.${row.column}: no TypeScript type for ${row.type}`);
  if (row.array) type = `${type}[]`;
  if (!row.not_null) type += ' | null';
  if (row.generated !== '' || row.identity === 'a') return `GeneratedAlways<${type}>`;
  return row.has_default || row.identity !== '' ? `Generated<${type}>` : type;
}

function literals(checks: readonly string[]): string | undefined {
  for (const check of checks) {
    const list = /= ANY \(ARRAY\[(.+)\]\)\)+$/.exec(check)?.[1];
    if (list)
      return list
        .split(/, (?=')/)
        .map((value) => value.replace(/::[a-z ]+$/, ''))
        .join(' | ');
  }
  return undefined;
}

function typeName(table: string): string {
  return `${table.replace(/(^|_)([a-z])/g, (_all, _start, letter: string) => letter.toUpperCase())}Table`;
}

async function writeTypes(): Promise<void> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'coderoom-types-'));
  const server = await startEmbedded({ folder, durable: false });
  try {
    const pool = new pg.Pool({ connectionString: server.url('postgres') });
    // A pool says that it has ended before its connections have, and the server goes at once.
    pool.on('error', () => undefined);
    const db = new Kysely({ dialect: new PostgresDialect({ pool }) });
    try {
      await migrate(db, silentLog);
      const client = await pool.connect();
      fs.writeFileSync(path.join(import.meta.dirname, '../../src/db/tables.ts'), await generateTypes(client));
      client.release();
    } finally {
      await db.destroy();
    }
  } finally {
    await server.stop();
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

if (process.argv[1] === import.meta.filename) await writeTypes();
