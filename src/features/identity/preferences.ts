// What somebody prefers. Columns have what was chosen; what was not is as DEFAULT_PREFERENCES says, also when that changes.
import { type Kysely, sql } from 'kysely';
import type { Tables } from '../../db/tables.ts';
import type { Publisher, TransactionContext } from '../../kernel/context.ts';
import type { Handlers } from '../../kernel/registry.ts';
import { DEFAULT_PREFERENCES } from '../../protocol/default-preferences.ts';
import { AppError } from '../../protocol/errors.ts';
import type { PreferenceChanges, Preferences } from '../../protocol/preferences.ts';
import { lockAccount } from './bots.ts';

export interface PreferencePorts {
  readonly publisher: Publisher;
}

/** Columns with several settings each. */
const GROUPS = ['notifications', 'editor', 'ui', 'avatar'] as const;

/** The commands about preferences. */
export function preferenceHandlers({ publisher }: PreferencePorts): Handlers {
  return {
    'preferences.get': async ({ trx, user }) => ({ preferences: await read(trx, user.id) }),
    async 'preferences.set'(context, changes) {
      const preferences = await write(context, changes);
      context.afterCommit(() => publisher.publishTo('preferences.changed', context.user.id, { preferences }));
      return { preferences };
    },
    async 'persona.list'({ trx }) {
      const personas = await trx
        .selectFrom('chatbot_personas')
        .select(['id', 'name', 'description'])
        .where('is_active', '=', true)
        .orderBy('name')
        .execute();
      return { personas };
    },
  };
}

async function write(context: TransactionContext, changes: PreferenceChanges): Promise<Preferences> {
  const { trx, user } = context;
  // Two devices that change different settings of a group at once keep both.
  await lockAccount(trx, user.id);
  const before = await read(trx, user.id);
  if (changes.preferredPersona) await checkPersona(trx, changes.preferredPersona);
  const after = merged(before, changes);
  const row = {
    theme: after.theme,
    language: after.language,
    time_zone: after.timeZone,
    notifications_enabled: after.notificationsEnabled,
    notifications: JSON.stringify(after.notifications),
    editor: JSON.stringify(after.editor),
    ui: JSON.stringify(after.ui),
    avatar: JSON.stringify(after.avatar),
    voice_enabled: after.voiceEnabled,
    preferred_persona_id: after.preferredPersona,
  };
  await trx
    .insertInto('user_preferences')
    .values({ user_id: user.id, ...row })
    .onConflict((conflict) => conflict.column('user_id').doUpdateSet(row))
    .execute();
  await context.record({
    type: 'preferences.changed',
    resource: { type: 'user', id: user.id },
    before: picked(before, changes),
    after: picked(after, changes),
  });
  return after;
}

/** What is there, with the changes, group by group. */
function merged(known: Preferences, changes: { readonly [K in keyof Preferences]?: unknown }): Preferences {
  const groups = GROUPS.map((group) => [group, { ...known[group], ...(changes[group] as object | undefined) }]);
  return { ...known, ...(changes as Partial<Preferences>), ...Object.fromEntries(groups) };
}

function picked(all: Preferences, { ...changes }: PreferenceChanges): Record<string, unknown> {
  return Object.fromEntries(Object.entries(all).filter(([name]) => name in changes));
}

async function checkPersona(trx: Kysely<Tables>, id: string): Promise<void> {
  const persona = await trx
    .selectFrom('chatbot_personas')
    .select('id')
    .where('id', '=', id)
    .where('is_active', '=', true)
    .executeTakeFirst();
  if (!persona) throw new AppError('invalid_input', 'preferredPersona: there is none with this id');
}

async function read(trx: Kysely<Tables>, userId: string): Promise<Preferences> {
  const row = await trx
    .selectFrom('user_preferences')
    .select(['theme', 'language', 'time_zone as timeZone', 'notifications_enabled as notificationsEnabled'])
    .select(['voice_enabled as voiceEnabled', 'preferred_persona_id as preferredPersona'])
    .select(GROUPS.map((group) => sql<object>`${sql.ref(group)}`.as(group)))
    .where('user_id', '=', userId)
    .executeTakeFirst();
  return row ? merged(DEFAULT_PREFERENCES, row) : DEFAULT_PREFERENCES;
}
