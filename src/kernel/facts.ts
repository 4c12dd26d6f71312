// Facts: what a command did. One table of rules says what a fact leaves behind, in the command's own transaction.
import type { Transaction } from 'kysely';
import type { Tables } from '../db/tables.ts';
import type { Caller } from './caller.ts';

interface FactRule {
  readonly audit: boolean;
  /** Shown to the members of the room. */
  readonly feed: boolean;
}

export const FACT_RULES = {
  'user.guest_created': { audit: true, feed: false },
  'room.created': { audit: true, feed: true },
  'room.joined': { audit: true, feed: true },
  'room.left': { audit: true, feed: true },
  'room.closed': { audit: true, feed: true },
  'participant.admitted': { audit: true, feed: true },
  'participant.role_changed': { audit: true, feed: true },
  'file.created': { audit: true, feed: true },
  'file.renamed': { audit: true, feed: true },
  'file.deleted': { audit: true, feed: true },
  'file.written': { audit: true, feed: true },
  'run.started': { audit: true, feed: true },
  'run.cancelled': { audit: true, feed: false },
} as const satisfies Record<string, FactRule>;

export interface Fact {
  readonly type: keyof typeof FACT_RULES;
  readonly roomId?: string;
  readonly resource: { readonly type: 'user' | 'room' | 'participant' | 'file' | 'run'; readonly id: string };
  readonly before?: Readonly<Record<string, unknown>>;
  readonly after?: Readonly<Record<string, unknown>>;
}

/** Writes the rows of a fact. `before` and `after` must hold no secret: they are kept. */
export async function writeFact(trx: Transaction<Tables>, caller: Caller, fact: Fact): Promise<void> {
  const rule = FACT_RULES[fact.type];
  const common = { user_id: caller.user?.id ?? null, session_id: fact.roomId ?? null, ip_address: caller.address };
  const after = fact.after ? JSON.stringify(fact.after) : null;
  if (rule.audit) {
    await trx
      .insertInto('audit_logs')
      .values({
        ...common,
        action: fact.type,
        resource_type: fact.resource.type,
        resource_id: fact.resource.id,
        old_values: fact.before ? JSON.stringify(fact.before) : null,
        new_values: after,
        user_agent: caller.userAgent ?? null,
        request_id: caller.requestId,
      })
      .execute();
  }
  if (rule.feed) {
    await trx
      .insertInto('activity_feed')
      .values({
        ...common,
        type: fact.type,
        resource_type: fact.resource.type,
        resource_id: fact.resource.id,
        data: after,
      })
      .execute();
  }
}
