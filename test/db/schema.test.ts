// The data model as a whole: every table is there, and what holds of all of them.
import { createRequire } from 'node:module';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { freshDatabase, type TestDatabase } from '../support/db.ts';

/** The tables of the data model, by area. A table that is not here does not belong, and one that is missing fails. */
const MODEL: Readonly<Record<string, readonly string[]>> = {
  identity: [
    'countries',
    'chatbot_personas',
    'users',
    'user_preferences',
    'user_sessions',
    'access_tokens',
    'email_tokens',
    'phone_verification_codes',
  ],
  collaboration: [
    'coding_sessions',
    'session_participants',
    'session_bans',
    'files',
    'file_former_paths',
    'document_updates',
    'document_states',
    'document_clients',
    'document_history',
    'document_quarantine',
    'file_versions',
    'editing_sessions',
  ],
  jobs: ['remotes', 'permissions', 'schedule_rules', 'jobs', 'job_logs'],
  execution: ['execution_environments', 'room_environments', 'code_executions', 'execution_sources', 'test_cases'],
  assistant: [
    'conversations',
    'chat_messages',
    'conversation_archives',
    'message_feedback',
    'llm_providers',
    'llm_models',
    'llm_api_keys',
    'agent_executions',
    'ai_suggestions',
    'llm_conversations_log',
    'llm_daily_usage',
  ],
  notices: ['notifications', 'system_notifications', 'user_feedback', 'system_configs'],
  records: [
    'activity_feed',
    'audit_logs',
    'security_events',
    'error_logs',
    'performance_metrics',
    'usage_patterns',
    'daily_stats',
  ],
  integrations: [
    'external_systems',
    'external_system_endpoints',
    'user_external_integrations',
    'external_data_sessions',
    'external_api_calls',
    'external_data_access_audit',
  ],
  upkeep: ['maintenance_runs', 'audit_chain', 'audit_anchors'],
};

/** Cut by month: everything that only grows. */
const BY_MONTH = [
  'activity_feed',
  'audit_logs',
  'error_logs',
  'external_api_calls',
  'external_data_access_audit',
  'job_logs',
  'llm_conversations_log',
  'performance_metrics',
  'security_events',
];

let database: TestDatabase;
let pool: pg.Pool;

beforeAll(async () => {
  database = await freshDatabase();
  pool = new pg.Pool({ connectionString: database.url, max: 2 });
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

async function names(statement: string): Promise<string[]> {
  const { rows } = await pool.query<{ name: string }>(statement);
  return rows.map(({ name }) => name).sort();
}

describe('tables', () => {
  test('are those of the model, each once', async () => {
    const found = await names(`select relname as name from pg_class where relnamespace = 'public'::regnamespace
      and relkind in ('r', 'p') and not relispartition and relname !~ '^kysely_'`);
    expect(found).toEqual(Object.values(MODEL).flat().sort());
  });

  test('that only grow are cut by month, with a default partition', async () => {
    expect(await names(`select relname as name from pg_class where relkind = 'p'`)).toEqual(BY_MONTH);
    const defaults = await names(
      `select relname as name from pg_class c join pg_partitioned_table p on p.partdefid = c.oid`,
    );
    expect(defaults).toEqual(BY_MONTH.map((table) => `${table}_default`));
  });

  test('with updated_at keep it by a trigger; only the state of a document writes its own', async () => {
    const without = await names(`select c.relname as name from pg_class c
      join pg_attribute a on a.attrelid = c.oid and a.attname = 'updated_at' and not a.attisdropped
      where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not exists (
        select from pg_trigger t join pg_proc p on p.oid = t.tgfoid
        where t.tgrelid = c.oid and p.proname = 'set_updated_at')`);
    expect(without).toEqual(['document_states']);
  });

  test('have a primary key', async () => {
    const without = await names(`select relname as name from pg_class c where relnamespace = 'public'::regnamespace
      and relkind in ('r', 'p') and relname !~ '^kysely_'
      and not exists (select from pg_index where indrelid = c.oid and indisprimary)`);
    expect(without).toEqual([]);
  });

  test('have no index that another one makes needless', async () => {
    const { rows } = await pool.query(`select i.indexrelid::regclass::text as name, j.indexrelid::regclass::text as by
      from pg_index i join pg_class c on c.oid = i.indrelid and not c.relispartition
        join pg_index j on j.indrelid = i.indrelid and j.indexrelid <> i.indexrelid
      where c.relnamespace = 'public'::regnamespace and not i.indisunique and i.indexprs is null
        and i.indpred is not distinct from j.indpred and j.indexprs is null
        and (i.indkey::int2[])[0:i.indnkeyatts - 1] = (j.indkey::int2[])[0:i.indnkeyatts - 1]
        and i.indoption::text = left(j.indoption::text, length(i.indoption::text))
        and (select amname from pg_am a join pg_class x on x.relam = a.oid where x.oid = i.indexrelid)
          = (select amname from pg_am a join pg_class x on x.relam = a.oid where x.oid = j.indexrelid)`);
    expect(rows).toEqual([]);
  });
});

describe('the checks', () => {
  const REFUSED: [string, string][] = [
    [
      'a job that ends before it starts',
      "update jobs set started_at = created_at, completed_at = created_at - interval '1 s'",
    ],
    ['a job of progress 101', 'update jobs set progress = 101'],
    [
      'a schedule without its time',
      "insert into schedule_rules (user_id, name, rule_type, job_template) select id, 'x', 'cron', '{}' from users",
    ],
    [
      'an interval below a minute',
      "insert into schedule_rules (user_id, name, rule_type, interval_seconds, job_template) select id, 'x', 'interval', 59, '{}' from users",
    ],
    ['a permission for nothing', 'insert into permissions (user_id) select id from users'],
    [
      'a permission of another name',
      "insert into permissions (user_id, session_id, permissions) select owner_id, id, '{fly}' from coding_sessions",
    ],
    ['a conversation of nobody', "insert into conversations (kind) values ('assistant')"],
    [
      'a message over 64 kB',
      "insert into chat_messages (conversation_id, sender_type, content) select id, 'user', repeat('x', 65537) from conversations",
    ],
    [
      'a data session of eleven minutes',
      "update external_data_sessions set expires_at = created_at + interval '11 minutes'",
    ],
    ['an unlocked integration that nobody verified', "update user_external_integrations set status = 'unlocked'"],
    ['a system without TLS', "update external_systems set base_url = 'http://example.org'"],
    [
      'an announcement that ends before it begins',
      "insert into system_notifications (title, content, type, display_until) values ('t', 'c', 'notice', now() - interval '1 h')",
    ],
  ];

  beforeAll(async () => {
    await pool.query(`
      insert into users (kind, username, display_name) values ('guest', 'ada', 'Ada');
      insert into coding_sessions (name, owner_id, room_code) select 'r', id, 'ABCDEF' from users;
      insert into jobs (user_id, type, payload) select id, 'copy', '{}' from users;
      insert into conversations (kind, session_id) select 'session', id from coding_sessions;
      insert into external_systems (name, display_name, type, base_url, auth_type) values ('s', 'S', 'ci', 'https://x', 'none');
      insert into user_external_integrations (user_id, system_id) select u.id, s.id from users u, external_systems s;
      insert into external_data_sessions (user_id, connection_id, type, purpose, categories, token_hash)
        select user_id, id, 'data_fetch', 'p', '{}', sha256('t') from user_external_integrations`);
  });

  test.each(REFUSED)('refuse %s', async (_what, statement) => {
    await expect(pool.query(statement)).rejects.toMatchObject({ code: '23514' });
  });

  test('let one room have one conversation, and one person one permission in it', async () => {
    const twice = "insert into conversations (kind, session_id) select 'session', id from coding_sessions";
    await expect(pool.query(twice)).rejects.toMatchObject({ code: '23505' });
    const permit = 'insert into permissions (user_id, session_id) select owner_id, id from coding_sessions';
    await pool.query(permit);
    await expect(pool.query(permit)).rejects.toMatchObject({ code: '23505' });
  });
});

describe('from the start there are', () => {
  interface Names {
    getAlpha3Codes(): Record<string, string>;
    getName(code: string, language: string, options: { select: 'all' }): string[];
    registerLocale(data: unknown): void;
  }

  test('the countries of ISO 3166-1, with names that the standard’s package or Unicode gives them, and flags', async () => {
    const require = createRequire(import.meta.url);
    const iso = require('i18n-iso-countries') as Names;
    for (const language of ['ko', 'en']) iso.registerLocale(require(`i18n-iso-countries/langs/${language}.json`));
    // Kosovo has a code by common use; the standard does not assign one.
    const codes = Object.entries(iso.getAlpha3Codes()).filter(([, alpha2]) => alpha2 !== 'XK');
    const { rows } = await pool.query('select * from countries order by code');
    expect(rows.map(({ code }) => code)).toEqual(codes.map(([code]) => code).sort());
    const alpha2 = Object.fromEntries(codes);
    for (const { code, name_ko, name_en, flag_emoji } of rows) {
      for (const [language, name] of [
        ['ko', name_ko],
        ['en', name_en],
      ] as const) {
        const unicode = new Intl.DisplayNames(language, { type: 'region' }).of(alpha2[code] as string);
        expect([unicode, ...iso.getName(code, language, { select: 'all' })]).toContain(name);
      }
      const letters = [...(flag_emoji as string)].map((flag) =>
        String.fromCodePoint((flag.codePointAt(0) ?? 0) - 127397),
      );
      expect(letters.join('')).toBe(alpha2[code]);
    }
    expect(rows).toContainEqual({ code: 'KOR', name_ko: '대한민국', name_en: 'South Korea', flag_emoji: '🇰🇷' });
  });

  test('personas that are active, and environments of which those of the sandbox are', async () => {
    const personas = await pool.query(
      'select id, is_active, length(system_prompt) > 100 as told from chatbot_personas order by id',
    );
    const ids = ['interviewer', 'pair', 'reviewer', 'teacher', 'tester'];
    expect(personas.rows).toEqual(ids.map((id) => ({ id, is_active: true, told: true })));
    const environments = await pool.query(
      `select language, runtime from execution_environments where is_active order by 1`,
    );
    expect(environments.rows).toEqual([
      { language: 'javascript', runtime: 'isolate' },
      { language: 'typescript', runtime: 'isolate' },
    ]);
    const containers = await pool.query(
      `select count(*)::int as n from execution_environments where runtime = 'docker'`,
    );
    expect(containers.rows).toEqual([{ n: 6 }]);
  });
});
