// How somebody appears to others: name, picture, country.
import type { Kysely, Updateable } from 'kysely';
import { namedRow } from '../../db/names.ts';
import type { Secrets } from '../../db/secrets.ts';
import type { Tables } from '../../db/tables.ts';
import { participantOf } from '../../db/views.ts';
import type { Documents } from '../../documents/hub.ts';
import type { Publisher, TransactionContext } from '../../kernel/context.ts';
import type { Handlers } from '../../kernel/registry.ts';
import { AppError } from '../../protocol/errors.ts';
import type { User } from '../../protocol/identity.ts';
import type { CommandInput } from '../../protocol/index.ts';
import type { Profile } from '../../protocol/profile.ts';

export interface ProfilePorts {
  readonly documents: Documents;
  readonly publisher: Publisher;
  readonly secrets: Secrets;
}

/** The commands about one's own profile. */
export function profileHandlers(ports: ProfilePorts): Handlers {
  return {
    'me.get': ({ trx, user }) => readProfile(trx, user.id),
    'me.update': (context, input) => updateProfile(ports, context, input),
    async 'country.list'({ trx }) {
      const rows = await trx.selectFrom('countries').selectAll().orderBy('name_en').execute();
      const countries = rows.map(({ code, name_en: en, name_ko: ko, flag_emoji: flag }) => ({
        code,
        name: { en, ko },
        flag,
      }));
      return { countries };
    },
  };
}

async function updateProfile(ports: ProfilePorts, context: TransactionContext, input: CommandInput<'me.update'>) {
  const { trx, user } = context;
  const before = await readProfile(trx, user.id);
  const wish: Updateable<Tables['users']> = {
    ...(input.displayName !== undefined && namedRow(ports.secrets, input.displayName)),
    ...(input.avatarUrl !== undefined && { avatar_url: input.avatarUrl }),
    ...(input.country !== undefined && { country_code: await knownCountry(trx, input.country) }),
  };
  if (Object.keys(wish).length > 0) await trx.updateTable('users').set(wish).where('id', '=', user.id).execute();
  const after = await readProfile(trx, user.id);
  await context.record({
    type: 'user.changed',
    resource: { type: 'user', id: user.id },
    before: valuesOf(before),
    after: valuesOf(after),
  });
  context.afterCommit(() => ports.publisher.publishTo('me.changed', user.id, after));
  if (after.user.displayName !== before.user.displayName) await rename(ports, context, after.user);
  return after;
}

/** Cursors, lists of people and what comes next from open connections have the new name. */
async function rename(ports: ProfilePorts, context: TransactionContext, user: User): Promise<void> {
  const seats = await context.trx
    .selectFrom('session_participants')
    .select('session_id')
    .where('user_id', '=', user.id)
    .where('left_at', 'is', null)
    .execute();
  for (const { session_id: roomId } of seats) {
    const participant = await participantOf(context.trx, roomId, user.id);
    if (participant) context.publish('participant.changed', roomId, { roomId, participant });
  }
  context.afterCommit(() => {
    ports.publisher.introduce(user);
    ports.documents.rename({ userId: user.id, name: user.displayName });
  });
}

async function knownCountry(trx: Kysely<Tables>, code: string | null): Promise<string | null> {
  if (code === null) return null;
  const country = await trx.selectFrom('countries').select('code').where('code', '=', code).executeTakeFirst();
  if (!country) throw new AppError('invalid_input', 'country: there is none with this code');
  return country.code;
}

async function readProfile(trx: Kysely<Tables>, userId: string): Promise<{ user: User; profile: Profile }> {
  const row = await trx
    .selectFrom('users')
    .select(['id', 'display_name', 'kind', 'avatar_url', 'country_code', 'created_at', 'role'])
    .where('id', '=', userId)
    .executeTakeFirstOrThrow();
  return {
    user: { id: row.id, displayName: row.display_name, kind: row.kind },
    profile: {
      avatarUrl: row.avatar_url,
      country: row.country_code,
      memberSince: row.created_at.toISOString(),
      role: row.role,
    },
  };
}

function valuesOf({ user, profile }: { user: User; profile: Profile }) {
  return { displayName: user.displayName, avatarUrl: profile.avatarUrl, country: profile.country };
}
