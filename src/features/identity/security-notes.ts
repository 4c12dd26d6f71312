// Rows of security_events about signing in: one per kind, person or address, and minute, with a count. Written apart from
// the command's transaction, which is refused as a rule. What was typed is not kept: passwords end up in name fields.
import { type Kysely, sql } from 'kysely';
import type { Tables } from '../../db/tables.ts';
import type { Caller } from '../../kernel/caller.ts';

export interface SignInNote {
  readonly type: 'login_failed' | 'login_limited' | 'sms_exhausted' | 'token_reused' | 'password_wrong';
  readonly severity: 'low' | 'medium' | 'high';
  /** Whose account it is about, where one is. */
  readonly userId: string | undefined;
  /** Of the sign-in session, where one is. */
  readonly signInSessionId?: string;
}

/** Counts the note in the row of its minute. */
export async function noteSignIn(db: Kysely<Tables>, caller: Caller, note: SignInNote): Promise<void> {
  const { type, severity, userId, signInSessionId } = note;
  const parts = [type, userId ?? '', caller.address, signInSessionId ?? ''].join('|');
  const data = JSON.stringify({ count: 1, signInSessionId, requestId: caller.requestId });
  await db
    .insertInto('security_events')
    .values({
      id: sql<string>`md5(${parts}::text || date_trunc('minute', now())::text)::uuid`,
      created_at: sql<Date>`date_trunc('minute', now())`,
      user_id: userId ?? null,
      ip_address: caller.address,
      type,
      severity,
      data,
    })
    .onConflict((conflict) =>
      conflict.columns(['created_at', 'id']).doUpdateSet({
        data: sql`excluded.data || jsonb_build_object('count', (security_events.data ->> 'count')::int + 1)`,
      }),
    )
    .execute();
}
