// One open document as its holders see it: the Y.Doc, what state it is in, and the promises that hang on it.
import * as Y from 'yjs';
import { TEXT_NAME } from '../protocol/constants.ts';
import type { DocumentPhase, DocumentStatus, RoomDocument, Unsubscribe } from './api.ts';
import type { DocumentEvent, DocumentPort } from './document-port.ts';
import { DocumentSync } from './document-sync.ts';
import { Emitter } from './emitter.ts';
import { CoderoomError } from './errors.ts';

interface Waiter {
  readonly resolve: () => void;
  readonly reject: (error: CoderoomError) => void;
}

export class SharedDocument implements RoomDocument {
  readonly fileId: string;
  readonly doc = new Y.Doc();
  readonly text = this.doc.getText(TEXT_NAME);
  readonly #sync: DocumentSync;
  readonly #listeners = new Emitter<[DocumentStatus]>();
  readonly #closed: () => void;
  #holders = 0;
  #waiters: Waiter[] = [];
  #status: DocumentStatus;

  /** @param closed called when the last holder has given the document back */
  constructor(fileId: string, port: DocumentPort, closed: () => void) {
    this.fileId = fileId;
    this.#closed = closed;
    this.#sync = new DocumentSync({ fileId, doc: this.doc, port, origin: this, changed: () => this.#changed() });
    this.#status = this.#describe();
  }

  get awareness(): RoomDocument['awareness'] {
    return this.presence.awareness;
  }

  get presence(): DocumentSync['presence'] {
    return this.#sync.presence;
  }

  get status(): DocumentStatus {
    return this.#status;
  }

  /** Whether it will never be open again. */
  get isOver(): boolean {
    return this.#sync.session.kind === 'over';
  }

  onStatus(listener: (status: DocumentStatus) => void): Unsubscribe {
    return this.#listeners.on(listener);
  }

  ready(): Promise<void> {
    const { session, synced } = this.#sync;
    if (session.kind === 'over') return Promise.reject(session.error);
    if (synced) return Promise.resolve();
    return new Promise((resolve, reject) => this.#waiters.push({ resolve, reject }));
  }

  saved(): Promise<void> {
    const { hopeless, outgoing } = this.#sync;
    return hopeless && outgoing.unsent > 0 ? Promise.reject(hopeless) : outgoing.saved();
  }

  close(): void {
    if (this.#status.phase === 'closed' || --this.#holders > 0) return;
    this.end('closed', new CoderoomError('offline', 'The document was closed.'));
    this.#closed();
  }

  /** One more holder. */
  hold(): this {
    this.#holders++;
    return this;
  }

  /** Sends what is queued, before the connection is closed. */
  flush(): void {
    this.#sync.outgoing.flush();
  }

  connected(): void {
    this.#sync.connected();
  }

  disconnected(): void {
    this.#sync.disconnected();
  }

  receive(event: DocumentEvent): void {
    this.#sync.receive(event);
  }

  /** Ends it for good: closed by us, or because the server refused the client. */
  end(phase: 'refused' | 'closed', error: CoderoomError): void {
    this.#sync.finish(phase, error);
    if (phase === 'refused') return;
    this.presence.destroy();
    this.doc.destroy();
    this.#listeners.clear();
  }

  #changed(): void {
    const next = this.#describe();
    if (isSame(next, this.#status)) return;
    this.#status = next;
    this.#settleWaiters();
    this.#listeners.emit(next);
  }

  #settleWaiters(): void {
    const { session, synced } = this.#sync;
    if (session.kind !== 'over' && !synced) return;
    for (const { resolve, reject } of this.#waiters.splice(0)) {
      if (session.kind === 'over') reject(session.error);
      else resolve();
    }
  }

  #describe(): DocumentStatus {
    const { session, obstacle, canWrite, outgoing, synced } = this.#sync;
    const error = session.kind === 'over' ? session.error : obstacle;
    return {
      phase: this.#phase(),
      canWrite: canWrite && session.kind !== 'over',
      saved: this.#light(),
      pending: outgoing.pending,
      synced,
      ...(error && { error }),
    };
  }

  #phase(): DocumentPhase {
    const { session } = this.#sync;
    if (session.kind === 'over') return session.phase;
    if (session.kind === 'idle') return session.offline ? 'offline' : 'opening';
    return session.kind;
  }

  #light(): DocumentStatus['saved'] {
    const { outgoing, serverSaved, obstacle } = this.#sync;
    if (!serverSaved) return 'not_saved';
    if (outgoing.pending === 0) return 'saved';
    const hindered = obstacle || outgoing.overdue || this.isOver || this.#phase() === 'offline';
    return hindered ? 'not_saved' : 'saving';
  }
}

function isSame(a: DocumentStatus, b: DocumentStatus): boolean {
  return (
    a.phase === b.phase &&
    a.canWrite === b.canWrite &&
    a.saved === b.saved &&
    a.pending === b.pending &&
    a.synced === b.synced &&
    a.error === b.error
  );
}
