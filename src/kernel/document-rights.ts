// Whether somebody may open a document, and as whom: the answer to the transports, whose bytes do not pass the kernel.
import { gather } from '../db/gather.ts';
import type { LookUp } from '../db/straight.ts';
import type { Role } from '../protocol/ids.ts';
import { normalizeRoomCode } from '../protocol/room-code.ts';
import type { Authorize, RoomQuery } from './access.ts';
import type { SignedIn } from './caller.ts';
import { allows, checkRoom } from './grant.ts';

export interface DocumentRight {
  readonly roomId: string;
  /** Of the file. */
  readonly path: string;
  /** As others see them; `color` is an index into the palette. */
  readonly person: { readonly id: string; readonly name: string; readonly color: number; readonly role: Role };
  readonly canWrite: boolean;
  /** Never writes, whatever the role becomes: the token has no leave to. */
  readonly readOnly: boolean;
}

export interface DocumentRights {
  /**
   * @param arriving where they may be on their way into the room of the file
   * @throws AppError `not_found`, `room_unavailable`, `forbidden`
   */
  find(who: SignedIn, fileId: string, arriving?: RoomQuery['arriving']): Promise<DocumentRight>;
  /**
   * The file at an address. It says nothing of who may open it.
   * @param roomCode as somebody typed it
   * @returns its id; undefined when no open room has the code or the room has no file at the path
   */
  fileAt(roomCode: string, path: string): Promise<string | undefined>;
}

/**
 * Looks rights up in the database, each time anew.
 * @param lookUp the system's: who asks for an address is perhaps no member of the room yet
 */
export function documentRights(authorize: Authorize, lookUp: LookUp): DocumentRights {
  const fileAt = gather<Address, string | undefined>((addresses) => filesAt(lookUp, addresses));
  return {
    async fileAt(roomCode, path) {
      const code = normalizeRoomCode(roomCode);
      return code === undefined ? undefined : fileAt({ code, path });
    },
    async find({ user, grant }, fileId, arriving) {
      const scope = await authorize({ via: 'fileId', id: fileId, userId: user.id, action: 'file.read', arriving });
      checkRoom(grant, scope.roomId);
      const readOnly = !allows(grant, 'write');
      return {
        roomId: scope.roomId,
        path: scope.file?.path ?? '',
        person: { id: user.id, name: user.displayName, color: scope.color, role: scope.role },
        canWrite: !readOnly && scope.files.may('write', scope.file?.path ?? ''),
        readOnly,
      };
    },
  };
}

interface Address {
  readonly code: string;
  readonly path: string;
}

const BY_ADDRESS = {
  name: 'file_by_address',
  text: `select asked.n, file.id from unnest($1::text[], $2::text[]) with ordinality as asked (code, path, n)
    join coding_sessions room on room.room_code = asked.code and room.ended_at is null
    join files file on file.session_id = room.id and file.path = asked.path and file.deleted_at is null`,
};

async function filesAt(lookUp: LookUp, addresses: readonly Address[]): Promise<readonly (string | undefined)[]> {
  const asked = [addresses.map(({ code }) => code), addresses.map(({ path }) => path)];
  const found: (string | undefined)[] = addresses.map(() => undefined);
  for (const { n, id } of await lookUp<{ n: bigint; id: string }>(BY_ADDRESS, asked)) found[Number(n) - 1] = id;
  return found;
}
