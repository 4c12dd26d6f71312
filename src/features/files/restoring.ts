// Going back to an earlier version: as an edit of the live document like anybody's, so that nobody is thrown out and what
// others are typing stays. What was there before is kept as a version first: going back can be gone back on.
import type { Documents } from '../../documents/hub.ts';
import type { VersionStore } from '../../documents/versions.ts';
import type { SlowContext } from '../../kernel/context.ts';
import type { Handlers } from '../../kernel/registry.ts';
import { AppError } from '../../protocol/errors.ts';
import type { CommandInput, CommandOutput } from '../../protocol/index.ts';

export interface RestoringPorts {
  readonly documents: Documents;
  readonly versions: VersionStore;
}

export function restoringHandlers(ports: RestoringPorts): Handlers {
  return { 'version.restore': (context, input) => restore(ports, context, input) };
}

async function restore(
  { documents, versions }: RestoringPorts,
  context: SlowContext,
  { fileId, versionNumber }: CommandInput<'version.restore'>,
): Promise<CommandOutput<'version.restore'>> {
  const { user, room } = context;
  const found = await context.transaction(({ trx }) =>
    trx
      .selectFrom('file_versions')
      .select('content')
      .where('file_id', '=', fileId)
      .where('version_number', '=', Number(versionNumber))
      .executeTakeFirst(),
  );
  if (!found) throw new AppError('not_found', 'There is no such version.');
  const { content } = found;
  const [before, changed] = await documents.exchangeText(fileId, content, { actorId: user.id, source: 'restore' });
  if (changed) {
    await versions.write({ fileId, content: before, kind: 'auto', authorId: null });
    await versions.write({ fileId, content, kind: 'restore', authorId: user.id });
  }
  await context.transaction(({ record }) =>
    record({
      type: 'version.restored',
      roomId: room.roomId,
      resource: { type: 'file', id: fileId },
      after: { versionNumber, changed },
    }),
  );
  return { changed };
}
