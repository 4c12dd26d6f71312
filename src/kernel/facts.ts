// Facts: what a command did. One table of rules says what a fact leaves behind, in the command's own transaction.
import type { Insertable, Transaction } from 'kysely';
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
  'run.input': { audit: true, feed: false },
  'test.saved': { audit: true, feed: false },
  'test.removed': { audit: true, feed: false },
} as const satisfies Record<string, FactRule>;

export interface Fact {
  readonly type: keyof typeof FACT_RULES;
  readonly roomId?: string;
  readonly resource: { readonly type: 'user' | 'room' | 'participant' | 'file' | 'run' | 'test'; readonly id: string };
  readonly before?: Readonly<Record<string, unknown>>;
  readonly after?: Readonly<Record<string, unknown>>;
}

/** A fact, and who made it one. */
export interface CallerFact {
  readonly caller: Caller;
  readonly fact: Fact;
}

/** Writes the rows of facts, all of a kind in one statement. `before` and `after` must hold no secret: they are kept. */
export async function writeFacts(trx: Transaction<Tables>, facts: readonly CallerFact[]): Promise<void> {
  const audited = facts.filter(({ fact }) => FACT_RULES[fact.type].audit);
  const shown = facts.filter(({ fact }) => FACT_RULES[fact.type].feed);
  if (audited.length > 0) await trx.insertInto('audit_logs').values(audited.map(auditRow)).execute();
  if (shown.length > 0) await trx.insertInto('activity_feed').values(shown.map(feedRow)).execute();
}

function auditRow({ caller, fact }: CallerFact): Insertable<Tables['audit_logs']> {
  return {
    ...common(caller, fact),
    action: fact.type,
    old_values: fact.before ? JSON.stringify(fact.before) : null,
    new_values: fact.after ? JSON.stringify(fact.after) : null,
    user_agent: caller.userAgent ?? null,
    request_id: caller.requestId,
  };
}

function feedRow({ caller, fact }: CallerFact): Insertable<Tables['activity_feed']> {
  return { ...common(caller, fact), type: fact.type, data: fact.after ? JSON.stringify(fact.after) : null };
}

function common(caller: Caller, { roomId, resource }: Fact) {
  return {
    user_id: caller.user?.id ?? null,
    session_id: roomId ?? null,
    ip_address: caller.address,
    resource_type: resource.type,
    resource_id: resource.id,
  };
}
