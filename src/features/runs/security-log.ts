// Rows of security_events about runs: one per user, room, kind and minute, with a count. A log, never the defence: that
// is the sandbox.
import { type Kysely, sql } from 'kysely';
import type { Tables } from '../../db/tables.ts';
import type { Log } from '../../observe/log.ts';

export interface SecurityNote {
  readonly type: 'sandbox_created' | 'sandbox_failed' | 'resource_limit' | 'suspicious_code';
  readonly severity: 'low' | 'medium' | 'high';
  readonly roomId: string;
  readonly userId: string | null;
  readonly executionId: string;
  readonly sandboxId?: string | undefined;
  /** Which limit, or what is suspicious. */
  readonly reason: string;
}

/** Counts the note in the row of its minute. */
export async function noteSecurity(db: Kysely<Tables>, note: SecurityNote): Promise<void> {
  const { type, severity, roomId, userId, executionId, sandboxId = null, reason } = note;
  const parts = [type, roomId, userId ?? '', reason].join('|');
  const data = JSON.stringify({ count: 1, reason, executionId });
  await db
    .insertInto('security_events')
    .values({
      id: sql<string>`md5(${parts}::text || date_trunc('minute', now())::text)::uuid`,
      created_at: sql<Date>`date_trunc('minute', now())`,
      session_id: roomId,
      user_id: userId,
      type,
      severity,
      data,
      sandbox_id: sandboxId,
    })
    .onConflict((conflict) =>
      conflict.columns(['created_at', 'id']).doUpdateSet({
        data: sql`excluded.data || jsonb_build_object('count', (security_events.data ->> 'count')::int + 1)`,
        sandbox_id: (row) => row.ref('excluded.sandbox_id'),
      }),
    )
    .execute();
}

/**
 * Notes how sandboxes are kept apart since this start of the server; `skipped` are the stricter ways that do not work
 * here. Never throws: the log of the server has it, too.
 */
export function isolationNotes(db: Kysely<Tables>, log: Log) {
  return (isolation: string, skipped: readonly { readonly name: string }[]): void => {
    const severity = isolation === 'plain' ? 'high' : skipped.length > 0 ? 'medium' : 'low';
    const data = JSON.stringify({ count: 1, reason: isolation, unavailable: skipped.map(({ name }) => name) });
    db.insertInto('security_events')
      .values({ type: 'sandbox_isolation', severity, data })
      .execute()
      .catch((error: unknown) => log.warn({ err: error }, 'how runs are kept apart could not be stored'));
  };
}

/**
 * What programs contain that try to get out, or that come from lists of attacks; honest ones may, too. Runs of spaces have
 * a longest length: a pattern can take stack for each.
 */
const SUSPICIOUS: Readonly<Record<string, RegExp>> = {
  constructor_chain: /constructor\s{0,99}(?:\.\s{0,99}|\[\s{0,99}["'`])constructor\b/,
  process_internals: /\bprocess\s{0,99}\.\s{0,99}(?:binding|_linkedBinding|mainModule|dlopen)\b/,
  host_modules: /["'`](?:node:)?(?:child_process|worker_threads|cluster|inspector|vm)["'`]/,
  host_files: /\/etc\/(?:passwd|shadow)\b|\/proc\/self\b|\/\.ssh\//,
  python_internals:
    /__subclasses__|__globals__|\bimport\s{1,99}(?:ctypes|subprocess)\b|\bos\s{0,99}\.\s{0,99}(?:fork|system|popen)\s{0,99}\(/,
  cloud_metadata: /169\.254\.169\.254|metadata\.google\.internal/,
  native_extension: /\bload_extension\s{0,99}\(/i,
  mining: /stratum\+tcp|coinhive|xmrig/i,
  fork_bomb: /:\s{0,99}\(\s{0,99}\)\s{0,99}\{\s{0,99}:\s{0,99}\|\s{0,99}:/,
};

/** Names of what is suspicious in the texts of a program. */
export function suspicionsIn(files: Readonly<Record<string, string>>): string[] {
  const texts = Object.values(files);
  return Object.entries(SUSPICIOUS)
    .filter(([, pattern]) => texts.some((text) => pattern.test(text)))
    .map(([name]) => name);
}
