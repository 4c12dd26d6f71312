// A room with a file for everybody and one that rules are about.
import type { House, OwnedRoom } from '../people.ts';

export type Right = 'read' | 'write' | 'delete';
export interface Rule {
  readonly path: string;
  readonly allow?: readonly Right[];
  readonly deny?: readonly Right[];
}

export interface Place {
  readonly room: OwnedRoom;
  readonly open: string;
  readonly secret: string;
  /** Without `userId` for everybody. */
  readonly give: (rules: readonly Rule[], userId?: string) => Promise<void>;
}

/** A room with /open.js and /private/secret.js. */
export async function place(house: House, options: { visibility?: string } = {}): Promise<Place> {
  const room = await house.room(options);
  const { owner, id: roomId } = room;
  const make = async (path: string): Promise<string> =>
    (await owner.client.ask('file.create', { roomId, path, content: `export const text = "${path}";` })).file.id;
  return {
    room,
    open: await make('open.js'),
    secret: await make('private/secret.js'),
    give: async (rules, userId) => {
      await owner.client.ask('permission.set', { roomId, rules, ...(userId && { userId }) });
    },
  };
}

export const HIDDEN: Rule[] = [{ path: '/private/**', deny: ['read'] }];
export const FIXED: Rule[] = [{ path: '/private/**', deny: ['write', 'delete'] }];
export const UNDELETED: Rule[] = [{ path: '/private/**', deny: ['delete'] }];

export const pathsIn = ({ files }: { files: { path: string }[] }): string[] => files.map(({ path }) => path);
export const codeOf = (answer: { ok: boolean; error?: { code: string } }): string =>
  answer.ok ? 'ok' : answer.error!.code;
