// The files of a joined room, by events, and by asking for the list where rights changed.
//
// Invariant: events that come while the list is asked for are applied on top of it, because it may be from before them.
import type { File } from './api.ts';
import type { CallOutput, ServerEvent } from './connection.ts';

export type FileEvent = Extract<ServerEvent, { name: 'file.created' | 'file.renamed' | 'file.deleted' }>;

export class RoomFiles {
  readonly byId = new Map<string, File>();
  /** While the list is asked for: what came meanwhile. */
  #meanwhile: FileEvent[] | undefined;
  /** Raised with every list, so that an answer that comes late finds that it is late. */
  #lists = 0;

  replace(files: readonly File[]): void {
    this.#lists++;
    this.#meanwhile = undefined;
    this.byId.clear();
    for (const file of files) this.byId.set(file.id, file);
  }

  /** @returns the file that it was about */
  receive(event: FileEvent): string {
    this.#meanwhile?.push(event);
    if (event.name === 'file.deleted') {
      this.byId.delete(event.payload.fileId);
      return event.payload.fileId;
    }
    this.byId.set(event.payload.file.id, event.payload.file);
    return event.payload.file.id;
  }

  /** @param ask `file.list` @returns whether the list is here; if not, a later one is on its way, or there is no connection */
  async refetch(ask: () => Promise<CallOutput<'file.list'>>): Promise<boolean> {
    const list = ++this.#lists;
    const meanwhile: FileEvent[] = [];
    this.#meanwhile = meanwhile;
    const answer = await ask().catch(() => undefined);
    if (list !== this.#lists || !answer) return false;
    this.replace(answer.files);
    for (const event of meanwhile) this.receive(event);
    return true;
  }
}
