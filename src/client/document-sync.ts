// Keeps one Y.Doc equal to the server’s through opens, edits, lost connections and refusals.
//
// Invariant: states of different lineages are never merged, so nothing from the server reaches the Y.Doc before the
// answer to `doc.open` has named the lineage it belongs to. Whatever goes wrong in between, the cure is the same: open
// again with the state vector and send the difference.
import * as Y from 'yjs';
import { backOff } from './back-off.ts';
import type { CallOutput } from './connection.ts';
import { fetchDocument } from './document-pieces.ts';
import type { DocumentEvent, DocumentPort } from './document-port.ts';
import { asCoderoomError, CoderoomError } from './errors.ts';
import { Outgoing } from './outgoing.ts';
import { Presence } from './presence.ts';
import { type CloseReason, closedFor, missingSince, reactionTo, readOnly } from './refusal.ts';

/** Milliseconds a document has to stay open for the next trouble to count as a new one. */
const STABLE_MS = 5_000;

export type Session =
  /** Not open: there is no connection, or the time to open (again) has not come. */
  | { readonly kind: 'idle'; readonly offline: boolean }
  /** `early` came before the answer. */
  | { readonly kind: 'opening'; readonly early: DocumentEvent[] }
  | { readonly kind: 'open' }
  | { readonly kind: 'over'; readonly phase: 'refused' | 'closed'; readonly error: CoderoomError };

export interface DocumentSyncOptions {
  readonly fileId: string;
  readonly doc: Y.Doc;
  readonly port: DocumentPort;
  /** The origin under which the server’s updates are applied. */
  readonly origin: object;
  /** Called when something that can be read here may have changed. */
  readonly changed: () => void;
}

export class DocumentSync {
  readonly outgoing: Outgoing;
  readonly presence: Presence;
  readonly #options: DocumentSyncOptions;
  #session: Session = { kind: 'idle', offline: false };
  #lineage: string | undefined;
  #synced = false;
  #canWrite = false;
  #serverSaved = true;
  #obstacle: CoderoomError | undefined;
  #blocked = false;
  /** A missing dependency is repaired once; if the repair fails as well, something else is wrong. */
  #repaired = false;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #failures = 0;
  #openedAt = Number.NEGATIVE_INFINITY;

  constructor(options: DocumentSyncOptions) {
    this.#options = options;
    const { fileId, doc, port, changed } = options;
    this.outgoing = new Outgoing(doc, {
      send: (update) => port.request('doc.update', { fileId, update }, Number.POSITIVE_INFINITY),
      failed: (error) => this.#updateFailed(error),
      changed: () => {
        if (this.outgoing.pending === 0) this.#allSaved();
        changed();
      },
    });
    this.presence = new Presence(doc, (update) => {
      this.outgoing.flush();
      port.send('doc.awareness', { fileId, update });
    });
    doc.on('update', this.#edited);
  }

  get session(): Session {
    return this.#session;
  }

  /** Whether the whole text has ever been received. */
  get synced(): boolean {
    return this.#synced;
  }

  get canWrite(): boolean {
    return this.#canWrite;
  }

  /** False while the server says that it has trouble saving. */
  get serverSaved(): boolean {
    return this.#serverSaved;
  }

  /** Why edits are not taken, while the document itself may be open. */
  get obstacle(): CoderoomError | undefined {
    return this.#obstacle;
  }

  /** Why what is pending will not be saved as things are. */
  get hopeless(): CoderoomError | undefined {
    if (this.#session.kind === 'over') return this.#session.error;
    const stuck = this.#blocked || (this.#session.kind === 'open' && !this.#canWrite);
    return stuck ? this.#obstacle : undefined;
  }

  /** There is a connection, and its rooms are joined. */
  connected(): void {
    if (this.#session.kind === 'idle') void this.#open();
  }

  disconnected(): void {
    if (this.#session.kind === 'over') return;
    this.#serverSaved = true;
    this.#failures = 0;
    this.#detach(true);
    this.#options.changed();
  }

  receive(event: DocumentEvent): void {
    if (event.name === 'doc.closed') this.#closedByServer(event.payload.reason);
    else if (this.#session.kind === 'opening') this.#session.early.push(event);
    else if (this.#session.kind === 'open') this.#take(event);
  }

  /** Ends it for good; calling it again changes the phase. */
  finish(phase: 'refused' | 'closed', error: CoderoomError): void {
    const { kind } = this.#session;
    const { fileId, doc, port, changed } = this.#options;
    this.outgoing.flush();
    this.#detach();
    this.#session = { kind: 'over', phase, error };
    this.outgoing.destroy(error);
    doc.off('update', this.#edited);
    if (kind === 'open' || kind === 'opening') port.send('doc.close', { fileId });
    changed();
  }

  async #open(): Promise<void> {
    this.#clearRetry();
    const session: Session = { kind: 'opening', early: [] };
    this.#session = session;
    this.outgoing.hold();
    this.#options.changed();
    const { doc, fileId, port } = this.#options;
    const known = this.#lineage !== undefined && { stateVector: Y.encodeStateVector(doc), lineage: this.#lineage };
    const answer = await fetchDocument(port, { fileId, ...known }, (piece) => {
      return this.#session === session && this.#takePiece(piece);
    });
    if (this.#session !== session || !answer) return;
    if (answer instanceof CoderoomError) return this.#openFailed(answer);
    try {
      this.#opened(answer);
      for (const event of session.early) this.receive(event);
    } catch (error) {
      this.#openFailed(asCoderoomError(error));
    }
  }

  /** What has come is kept if the connection is lost: the next open asks for the rest. @returns whether to go on */
  #takePiece(piece: CallOutput<'doc.open' | 'doc.more'>): boolean {
    if ('lineage' in piece) {
      if (this.#lineage !== undefined && this.#lineage !== piece.lineage) {
        this.finish('refused', new CoderoomError('lineage_changed', 'The document was created anew.'));
        return false;
      }
      this.#lineage = piece.lineage;
    }
    Y.applyUpdate(this.#options.doc, piece.update, this.#options.origin);
    return true;
  }

  #opened(answer: CallOutput<'doc.open'>): void {
    this.#synced = true;
    this.#session = { kind: 'open' };
    this.#openedAt = performance.now();
    this.#canWrite = answer.canWrite;
    // False only says that some edit is being committed right now; a lasting trouble is told by `doc.saved`.
    if (answer.saved) this.#serverSaved = true;
    this.#obstacle = undefined;
    this.#blocked = false;
    if (answer.canWrite) this.outgoing.resume(answer.stateVector);
    else if (this.outgoing.pending > 0) this.#stuck(readOnly());
    this.presence.start(answer.awareness);
    this.#options.changed();
  }

  #openFailed(error: CoderoomError): void {
    const reaction = reactionTo(error);
    const neverJoined = error.code === 'not_joined' && this.#lineage === undefined;
    this.#detach(reaction === 'lost');
    if (reaction === 'lost') this.#options.changed();
    else if (reaction === 'final' || neverJoined) this.finish('refused', error);
    else this.#tryLater(error);
  }

  readonly #edited = (update: Uint8Array, origin: unknown): void => {
    if (origin === this.#options.origin) return;
    if (this.#session.kind === 'open' && !this.#canWrite) this.#obstacle ??= readOnly();
    this.outgoing.add(update);
    if (this.#blocked && this.#retry === undefined) this.#tryLater(this.#obstacle);
  };

  #take(event: Exclude<DocumentEvent, { name: 'doc.closed' }>): void {
    switch (event.name) {
      case 'doc.update':
        return Y.applyUpdate(this.#options.doc, event.payload.update, this.#options.origin);
      case 'doc.awareness':
        return this.presence.receive(event.payload.update);
      case 'doc.access':
        return this.#accessChanged(event.payload.canWrite);
      case 'doc.saved':
        this.#serverSaved = event.payload.saved;
        return this.#options.changed();
    }
  }

  #accessChanged(canWrite: boolean): void {
    const regained = canWrite && !this.#canWrite;
    this.#canWrite = canWrite;
    if (regained) return void this.#open();
    if (!canWrite) {
      this.outgoing.pause(readOnly());
      if (this.outgoing.unsent > 0) this.#obstacle = readOnly();
    }
    this.#options.changed();
  }

  #closedByServer(reason: CloseReason): void {
    if (this.#session.kind === 'over') return;
    this.#detach();
    const error = closedFor(reason);
    if (error) return this.finish('refused', error);
    const calm = performance.now() - this.#openedAt >= STABLE_MS;
    if (reason === 'resync' && calm) void this.#open();
    else this.#tryLater(undefined);
  }

  #updateFailed(error: CoderoomError): void {
    const reaction = reactionTo(error);
    switch (reaction) {
      case 'lost':
        return;
      case 'final':
        return this.finish('refused', error);
      case 'later':
        return this.#tryLater(error);
      case 'read_only':
        this.#canWrite = false;
        break;
      case 'blocked': {
        const stateVector = missingSince(error);
        if (stateVector) return this.#repair(stateVector, error);
        this.#blocked = true;
      }
    }
    this.#stuck(error);
    this.#options.changed();
  }

  /** The server named what it has: sending the difference needs no new open, the first time. */
  #repair(stateVector: Uint8Array, error: CoderoomError): void {
    if (this.#repaired) return this.#tryLater(error);
    this.#repaired = true;
    this.outgoing.resume(stateVector);
  }

  /** Opens again after a while; until then edits are held, and others’ are received if the document is open. */
  #tryLater(error: CoderoomError | undefined): void {
    this.#clearRetry();
    this.#obstacle = error;
    if (performance.now() - this.#openedAt >= STABLE_MS) this.#failures = 0;
    const again = (): void => {
      this.#retry = undefined;
      if (this.#options.port.isOnline) void this.#open();
    };
    this.#retry = setTimeout(again, backOff(this.#failures++));
    this.#options.changed();
  }

  #allSaved(): void {
    this.#repaired = false;
    if (this.#obstacle?.code === 'read_only') this.#obstacle = undefined;
  }

  /** Edits will not be taken as things are; the text stays as it is. */
  #stuck(error: CoderoomError): void {
    this.#obstacle = error;
    this.outgoing.giveUp(error);
  }

  #detach(offline = false): void {
    this.#clearRetry();
    this.#session = { kind: 'idle', offline };
    this.outgoing.hold();
    this.presence.stop();
  }

  #clearRetry(): void {
    clearTimeout(this.#retry);
    this.#retry = undefined;
  }
}
