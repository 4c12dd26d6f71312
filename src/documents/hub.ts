// All documents of this node: loads each once, hands out its links, looks after saving, versions, compaction and leaving
// memory. One promise per document stands for "loading", so two first joiners share one document.
import type { Log } from '../observe/log.ts';
import { AppError } from '../protocol/errors.ts';
import type { Clock } from './clock.ts';
import { LIMITS } from './limits.ts';
import type { LineageMark } from './lineage-mark.ts';
import type { CloseReason, Link } from './link.ts';
import { LiveDocument } from './live-document.ts';
import { inlineMerger, type Merger } from './merger.ts';
import { type Grounds, type OpenDocument, openDocument, type Right } from './open-document.ts';
import type { Append, UpdateLog } from './update-log.ts';
import { type VersionStore, versionIsDue, writeVersion, writeVersions } from './versions.ts';

export type { OpenDocument } from './open-document.ts';

export interface DocumentsOptions {
  readonly log: UpdateLog;
  readonly versions: VersionStore;
  readonly clock: Clock;
  /** In place when left out. */
  readonly merger?: Merger;
  readonly logger: Log;
  /** Yjs client ids for the server's own edits; random ones by default. */
  readonly clientId?: () => number;
}

export interface DocumentsStats {
  readonly documents: number;
  readonly links: number;
  readonly cursors: number;
  readonly bytes: number;
  readonly unsaved: number;
  readonly backlogBytes: number;
}

type Origin = Omit<Append, 'fileId' | 'update'>;

export class Documents {
  readonly #options: DocumentsOptions;
  readonly #loading = new Map<string, Promise<LiveDocument | undefined>>();
  /** Documents that were closed with edits under way to the log: they are loaded when those are there. */
  readonly #settling = new Map<string, Promise<void>>();
  readonly #live = new Map<string, LiveDocument>();
  /** Documents with something to look after; the others cost nothing per tick. */
  readonly #active = new Set<LiveDocument>();
  readonly #attending = new Map<LiveDocument, Promise<void>>();
  /** After a failure: when to look after a document again. */
  readonly #notBefore = new WeakMap<LiveDocument, number>();
  readonly #stopTicking: () => void;
  #draining = false;
  #grants = 0;

  constructor(options: DocumentsOptions) {
    this.#options = options;
    this.#stopTicking = options.clock.every(LIMITS.tickMs, () => this.#tick());
  }

  /**
   * Opens a document for a link.
   * @throws AppError `not_found`, `draining`, `unavailable` (it could not be loaded; try again)
   */
  async open(fileId: string, link: Link): Promise<OpenDocument> {
    return this.#with(fileId, (document) => {
      if (this.#draining) throw draining();
      document.attach(link);
      return openDocument(document, link, (right) => this.#grant(document, link, right));
    });
  }

  /** The text as it is now. @throws AppError `not_found`, `unavailable` */
  async text(fileId: string): Promise<string> {
    return this.#with(fileId, (document) => document.text());
  }

  /** The text and the state vector that belongs to it. */
  async snapshot(fileId: string): Promise<{ text: string; stateVector: Uint8Array }> {
    return this.#with(fileId, async (document) => {
      const stateVector = document.stateVector();
      return { text: await document.text(), stateVector };
    });
  }

  /** Makes the text this one by a minimal edit. @returns whether it changed, once committed; `exchangeText` what was there, too */
  async replaceText(fileId: string, content: string, origin: Origin): Promise<boolean> {
    return this.#with(fileId, (document) => document.replaceText(content, origin));
  }

  exchangeText(fileId: string, content: string, origin: Origin): Promise<[before: string, changed: boolean]> {
    return this.#with(fileId, (document) => Promise.all([document.text(), document.replaceText(content, origin)]));
  }

  /**
   * Decides anew about open documents of a room: for one person or everybody, for one file or all. It holds for the next
   * frame.
   * @param decide what a person may do with a file from now on; undefined: nothing, it closes for them
   */
  regrant(where: Grounds, decide: (personId: string, fileId: string) => Right | undefined): void {
    this.#grants++;
    for (const document of this.#live.values()) {
      if (where.fileId !== undefined && where.fileId !== document.fileId) continue;
      for (const link of document.links()) {
        if (link.roomId !== where.roomId || (where.userId !== undefined && where.userId !== link.person.id)) continue;
        const right = decide(link.person.id, document.fileId);
        if (right) this.#grant(document, link, right);
        else document.dismiss(link, 'forbidden');
      }
    }
  }

  /** Gives a person another name, at the cursors of all documents they have open. */
  rename({ userId, name }: { userId: string; name: string }): void {
    for (const document of this.#live.values()) {
      for (const link of document.links()) {
        if (link.person.id !== userId) continue;
        link.person = { ...link.person, name };
        document.restamp(link);
      }
    }
  }

  /** Raised with every `regrant`: what was looked up before one may be out of date after it. */
  get grants(): number {
    return this.#grants;
  }

  /** Sends everybody in a room away from its documents; those leave memory as usual, saved and versioned. */
  closeRoom(roomId: string): void {
    this.regrant({ roomId }, () => undefined);
  }

  /** Closes a document for everybody; its file was deleted or its room closed. */
  close(fileId: string, reason: CloseReason): void {
    const document = this.#live.get(fileId);
    if (document) this.#discard(document, reason);
    // What is being read is from before.
    else this.#loading.delete(fileId);
  }

  /** Gives a document another mark, after the commit that stored it; see lineage-mark.ts. */
  mark(fileId: string, mark: LineageMark): void {
    const document = this.#live.get(fileId);
    if (document) document.renewMark(mark);
    else this.#loading.delete(fileId);
  }

  stats(): DocumentsStats {
    const total = { documents: this.#live.size, links: 0, cursors: 0, bytes: 0, unsaved: 0 };
    for (const document of this.#live.values()) {
      total.links += document.linkCount;
      total.cursors += document.cursorCount;
      total.bytes += document.bytes;
      if (!document.saved) total.unsaved++;
    }
    return { ...total, backlogBytes: this.#options.log.backlogBytes };
  }

  /**
   * Takes no more, commits what waits, writes versions and lets go of every document.
   * @returns whether everything was saved
   */
  async drain(): Promise<boolean> {
    this.#draining = true;
    this.#stopTicking();
    const all = [...this.#live.values()];
    for (const document of all) for (const link of document.links()) document.dismiss(link, 'draining');
    const saved = await this.#options.log.drain(LIMITS.drainMs);
    if (saved) await Promise.allSettled(this.#attending.values());
    // A database that takes no edits takes no versions either, and would be waited for without end.
    const { versions, logger } = this.#options;
    const versioned = saved && (await writeVersions([...this.#live.values()], versions, logger));
    for (const document of this.#live.values()) document.close();
    this.#live.clear();
    this.#loading.clear();
    return versioned;
  }

  /** Acts on the document without an await between "it is in memory" and the act. */
  async #with<T>(fileId: string, act: (document: LiveDocument) => T): Promise<Awaited<T>> {
    for (;;) {
      const document = await this.#load(fileId);
      if (!document || this.#live.get(fileId) !== document) continue;
      this.#active.add(document);
      return await act(document);
    }
  }

  /** @returns undefined when the document was closed while it was read */
  #load(fileId: string): Promise<LiveDocument | undefined> {
    const loading = this.#loading.get(fileId);
    if (loading) return loading;
    if (this.#draining) throw draining();
    const fresh: Promise<LiveDocument | undefined> = Promise.resolve().then(() => this.#loadFresh(fileId, isCurrent));
    const isCurrent = (): boolean => this.#loading.get(fileId) === fresh;
    this.#loading.set(fileId, fresh);
    // A load that failed leaves nothing behind: the next one tries again.
    fresh.catch(() => isCurrent() && this.#loading.delete(fileId));
    return fresh;
  }

  async #loadFresh(fileId: string, isCurrent: () => boolean): Promise<LiveDocument | undefined> {
    await this.#settling.get(fileId);
    if (!isCurrent()) return undefined;
    const stored = await this.#options.log.load(fileId).catch((error: unknown) => {
      this.#options.logger.error({ err: error, fileId }, 'a document could not be loaded');
      throw new AppError('unavailable', 'The document cannot be loaded right now.');
    });
    if (!isCurrent()) return undefined;
    if (!stored) throw new AppError('not_found', 'There is no such document.');
    const document = new LiveDocument(fileId, stored, {
      log: this.#options.log,
      clock: this.#options.clock,
      clientId: this.#options.clientId,
      merger: this.#options.merger ?? inlineMerger,
      onActivity: (active) => this.#active.add(active),
      onBroken: (broken, error) => {
        this.#options.logger.error({ err: error, fileId }, 'the log refused an edit for good');
        this.#discard(broken, 'failed');
      },
    });
    this.#live.set(fileId, document);
    this.#active.add(document);
    return document;
  }

  #grant(document: LiveDocument, link: Link, right: Right): void {
    const { role } = right;
    const canWrite = right.canWrite && !link.readOnly;
    if (link.person.role === role && link.canWrite === canWrite) return;
    link.person = { ...link.person, role };
    const changed = link.canWrite !== canWrite;
    link.canWrite = canWrite;
    if (changed) link.notify({ type: 'access', canWrite });
    document.restamp(link);
  }

  #discard(document: LiveDocument, reason: CloseReason): void {
    if (this.#live.get(document.fileId) !== document) return;
    this.#live.delete(document.fileId);
    this.#loading.delete(document.fileId);
    if (!document.saved) this.#settle(document);
    for (const link of document.links()) document.dismiss(link, reason);
    this.#active.delete(document);
    document.close();
  }

  #settle(document: LiveDocument): void {
    const end = (): void => {
      if (this.#settling.get(document.fileId) === settled) this.#settling.delete(document.fileId);
    };
    const settled = document.committed().then(end, end);
    this.#settling.set(document.fileId, settled);
  }

  #tick(): void {
    const now = this.#options.clock.now();
    for (const document of this.#active) {
      document.tellSaved(now);
      if (this.#attending.has(document) || now < (this.#notBefore.get(document) ?? 0)) continue;
      if (this.#needsAttention(document, now)) this.#attend(document);
      else if (this.#isQuiet(document)) this.#active.delete(document);
    }
  }

  #needsAttention(document: LiveDocument, now: number): boolean {
    if (versionIsDue(document, now) || document.isIdle(now) || document.worthFolding) return true;
    return document.saved && document.worthCompacting;
  }

  /** Open, saved, versioned and compacted: nothing will happen until somebody acts. */
  #isQuiet(document: LiveDocument): boolean {
    return document.linkCount > 0 && document.saved && document.unversioned.edits === 0;
  }

  #attend(document: LiveDocument): void {
    const work = this.#lookAfter(document)
      .catch((error: unknown) => {
        this.#notBefore.set(document, this.#options.clock.now() + LIMITS.retryMs);
        this.#options.logger.warn({ err: error, fileId: document.fileId }, 'a document could not be looked after');
      })
      .finally(() => this.#attending.delete(document));
    this.#attending.set(document, work);
  }

  async #lookAfter(document: LiveDocument): Promise<void> {
    const { clock, versions } = this.#options;
    if (versionIsDue(document, clock.now())) await writeVersion(document, versions);
    // Checked after every await: somebody may have come back, typed, or closed the document meanwhile.
    const isLive = (): boolean => this.#live.get(document.fileId) === document;
    if (isLive() && document.saved && document.worthCompacting) await document.compact();
    if (document.isIdle(clock.now())) this.#discard(document, 'resync');
    else if (document.worthFolding || (document.saved && document.unversioned.edits === 0)) await document.rest();
  }
}

function draining(): AppError {
  return new AppError('draining', 'The server is stopping; connect again in a moment.');
}
