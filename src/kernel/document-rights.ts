// Whether somebody may open a document, and as whom: the answer to the transports, whose bytes do not pass the kernel.
import type { Role } from '../protocol/ids.ts';
import type { Authorize } from './access.ts';
import type { SignedIn } from './caller.ts';
import { allows, checkRoom } from './grant.ts';

export interface DocumentRight {
  readonly roomId: string;
  /** Of the file. */
  readonly path: string;
  /** As others see them; `color` is an index into the palette. */
  readonly person: { readonly id: string; readonly name: string; readonly color: number; readonly role: Role };
  /** They have a seat in the room, and with it their color for the time being. */
  readonly seated: boolean;
  readonly canWrite: boolean;
  /** Never writes, whatever the role becomes: the token has no leave to. */
  readonly readOnly: boolean;
}

export interface DocumentRights {
  /** @throws AppError `not_found`, `room_unavailable`, `forbidden` */
  find(who: SignedIn, fileId: string): Promise<DocumentRight>;
}

/** Looks rights up in the database, each time anew. */
export function documentRights(authorize: Authorize): DocumentRights {
  return {
    async find({ user, grant }, fileId) {
      const scope = await authorize({ via: 'fileId', id: fileId, userId: user.id, action: 'file.read' });
      checkRoom(grant, scope.roomId);
      const readOnly = !allows(grant, 'write');
      return {
        roomId: scope.roomId,
        path: scope.file?.path ?? '',
        person: { id: user.id, name: user.displayName, color: scope.color, role: scope.role },
        seated: scope.seated,
        canWrite: !readOnly && scope.files.may('write', scope.file?.path ?? ''),
        readOnly,
      };
    },
  };
}
