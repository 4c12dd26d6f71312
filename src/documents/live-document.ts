// One document that is in memory: its state, the links that have it open, and what of it is not yet committed.
//
// Invariant: an update is in the state before it is sent to anybody, and a document with unsaved updates stays.
import { AppError } from '../protocol/errors.ts';
import { ClientOwners } from './client-owners.ts';
import type { Clock } from './clock.ts';
import { DocumentState } from './document-state.ts';
import { FanOut } from './fan-out.ts';
import { LIMITS } from './limits.ts';
import type { LineageMark } from './lineage-mark.ts';
import { type CloseReason, eachWire, type Link } from './link.ts';
import type { Merger } from './merger.ts';
import { Presence } from './presence.ts';
import type { Append, StoredDocument, UpdateLog } from './update-log.ts';
import type { UpdateShape } from './update-walk.ts';

export interface LiveDocumentPorts {
  readonly log: UpdateLog;
  readonly clock: Clock;
  readonly merger: Merger;
  /** Yjs client ids for the server's own edits; random ones by default. */
  readonly clientId?: (() => number) | undefined;
  /** Called when something happened that `attend` has to look after. */
  readonly onActivity: (document: LiveDocument) => void;
  /** Called when the log refused an edit for good: memory and log differ, so the document must be loaded anew. */
  readonly onBroken: (document: LiveDocument, error: unknown) => void;
}

export class LiveDocument {
  readonly fileId: string;
  readonly lineage: string;
  /** The client id of its mark, see lineage-mark.ts. */
  mark: number | undefined;
  readonly #state: DocumentState;
  readonly #owners: ClientOwners;
  readonly #ports: LiveDocumentPorts;
  readonly #links = new Set<Link>();
  readonly #fanOut: FanOut;
  readonly #presence: Presence;
  /** Updates given to the log and not yet committed. */
  #unsaved = 0;
  #unsavedSince = 0;
  #toldUnsaved = false;
  /** Edits since the last version; 0 means the last version is what the document is. */
  #edits = 0;
  #firstEditAt = 0;
  #lastEditAt = 0;
  #lastActor: string | null = null;
  #lastAppend: Promise<void> = Promise.resolve();
  /** What that promise is for. */
  #saving = { updates: 0 };
  #emptySince: number;
  #uncompacted: number;

  constructor(fileId: string, stored: StoredDocument, ports: LiveDocumentPorts) {
    this.fileId = fileId;
    this.lineage = stored.lineage;
    this.mark = stored.mark;
    this.#ports = ports;
    const [base, ...tail] = stored.parts;
    this.#state = new DocumentState(base as Uint8Array, ports.clientId);
    for (const update of tail) this.#state.restore(update, stored.shapes?.get(update));
    this.#owners = new ClientOwners(stored.claims);
    this.#uncompacted = tail.length;
    this.#fanOut = new FanOut(fileId, this.#links, ports.clock);
    this.#presence = new Presence((update, instead) => this.#sendPresence(update, instead), ports.clock, this.#owners);
    this.#emptySince = ports.clock.now();
    // After a crash nobody knows whether a version holds these; a version that has the same text is not written twice.
    if (tail.length > 0) this.#noteEdit(null);
  }

  get linkCount(): number {
    return this.#links.size;
  }

  get cursorCount(): number {
    return this.#presence.size;
  }

  get bytes(): number {
    return this.#state.bytes;
  }

  get saved(): boolean {
    return this.#unsaved === 0;
  }

  /** Resolves when every edit until now is committed. @throws what the log says when it refused one */
  committed(): Promise<void> {
    return this.#lastAppend;
  }

  /** Edits that no version holds yet, and when they were made. */
  get unversioned(): { edits: number; firstAt: number; lastAt: number; actorId: string | null } {
    return { edits: this.#edits, firstAt: this.#firstEditAt, lastAt: this.#lastEditAt, actorId: this.#lastActor };
  }

  get worthCompacting(): boolean {
    if (this.#links.size > 0) return this.#uncompacted >= LIMITS.compactAfter;
    // What is in the tail after a crash tells that a version may be due.
    return this.#uncompacted > 0 && this.#edits === 0;
  }

  /** Whether it may leave memory: nobody has it open for a while and nothing waits. */
  isIdle(now: number): boolean {
    return this.#links.size === 0 && this.saved && this.#edits === 0 && now - this.#emptySince >= LIMITS.lingerMs;
  }

  attach(link: Link): void {
    this.#links.add(link);
    // The others heard of it before; nobody would tell this one.
    if (this.#toldUnsaved) link.notify({ type: 'saved', saved: false });
  }

  detach(link: Link): void {
    if (!this.#links.delete(link)) return;
    this.#presence.remove(link);
    this.#owners.release(link);
    if (this.#links.size === 0) this.#emptySince = this.#ports.clock.now();
    this.#ports.onActivity(this);
  }

  /** Closes the document on a link, and says so. */
  dismiss(link: Link, reason: CloseReason): void {
    link.notify({ type: 'closed', reason });
    this.detach(link);
  }

  links(): readonly Link[] {
    return [...this.#links];
  }

  /**
   * Takes an edit in, sends it to the others and resolves when it is committed. No promise of its own where the log
   * has one for several: thousands wait at once when many type.
   * @param link where it came from, undefined for the server's own edits
   * @throws AppError see DocumentState.take and UpdateLog.append
   */
  receive(update: Uint8Array, link: Link | undefined, origin: Omit<Append, 'fileId' | 'update'>): Promise<void> {
    if (link && !this.#links.has(link)) throw new AppError('not_joined', 'The document is closed on this connection.');
    if (this.#ports.log.backlogBytes + update.length > LIMITS.backlogBytes) throw backlogFull();
    // What is here already may still be under way to the database: a resent edit is acknowledged no earlier.
    const shape = this.#state.examine(update);
    if (!shape) return this.#lastAppend;
    const claims = link && this.#owners.admit(link, this.#state.fresh(shape));
    this.#state.add(update, shape);
    return this.#store(shape, link, claims?.length ? { ...origin, claims } : origin);
  }

  /** Makes the text this one by a minimal edit. @returns whether anything changed, once committed */
  async replaceText(content: string, origin: Omit<Append, 'fileId' | 'update'>): Promise<boolean> {
    if (this.#ports.log.backlogBytes + content.length > LIMITS.backlogBytes) throw backlogFull();
    const edit = this.#state.replaceText(content);
    if (!edit) return false;
    const claims = edit.fresh.flatMap(({ client }) => this.#owners.admitServer(client));
    await this.#store(edit.shape, undefined, { ...origin, claims });
    return true;
  }

  /** Gives it another mark, which the log has already. Who has it open knows the mark from now on. */
  renewMark({ clientId, update }: LineageMark): void {
    if (this.mark === clientId) return;
    this.mark = clientId;
    this.#fanOut.add(this.#state.restore(update), undefined);
    this.#uncompacted++;
  }

  receivePresence(link: Link, update: Uint8Array): void {
    this.#presence.receive(link, update);
  }

  restamp(link: Link): void {
    this.#presence.restamp(link);
  }

  presence(): Uint8Array {
    return this.#presence.all();
  }

  /** Everything, or what a link with this state vector lacks. */
  difference(link: Link, stateVector?: Uint8Array): Uint8Array {
    this.#announce(link, stateVector);
    return this.#state.difference(stateVector);
  }

  /** The same, in pieces if it is large. */
  pieces(link: Link, stateVector?: Uint8Array): Iterable<Uint8Array> {
    this.#announce(link, stateVector);
    return this.#state.pieces(stateVector);
  }

  #announce(link: Link, stateVector?: Uint8Array): void {
    if (stateVector) this.#owners.announce(link, this.#state.ahead(stateVector));
  }

  stateVector(): Uint8Array {
    return this.#state.stateVector();
  }

  /** The text as it is at the moment of the call. */
  text(): Promise<string> {
    return this.#ports.merger.text(this.#state.parts());
  }

  /** Says so when edits wait for longer than usual, and again when they are saved. */
  tellSaved(now: number): void {
    const late = this.#unsaved > 0 && now - this.#unsavedSince >= LIMITS.stallMs;
    if (late === this.#toldUnsaved || (this.#toldUnsaved && this.#unsaved > 0)) return;
    this.#toldUnsaved = late;
    for (const link of this.#links) link.notify({ type: 'saved', saved: !late });
  }

  /** Called before a version is made of the text; what is typed meanwhile counts for the next one. */
  beginVersion(): { readonly restore: () => void } {
    const { edits, firstAt, lastAt } = this.unversioned;
    this.#edits = 0;
    return {
      restore: () => {
        this.#edits += edits;
        this.#firstEditAt = firstAt;
        this.#lastEditAt = Math.max(this.#lastEditAt, lastAt);
      },
    };
  }

  async compact(): Promise<void> {
    const before = this.#uncompacted;
    this.#uncompacted = 0;
    try {
      await this.#ports.log.compact(this.fileId, this.#links.size > 0);
    } catch (error) {
      this.#uncompacted += before;
      throw error;
    }
  }

  /** Whether so many updates have come one by one that they should become one. */
  get worthFolding(): boolean {
    return this.#state.tailLength >= LIMITS.foldAfter;
  }

  /** Merges what is in memory, so that holding the document costs its bytes; people may type meanwhile. */
  async rest(): Promise<void> {
    const count = this.#state.tailLength;
    if (count === 0) this.#state.release();
    else this.#state.adopt(await this.#ports.merger.merge(this.#state.parts()), count);
    await this.#state.pack();
  }

  close(): void {
    this.#fanOut.flush();
    this.#presence.close();
  }

  #store(shape: UpdateShape, link: Link | undefined, origin: Omit<Append, 'fileId' | 'update'>): Promise<void> {
    this.#noteEdit(origin.actorId);
    this.#fanOut.add(shape, link);
    if (this.#unsaved++ === 0) this.#unsavedSince = this.#ports.clock.now();
    this.#ports.onActivity(this);
    const saved = this.#ports.log.append({ fileId: this.fileId, update: shape.update, ...origin });
    if (saved === this.#lastAppend) this.#saving.updates++;
    else {
      this.#lastAppend = saved;
      this.#saving = { updates: 1 };
      void this.#settle(saved, this.#saving);
    }
    return saved;
  }

  /** Before anybody else hears of it. */
  async #settle(saved: Promise<void>, saving: { readonly updates: number }): Promise<void> {
    try {
      await saved;
      this.#uncompacted += saving.updates;
    } catch (error) {
      this.#ports.onBroken(this, error);
    } finally {
      this.#unsaved -= saving.updates;
      this.#unsavedSince = this.#ports.clock.now();
    }
  }

  #noteEdit(actorId: string | null): void {
    this.#lastEditAt = this.#ports.clock.now();
    if (this.#edits++ === 0) this.#firstEditAt = this.#lastEditAt;
    this.#lastActor = actorId;
  }

  #sendPresence(update: Uint8Array, instead: ReadonlyMap<Link, Uint8Array>): void {
    const frameFor = eachWire((wire) => wire.awareness(this.fileId, update));
    for (const link of this.#links) {
      const own = instead.get(link);
      link.send(own ? link.wire.awareness(this.fileId, own) : frameFor(link.wire), true);
    }
  }
}

function backlogFull(): AppError {
  return new AppError('not_saved', 'The database is behind; try again when the document is saved.');
}
