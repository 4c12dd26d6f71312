// Rights that changed reach what is open: documents, and which events a connection is sent. Read under the room's lock, so
// that changes come one after the other and who joins meanwhile comes before or after; given after the commit.
import { sql, type Transaction } from 'kysely';
import { together } from '../../db/pipeline.ts';
import type { Tables } from '../../db/tables.ts';
import type { Documents } from '../../documents/hub.ts';
import type { Right } from '../../documents/open-document.ts';
import type { Publisher, TransactionContext } from '../../kernel/context.ts';
import { RoomRules, rulesQuery } from '../../kernel/room-rules.ts';
import type { Role } from '../../protocol/ids.ts';

export interface RegrantPorts {
  readonly documents: Documents;
  readonly publisher: Publisher;
}

export interface Changed {
  readonly roomId: string;
  /** Left out: everybody's. */
  readonly userId?: string;
  /** Left out: of all files. */
  readonly fileId?: string;
}

/** Call it when everything is written, in a transaction that holds the lock of the room. */
export async function regrant(ports: RegrantPorts, context: TransactionContext, changed: Changed): Promise<void> {
  const { roomId } = changed;
  const { rights, paths } = await readRights(context.trx, changed);
  context.afterCommit(() => {
    for (const [userId, files] of rights) ports.publisher.restrict(roomId, userId, files);
    const decide = (userId: string, fileId: string): Right | undefined => {
      const [files, path] = [rights.get(userId), paths.get(fileId)];
      if (!files || path === undefined || !files.may('read', path)) return undefined;
      return { role: files.role, canWrite: files.may('write', path) };
    };
    if (changed.userId === undefined) return ports.documents.regrant(changed, decide);
    // With one's own bots.
    for (const userId of rights.keys()) ports.documents.regrant({ ...changed, userId }, decide);
  });
}

/** What members may do, and where the files are; a room without rules costs one look. */
async function readRights(trx: Transaction<Tables>, { roomId, userId, fileId }: Changed) {
  const [members, rows, files] = await together(trx, [
    sql<{ user_id: string; role: Role; bot_owner_id: string | null }>`
      select member.user_id, member.role, person.bot_owner_id
      from session_participants member join users person on person.id = member.user_id
      where member.session_id = ${roomId} and (${userId ?? null}::uuid is null or member.user_id = ${userId ?? null}
        or person.bot_owner_id = ${userId ?? null})`,
    rulesQuery([roomId]),
    sql<{ id: string; path: string }>`
      select id, path from files where session_id = ${roomId} and deleted_at is null
        and (${fileId ?? null}::uuid is null or id = ${fileId ?? null})`,
  ]);
  const rules = new RoomRules(rows);
  const rights = new Map(
    members.map(({ user_id, role, bot_owner_id }) => {
      const holder = { userId: user_id, role, ownerId: bot_owner_id ?? undefined };
      return [user_id, { ...rules.rightsOf(holder), role }];
    }),
  );
  return { rights, paths: new Map(files.map(({ id, path }) => [id, path])) };
}

/** For a file that has moved: documents, and the lists of those whom rules keep from some files. */
export async function moved(
  ports: RegrantPorts,
  context: TransactionContext,
  file: Required<Pick<Changed, 'roomId' | 'fileId'>>,
) {
  const { rows } = await rulesQuery([file.roomId]).execute(context.trx);
  if (rows.length === 0) return;
  await regrant(ports, context, file);
  context.publish('permission.changed', file.roomId, { roomId: file.roomId, userId: null });
}
