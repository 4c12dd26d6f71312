// Whether somebody may open a document, and as whom: shared by the two ways to a document.
import type { Kysely } from 'kysely';
import type { Tables } from '../db/tables.ts';
import type { Documents, OpenDocument } from '../documents/hub.ts';
import type { Link, Person } from '../documents/link.ts';
import { authorize, may } from '../kernel/access.ts';
import type { User } from '../protocol/identity.ts';

export interface DocumentRight {
  readonly roomId: string;
  readonly person: Person;
  readonly canWrite: boolean;
}

/**
 * Looks the right up.
 * @throws AppError `not_found`, `room_unavailable`, `forbidden`
 */
export async function documentRight(db: Kysely<Tables>, user: User, fileId: string): Promise<DocumentRight> {
  const scope = await authorize(db, { via: 'fileId', id: fileId, userId: user.id, action: 'file.read' });
  const member = await db
    .selectFrom('session_participants')
    .select('color')
    .where('session_id', '=', scope.roomId)
    .where('user_id', '=', user.id)
    .executeTakeFirst();
  return {
    roomId: scope.roomId,
    person: { id: user.id, name: user.displayName, color: member?.color ?? 0, role: scope.role },
    canWrite: may(scope.role, 'file.write'),
  };
}

/**
 * Opens a document for a link and looks the right up once more: a role that changed between the first look and the
 * moment the link was there would otherwise be missed.
 */
export async function openWithRight(
  ports: { db: Kysely<Tables>; documents: Documents },
  request: { user: User; fileId: string; link: Link },
): Promise<OpenDocument> {
  const { user, fileId, link } = request;
  const open = await ports.documents.open(fileId, link);
  try {
    const now = await documentRight(ports.db, user, fileId);
    open.grant({ role: now.person.role, canWrite: now.canWrite });
    return open;
  } catch (error) {
    open.close();
    throw error;
  }
}
