// The doc.* calls of one socket: which documents it has open, and the bytes in both directions.
import type { Socket } from 'socket.io';
import type { OpenDocument } from '../documents/hub.ts';
import type { Frame, Link, Notice } from '../documents/link.ts';
import { EMPTY_UPDATE } from '../documents/update-merge.ts';
import type { SignedIn } from '../kernel/caller.ts';
import type { DocumentRight } from '../kernel/document-rights.ts';
import { AppError } from '../protocol/errors.ts';
import { type SocketCallName, type SocketCalls, socketCalls } from '../protocol/index.ts';
import { Allowance } from './allowance.ts';
import type { Arrivals } from './arrivals.ts';
import { type DocumentPorts, openDocument } from './document-access.ts';
import { TRANSPORT } from './limits.ts';
import { SAVED } from './saved-answers.ts';
import type { DocumentInput } from './socket-parser.ts';
import { type SocketFrame, socketWire, waitingBytes, writeFrame } from './socket-wire.ts';

type Input<N extends SocketCallName> = import('zod').output<SocketCalls[N]['input']>;

/** What a socket has open; the promise stands for "opening". */
interface Opening {
  readonly document: Promise<OpenDocument>;
  /** The same, once it is there: a keystroke need not wait for a promise. */
  open?: OpenDocument;
  /** What is still to be fetched, and its next piece. */
  pieces?: Iterator<Uint8Array>;
  next?: IteratorResult<Uint8Array>;
  /** Known once the right to it was found. */
  roomId: string | undefined;
}

/** The connection whose calls these are. */
interface Owner {
  readonly socket: Socket;
  readonly who: SignedIn;
  /** What was asked for after a join may depend on it. */
  readonly arrivals: Arrivals;
}

export class DocumentCalls {
  readonly #ports: DocumentPorts;
  readonly #socket: Socket;
  readonly #arrivals: Arrivals;
  #who: SignedIn;
  readonly #open = new Map<string, Opening>();
  readonly #allowance = new Allowance();

  constructor(ports: DocumentPorts, { socket, who, arrivals }: Owner) {
    this.#ports = ports;
    this.#socket = socket;
    this.#who = who;
    this.#arrivals = arrivals;
  }

  /** What is opened from now on is opened as this one. */
  introduce(who: SignedIn): void {
    this.#who = who;
  }

  /**
   * The short way of a keystroke.
   * @returns when it is committed; undefined when the document is not open (yet): the ordinary way has the answer
   */
  edit({ fileId, update }: DocumentInput): Promise<void> | undefined {
    const open = this.#open.get(fileId)?.open;
    if (!open) return undefined;
    try {
      this.#allowance.take(update.length);
    } catch (error) {
      return Promise.reject(error);
    }
    // Copied: the bytes are kept, and a view would keep the whole network buffer alive. Into Node's pool: an ArrayBuffer
    // for each of them is what the garbage collector would be busy with.
    return open.receive(Buffer.from(update));
  }

  /**
   * Answers one call.
   * @throws AppError as declared; `not_joined` for a document that is not open here
   */
  async call(name: SocketCallName, raw: unknown): Promise<unknown> {
    // By hand for every keystroke; what does not name an open document takes the long way to its answer.
    if (name === 'doc.update' && isUpdate(raw) && this.#open.has(raw.fileId)) return this.#update(raw);
    if (name === 'doc.awareness' && isUpdate(raw) && this.#open.has(raw.fileId)) return this.#awareness(raw);
    const parsed = socketCalls[name].input.safeParse(raw);
    if (!parsed.success)
      throw new AppError('invalid_input', parsed.error.issues[0]?.message ?? 'The input is not valid.');
    switch (name) {
      case 'doc.open':
        return this.#openDocument(parsed.data as Input<'doc.open'>);
      case 'doc.more':
        return this.#more(parsed.data.fileId);
      case 'doc.update':
        return this.#update(parsed.data as Input<'doc.update'>);
      case 'doc.awareness':
        return this.#awareness(parsed.data as Input<'doc.awareness'>);
      case 'doc.close':
        return this.#close(parsed.data.fileId);
    }
  }

  /** Lets go of the documents of a room that the socket has left. */
  closeRoom(roomId: string): void {
    for (const [fileId, opening] of this.#open) if (opening.roomId === roomId) this.#close(fileId);
  }

  /** Lets go of everything; the socket is gone. */
  closeAll(): void {
    for (const fileId of this.#open.keys()) this.#close(fileId);
  }

  async #openDocument(input: Input<'doc.open'>) {
    const { fileId, lineage } = input;
    const known = this.#open.get(fileId);
    if (!known && this.#open.size >= TRANSPORT.documentsPerConnection) {
      throw new AppError(
        'limit_exceeded',
        `A connection has at most ${TRANSPORT.documentsPerConnection} documents open.`,
      );
    }
    const opening = known ?? this.#start(fileId);
    this.#open.set(fileId, opening);
    const document = await opening.document.catch((error: unknown) => {
      if (this.#open.get(fileId) === opening) this.#open.delete(fileId);
      throw error;
    });
    opening.open = document;
    if (lineage !== undefined && lineage !== document.lineage) {
      this.#close(fileId);
      throw new AppError('lineage_changed', 'The document was seeded anew: start from an empty one.', {
        lineage: document.lineage,
      });
    }
    opening.pieces = this.#pieces(document, input);
    opening.next = opening.pieces.next();
    return {
      ...takePiece(opening),
      stateVector: document.stateVector(),
      awareness: document.presence(),
      canWrite: document.canWrite,
      lineage: document.lineage,
      saved: document.saved,
    };
  }

  #pieces(document: OpenDocument, input: Input<'doc.open'>): Iterator<Uint8Array> {
    const { fileId, stateVector, lineage, inPieces = false } = input;
    try {
      const found = inPieces ? document.pieces(stateVector, lineage) : [document.difference(stateVector, lineage)];
      return found[Symbol.iterator]();
    } catch (error) {
      this.#close(fileId);
      throw error;
    }
  }

  #start(fileId: string): Opening {
    const inRoom = (roomId: string): void => {
      opening.roomId = roomId;
    };
    const opening: Opening = { document: this.#attach(fileId, inRoom), roomId: undefined };
    return opening;
  }

  async #attach(fileId: string, inRoom: (roomId: string) => void): Promise<OpenDocument> {
    const document = await openDocument(this.#ports, {
      who: this.#who,
      fileId,
      arrivals: this.#arrivals,
      linkOf: (right) => {
        inRoom(right.roomId);
        return this.#link(fileId, right);
      },
    });
    if (this.#socket.connected) return document;
    document.close();
    throw new AppError('unavailable', 'The connection is gone.');
  }

  #link(fileId: string, right: DocumentRight): Link {
    const socket = this.#socket;
    return {
      ...right,
      wire: socketWire,
      send: (frame: Frame, disposable: boolean) => {
        const waiting = waitingBytes(socket);
        if (disposable && waiting > TRANSPORT.slowBytes) return;
        if (waiting > TRANSPORT.stuckBytes) this.#sendAway(fileId);
        else writeFrame(socket, frame as SocketFrame);
      },
      notify: (notice: Notice) => this.#notify(fileId, notice),
    };
  }

  /** A reader that does not read gets no more; it opens the document again for the difference. */
  #sendAway(fileId: string): void {
    if (!this.#open.has(fileId)) return;
    this.#close(fileId);
    this.#socket.emit('doc.closed', { fileId, reason: 'resync' });
  }

  #notify(fileId: string, notice: Notice): void {
    switch (notice.type) {
      case 'access':
        return void this.#socket.emit('doc.access', { fileId, canWrite: notice.canWrite });
      case 'saved':
        return void this.#socket.emit('doc.saved', { fileId, saved: notice.saved });
      case 'closed':
        this.#open.delete(fileId);
        return void this.#socket.emit('doc.closed', { fileId, reason: notice.reason });
    }
  }

  #more(fileId: string) {
    return takePiece(this.#opened(fileId));
  }

  async #update({ fileId, update }: Input<'doc.update'>) {
    this.#allowance.take(update.length);
    const { open, document } = this.#opened(fileId);
    await (open ?? (await document)).receive(Buffer.from(update));
    return SAVED;
  }

  async #awareness({ fileId, update }: Input<'doc.awareness'>) {
    this.#allowance.take(update.length);
    const { open, document } = this.#opened(fileId);
    (open ?? (await document)).receivePresence(update);
    return {};
  }

  #opened(fileId: string): Opening {
    const opening = this.#open.get(fileId);
    if (!opening) throw new AppError('not_joined', 'Open the document first (doc.open).');
    return opening;
  }

  #close(fileId: string): object {
    const opening = this.#open.get(fileId);
    this.#open.delete(fileId);
    opening?.document.then(
      (document) => document.close(),
      () => undefined,
    );
    return {};
  }
}

/** The next piece of what was asked for, an empty one at the end. */
function takePiece(opening: Opening): { update: Uint8Array; more: boolean } {
  const { pieces, next } = opening;
  if (!pieces || !next || next.done) return { update: EMPTY_UPDATE, more: false };
  opening.next = pieces.next();
  if (!opening.next.done) return { update: next.value, more: true };
  delete opening.pieces;
  delete opening.next;
  return { update: next.value, more: false };
}

/** Whether the input has the form that the schemas of doc.update and doc.awareness ask for, the id's own form aside. */
function isUpdate(raw: unknown): raw is Input<'doc.update'> {
  if (typeof raw !== 'object' || raw === null) return false;
  const { fileId, update } = raw as Partial<Input<'doc.update'>>;
  return typeof fileId === 'string' && update instanceof Uint8Array;
}
