// Facts: what a command did. One table of rules says what a fact leaves behind, in the command's own transaction.
import type { Insertable, Transaction } from 'kysely';
import { insertion } from '../db/fixed-statement.ts';
import { ahead } from '../db/pipeline.ts';
import type { CountedColumn } from '../db/statistics.ts';
import type { Tables } from '../db/tables.ts';
import type { Caller } from './caller.ts';

interface FactRule {
  readonly audit: boolean;
  /** Shown to the members of the room. */
  readonly feed: boolean;
  /** Told to the person that the fact is about, in these words, unless they did it themselves. */
  readonly notify?: string;
  /** Counted in this column of the day's statistics, from the audit log. */
  readonly count?: CountedColumn;
}

export const FACT_RULES = {
  'user.guest_created': { audit: true, feed: false, count: 'new_users' },
  'user.changed': { audit: true, feed: false },
  'user.phone_changed': { audit: true, feed: false },
  'phone.code_sent': { audit: true, feed: false },
  'user.exported': { audit: true, feed: false },
  'user.erased': { audit: true, feed: false },
  'preferences.changed': { audit: true, feed: false },
  'bot.created': { audit: true, feed: false },
  'bot.deleted': { audit: true, feed: false },
  'token.created': { audit: true, feed: false },
  'token.revoked': { audit: true, feed: false },
  'user.registered': { audit: true, feed: false, count: 'new_users' },
  'user.upgraded': { audit: true, feed: false },
  'user.logged_in': { audit: true, feed: false },
  'user.logged_out': { audit: true, feed: false },
  'user.logged_out_everywhere': { audit: true, feed: false },
  'user.password_changed': { audit: true, feed: false },
  'user.password_forgotten': { audit: true, feed: false },
  'user.password_reset': { audit: true, feed: false },
  'user.email_asked': { audit: true, feed: false },
  'user.email_changed': { audit: true, feed: false },
  'session.refreshed': { audit: true, feed: false },
  'session.revoked': { audit: true, feed: false },
  'user.administered': { audit: true, feed: false },
  'room.created': { audit: true, feed: true },
  'room.joined': { audit: true, feed: true },
  'room.left': { audit: true, feed: true },
  'room.closed': { audit: true, feed: true },
  'room.reopened': { audit: true, feed: true },
  'room.changed': { audit: true, feed: true },
  'room.code_rotated': { audit: true, feed: true },
  'room.handed_over': { audit: true, feed: true, notify: 'A room is yours now' },
  'participant.invited': { audit: true, feed: true, notify: 'You are invited to a room' },
  'participant.removed': { audit: true, feed: true, notify: 'You were taken out of a room' },
  'participant.banned': { audit: true, feed: true, notify: 'You were banned from a room' },
  'participant.unbanned': { audit: true, feed: false },
  'permission.set': { audit: true, feed: false },
  'permission.removed': { audit: true, feed: false },
  'participant.admitted': { audit: true, feed: true, notify: 'You may join a room' },
  'participant.role_changed': { audit: true, feed: true, notify: 'Your role in a room has changed' },
  'file.created': { audit: true, feed: true },
  'file.renamed': { audit: true, feed: true },
  'file.deleted': { audit: true, feed: true },
  'file.written': { audit: true, feed: true },
  'version.restored': { audit: true, feed: true },
  'run.started': { audit: true, feed: true, count: 'executions' },
  'run.cancelled': { audit: true, feed: false },
  'run.input': { audit: true, feed: false },
  'environment.created': { audit: true, feed: false },
  'environment.changed': { audit: true, feed: false },
  'environment.retired': { audit: true, feed: false },
  'environment.chosen': { audit: true, feed: true },
  'test.saved': { audit: true, feed: false },
  'test.removed': { audit: true, feed: false },
} as const satisfies Record<string, FactRule>;

export interface Fact {
  readonly type: keyof typeof FACT_RULES;
  readonly roomId?: string;
  readonly resource: {
    readonly type:
      | 'user'
      | 'sign_in_session'
      | 'phone_code'
      | 'token'
      | 'room'
      | 'participant'
      | 'file'
      | 'run'
      | 'test'
      | 'environment';
    readonly id: string;
  };
  readonly before?: Readonly<Record<string, unknown>>;
  readonly after?: Readonly<Record<string, unknown>>;
}

/** In whose name a fact is written, and from where they called. */
export interface Actor extends Pick<Caller, 'address' | 'userAgent' | 'requestId'> {
  readonly user: { readonly id: string } | undefined;
}

/** A fact, and who made it one. */
export interface CallerFact {
  readonly caller: Actor;
  readonly fact: Fact;
}

const ruleOf = ({ fact }: CallerFact): FactRule => FACT_RULES[fact.type];

/** The facts that each column of the statistics counts. */
export function countedFacts(): Record<CountedColumn, string[]> {
  const counted: Record<CountedColumn, string[]> = { new_users: [], executions: [] };
  for (const [type, { count }] of Object.entries<FactRule>(FACT_RULES)) if (count) counted[count].push(type);
  return counted;
}

/** Leaves the rows of facts to go out with what comes next, all of a kind in one statement. What is named like a secret is kept as such only. */
export async function writeFacts(trx: Transaction<Tables>, facts: readonly CallerFact[]): Promise<void> {
  const audited = facts.filter((fact) => ruleOf(fact).audit);
  const shown = facts.filter((fact) => ruleOf(fact).feed);
  const told = facts.filter((fact) => ruleOf(fact).notify && fact.fact.resource.id !== fact.caller.user?.id);
  if (audited.length > 0) await ahead(trx, intoAudit(audited.map(auditRow)));
  if (shown.length > 0) await ahead(trx, intoFeed(shown.map(feedRow)));
  if (told.length > 0) await ahead(trx, intoNotifications(told.map(notificationRow)));
}

const COMMON = ['user_id', 'session_id', 'ip_address', 'resource_type', 'resource_id'] as const;
const OF_AUDIT = ['action', 'old_values', 'new_values', 'user_agent', 'request_id'] as const;
const intoAudit = insertion('audit_logs', [...COMMON, ...OF_AUDIT]);
const intoFeed = insertion('activity_feed', [...COMMON, 'type', 'data']);
const intoNotifications = insertion('notifications', ['user_id', 'type', 'title', 'data']);

/** Characters of a User-Agent header that are kept: a log is no place for what a stranger fills it with. */
const USER_AGENT_LENGTH = 300;

function auditRow({ caller, fact }: CallerFact): Insertable<Tables['audit_logs']> {
  return {
    ...common(caller, fact),
    action: fact.type,
    old_values: valuesOf(fact.before, PERSONAL),
    new_values: valuesOf(fact.after, PERSONAL),
    user_agent: caller.userAgent?.slice(0, USER_AGENT_LENGTH) ?? null,
    request_id: caller.requestId,
  };
}

function feedRow({ caller, fact }: CallerFact): Insertable<Tables['activity_feed']> {
  return { ...common(caller, fact), type: fact.type, data: valuesOf(fact.after) };
}

/** A fact about a person has that person as its resource. */
function notificationRow(given: CallerFact): Insertable<Tables['notifications']> {
  const { caller, fact } = given;
  const data = { roomId: fact.roomId, by: caller.user?.id, ...fact.after };
  return { user_id: fact.resource.id, type: fact.type, title: ruleOf(given).notify ?? '', data: valuesOf(data) };
}

/** Names of fields whose values are nobody's business afterwards, wherever they stand. */
const SECRET = /token|password|secret|api_?key|authorization|cookie|credential|room_?code|_hash$|_encrypted$/i;

/** Who somebody is: the audit log cannot be changed, so what an erasure takes away is not in it; that it changed is. */
const PERSONAL = /^(display_?name|user_?name|e_?mail|phone|avatar_?url|country)$/i;

/** @param hidden names of fields whose values are not for this record; null stays null, so that one sees whether there was one */
function valuesOf(values: Readonly<Record<string, unknown>> | undefined, hidden?: RegExp): string | null {
  if (!values) return null;
  return JSON.stringify(values, (key, value: unknown) => {
    if (value === null) return null;
    if (SECRET.test(key)) return '[redacted]';
    return hidden?.test(key) ? '[personal]' : value;
  });
}

function common(caller: Actor, { roomId, resource }: Fact) {
  return {
    user_id: caller.user?.id ?? null,
    session_id: roomId ?? null,
    ip_address: caller.address,
    resource_type: resource.type,
    resource_id: resource.id,
  };
}
