// The server's end of one connection, without a socket: what src/transport does for Socket.io and for y-websocket.

import type { Documents, OpenDocument } from '../../src/documents/hub.ts';
import { mergeBatch } from '../../src/documents/linear-merge.ts';
import type { Frame, Link, Notice, Person, Wire } from '../../src/documents/link.ts';
import { AppError } from '../../src/protocol/errors.ts';
import { TRANSPORT } from '../../src/transport/limits.ts';
import {
  awarenessMessage,
  readMessage,
  type SyncFrame,
  stateVectorMessage,
  stepTwoMessage,
  syncWire,
} from '../../src/transport/sync-wire.ts';

export const ROOM = 'room';

export interface Refusal {
  readonly code: string;
  readonly details?: { reason?: string; stateVector?: string } | undefined;
}

export interface Opened {
  readonly update: Uint8Array;
  readonly stateVector: Uint8Array;
  readonly awareness: Uint8Array;
  readonly canWrite: boolean;
  readonly lineage: string;
  readonly saved: boolean;
}

export type ToServer =
  | { readonly kind: 'open'; readonly stateVector?: Uint8Array | undefined; readonly lineage?: string | undefined }
  | { readonly kind: 'update'; readonly id: number; readonly update: Uint8Array }
  | { readonly kind: 'awareness'; readonly update: Uint8Array }
  | { readonly kind: 'close' }
  /** A message of the y-websocket protocol. */
  | { readonly kind: 'bytes'; readonly data: Uint8Array };

export type ToClient =
  | { readonly kind: 'opened'; readonly opened: Opened }
  | { readonly kind: 'answer'; readonly id: number; readonly error?: Refusal | undefined }
  | { readonly kind: 'update' | 'awareness'; readonly update: Uint8Array }
  | { readonly kind: 'notice'; readonly notice: Notice }
  | { readonly kind: 'bytes'; readonly data: Uint8Array }
  /** The open was refused, or the socket closed. */
  | { readonly kind: 'ended'; readonly error: Refusal };

const callWire: Wire = {
  name: 'calls',
  updates: (_fileId, updates): ToClient => ({ kind: 'update', update: mergeBatch(updates) }),
  awareness: (_fileId, update): ToClient => ({ kind: 'awareness', update }),
};

const bytesWire: Wire = {
  name: 'bytes',
  updates: (fileId, updates): ToClient => ({
    kind: 'bytes',
    data: (syncWire.updates(fileId, updates) as SyncFrame).message,
  }),
  awareness: (fileId, update): ToClient => ({
    kind: 'bytes',
    data: (syncWire.awareness(fileId, update) as SyncFrame).message,
  }),
};

export interface SessionOptions {
  readonly fileId: string;
  readonly userId: string;
  readonly stock: boolean;
  /** The right as the database has it now. */
  readonly canWrite: () => boolean;
  readonly documents: Documents;
  readonly send: (message: ToClient) => void;
}

const isEdit = (message: ToClient): boolean => message.kind === 'bytes' && readMessage(message.data).type === 'update';

const roleOf = (canWrite: boolean): string => (canWrite ? 'collaborator' : 'viewer');

export class Session implements Link {
  readonly roomId = ROOM;
  readonly wire: Wire;
  readonly stock: boolean;
  readonly fileId: string;
  person: Person;
  canWrite: boolean;
  /** The document while this link is attached to it. */
  attached: OpenDocument | undefined;
  /** What the engine said last: whether everything is saved. */
  toldSaved = true;
  /** Whether the client was given what it lacks: it has proved that its text is of this lineage. */
  admitted = false;
  readonly #options: SessionOptions;
  #opening: Promise<OpenDocument> | undefined;
  #over = false;
  /**
   * Whether a stock client has what later edits build on. What comes before its difference is in the difference; a
   * client that is cut off in between would keep edits with a gap, and send them with everything it ever sends.
   */
  #synced: boolean;
  #strikes = 0;
  /** How often the engine has closed the document on this link. */
  #closings = 0;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.fileId = options.fileId;
    this.stock = options.stock;
    this.wire = options.stock ? bytesWire : callWire;
    this.#synced = !options.stock;
    this.canWrite = options.canWrite();
    this.person = { id: options.userId, name: options.userId, color: 1, role: roleOf(this.canWrite) };
  }

  receive(message: ToServer): void {
    const { send, stock } = this.#options;
    this.#handle(message).catch((error: unknown) => {
      if (!(error instanceof AppError)) {
        throw error;
      }
      const { code, details } = error;
      const refusal = { code, details } as Refusal;
      if (stock) this.#complain(refusal);
      else if (message.kind === 'update') send({ kind: 'answer', id: message.id, error: refusal });
      else if (message.kind === 'open') send({ kind: 'ended', error: refusal });
    });
  }

  send(frame: Frame): void {
    const message = frame as ToClient;
    if (this.#over || (!this.#synced && isEdit(message))) return;
    this.#options.send(message);
  }

  notify(notice: Notice): void {
    if (notice.type === 'closed') {
      this.attached = undefined;
      this.#opening = undefined;
      this.#closings++;
      if (this.#options.stock) return this.#end({ code: notice.reason });
    }
    if (notice.type === 'saved') this.toldSaved = notice.saved;
    if (!this.#options.stock) this.#options.send({ kind: 'notice', notice });
  }

  /** The connection is gone. */
  close(): void {
    this.#over = true;
    const opening = this.#opening;
    this.#opening = undefined;
    this.attached = undefined;
    opening?.then(
      (document) => document.close(),
      () => undefined,
    );
  }

  async #handle(message: ToServer): Promise<void> {
    if (this.#over) return;
    switch (message.kind) {
      case 'open':
        return this.#options.stock ? this.#openStock() : this.#open(message);
      case 'update':
        await (await this.#opened()).receive(message.update);
        return this.#options.send({ kind: 'answer', id: message.id });
      case 'awareness':
        return (await this.#opened()).receivePresence(message.update);
      case 'close':
        return this.close();
      case 'bytes':
        return this.#receiveBytes(message.data);
    }
  }

  #opened(): Promise<OpenDocument> {
    if (!this.#opening) throw new AppError('not_joined', 'Open the document first.');
    return this.#opening;
  }

  async #open({ stateVector, lineage }: Extract<ToServer, { kind: 'open' }>): Promise<void> {
    this.#opening ??= this.#attach();
    const opening = this.#opening;
    const document = await opening.catch((error: unknown) => {
      if (this.#opening === opening) this.#opening = undefined;
      throw error;
    });
    if (lineage !== undefined && lineage !== document.lineage) {
      this.#opening = undefined;
      this.attached = undefined;
      document.close();
      throw new AppError('lineage_changed', 'The document was seeded anew.', { lineage: document.lineage });
    }
    const opened = {
      update: document.difference(stateVector, lineage),
      stateVector: document.stateVector(),
      awareness: document.presence(),
      canWrite: document.canWrite,
      lineage: document.lineage,
      saved: document.saved,
    };
    this.admitted = true;
    this.#options.send({ kind: 'opened', opened });
  }

  async #openStock(): Promise<void> {
    this.#opening ??= this.#attach();
    const document = await this.#opening;
    this.#options.send({ kind: 'bytes', data: stateVectorMessage(document.stateVector()) });
    this.#options.send({ kind: 'bytes', data: awarenessMessage(document.presence()) });
  }

  async #attach(): Promise<OpenDocument> {
    const { documents, fileId, canWrite } = this.#options;
    const closings = this.#closings;
    this.toldSaved = true;
    this.admitted = false;
    const document = await documents.open(fileId, this);
    document.grant({ role: roleOf(canWrite()), canWrite: canWrite() });
    if (this.#over) {
      document.close();
      throw new AppError('unavailable', 'The connection is gone.');
    }
    if (this.#closings !== closings) throw new AppError('unavailable', 'The document was closed meanwhile.');
    this.attached = document;
    return document;
  }

  async #receiveBytes(data: Uint8Array): Promise<void> {
    const document = await this.#opening?.catch(() => undefined);
    if (!document || this.#over) return;
    const message = readMessage(data);
    switch (message.type) {
      case 'step1':
        this.#synced = true;
        this.#options.send({ kind: 'bytes', data: stepTwoMessage(document.difference(message.stateVector)) });
        this.admitted = true;
        return;
      case 'update':
        return document.receive(message.update);
      case 'awareness':
        return document.receivePresence(message.update);
      case 'query':
        return this.#options.send({ kind: 'bytes', data: awarenessMessage(document.presence()) });
      case 'other':
    }
  }

  #complain(error: Refusal): void {
    if (error.code === 'read_only') return;
    const document = this.attached;
    if (document && error.details?.reason === 'missing_dependencies' && ++this.#strikes < TRANSPORT.strikes) {
      return this.#options.send({ kind: 'bytes', data: stateVectorMessage(document.stateVector()) });
    }
    this.#end(error);
  }

  #end(error: Refusal): void {
    if (this.#over) return;
    this.#options.send({ kind: 'ended', error });
    this.close();
  }
}
