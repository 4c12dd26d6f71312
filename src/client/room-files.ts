// The files of a joined room and what may be done with them: by events, and by asking for the list where rights changed.
//
// Invariant: events that come while the list is asked for are applied on top of it, because it may be from before them.

import type { Role } from '../protocol/ids.ts';
import type { FileRights } from '../protocol/permissions.ts';
import type { File } from './api.ts';
import type { CallOutput, ServerEvent } from './connection.ts';

export type FileEvent = Extract<ServerEvent, { name: 'file.created' | 'file.renamed' | 'file.deleted' }>;
type List = Pick<CallOutput<'file.list'>, 'files' | 'rights'>;

export interface RoomFilesPort {
  /** `file.list` */
  ask(): Promise<List>;
  /** `id` is left out when many changed. */
  changed(id?: string): void;
}

export class RoomFiles {
  readonly byId = new Map<string, File>();
  readonly #port: RoomFilesPort;
  #rights: FileRights | undefined;
  /** While the list is asked for: what came meanwhile. */
  #meanwhile: FileEvent[] | undefined;
  /** Raised with every list, so that an answer that comes late finds that it is late. */
  #lists = 0;

  constructor(port: RoomFilesPort) {
    this.#port = port;
  }

  replace({ files, rights }: List): void {
    this.#lists++;
    this.#meanwhile = undefined;
    this.#rights = rights;
    this.byId.clear();
    for (const file of files) this.byId.set(file.id, file);
  }

  /** @param fileId left out: whether files can be made */
  may(role: Role, right: 'write' | 'delete', fileId?: string): boolean {
    const byRole = role === 'owner' || role === 'collaborator';
    if (fileId === undefined) return this.#rights?.create ?? byRole;
    return this.#rights?.exceptions.find((each) => each.fileId === fileId)?.[right] ?? byRole;
  }

  /** The owner is held back by no rule; whoever was the owner, or becomes another thing, may be. */
  roleChanged(before: Role, now: Role): void {
    if (before !== now && (this.#rights || before === 'owner' || now === 'owner')) this.refetch();
  }

  receive(event: FileEvent): void {
    this.#port.changed(this.#apply(event));
    // What may be done with it is not in the event: it goes to all.
    if (event.name === 'file.created' && this.#rights) this.refetch();
  }

  /** Asks for the list: other files may be there for us than before. Without a connection the next join brings it. */
  refetch(): void {
    const list = ++this.#lists;
    const meanwhile: FileEvent[] = [];
    this.#meanwhile = meanwhile;
    const take = (answer: List): void => {
      if (list !== this.#lists) return;
      this.replace(answer);
      for (const event of meanwhile) this.#apply(event);
      this.#port.changed();
    };
    this.#port.ask().then(take, () => undefined);
  }

  #apply(event: FileEvent): string {
    this.#meanwhile?.push(event);
    if (event.name === 'file.deleted') {
      this.byId.delete(event.payload.fileId);
      return event.payload.fileId;
    }
    this.byId.set(event.payload.file.id, event.payload.file);
    return event.payload.file.id;
  }
}
