// Which environment a room has chosen for a language.
import type { Kysely } from 'kysely';
import type { Tables } from '../../db/tables.ts';
import type { TransactionContext } from '../../kernel/context.ts';
import { lockOwnRoom } from '../../kernel/own-room.ts';
import { AppError } from '../../protocol/errors.ts';

/** Those of a room, by language. */
export async function choicesOf(db: Kysely<Tables>, roomId: string) {
  const found = await db
    .selectFrom('room_environments')
    .select(['language', 'environment_id'])
    .where('session_id', '=', roomId)
    .orderBy('language')
    .execute();
  return found.map(({ language, environment_id }) => ({ language, environmentId: environment_id }));
}

/** For the runs of a room from now on; null: the usual one. @throws AppError `not_found`, `forbidden` as `lockOwnRoom` */
export async function choose(
  context: TransactionContext,
  { roomId, language, environmentId }: { roomId: string; language: string; environmentId: string | null },
) {
  const { trx, room } = context;
  await lockOwnRoom(context);
  const earlier = (await choicesOf(trx, roomId)).find((choice) => choice.language === language);
  if (environmentId === null) {
    const chosen = trx.deleteFrom('room_environments').where('session_id', '=', roomId);
    await chosen.where('language', '=', language).execute();
  } else {
    const known = trx
      .selectFrom('execution_environments')
      .select('id')
      .where('id', '=', environmentId)
      .where('language', '=', language);
    const row = await known.where('is_active', '=', true).executeTakeFirst();
    if (!row) throw new AppError('not_found', 'There is no such environment for this language, or it is out of use.');
    await trx
      .insertInto('room_environments')
      .values({ session_id: roomId, language, environment_id: environmentId })
      .onConflict((conflict) =>
        conflict.columns(['session_id', 'language']).doUpdateSet({ environment_id: environmentId }),
      )
      .execute();
  }
  const resource = { type: 'room', id: roomId } as const;
  await context.record({
    type: 'environment.chosen',
    roomId: room.roomId,
    resource,
    before: { language, environmentId: earlier?.environmentId ?? null },
    after: { language, environmentId },
  });
  return { choices: await choicesOf(trx, roomId) };
}
