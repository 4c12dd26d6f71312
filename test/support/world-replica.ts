// A client of the world: a Y.Doc and a stock Awareness. One that makes calls remembers the lineage and hears of every
// commit, as the SDK does; a stock one speaks y-websocket as the provider does, echoes of presence included.
import { Awareness, applyAwarenessUpdate, encodeAwarenessUpdate, removeAwarenessStates } from 'y-protocols/awareness';
import * as Y from 'yjs';
import { TEXT_NAME } from '../../src/protocol/constants.ts';
import {
  awarenessMessage,
  readMessage,
  stateVectorMessage,
  stepTwoMessage,
  updateMessage,
} from '../../src/transport/sync-wire.ts';
import type { Opened, Refusal, ToClient, ToServer } from './world-session.ts';

/** Milliseconds: stock clients renew their state after the first and drop others' after the second. */
const RENEW_MS = 15_000;
const OUTDATED_MS = 30_000;

interface Outlet {
  readonly toServer: ToServer[];
}

export interface ReplicaPorts {
  readonly now: () => number;
  readonly clientId: () => number;
  /** Characters that never came before. */
  readonly fresh: (count: number) => string;
  /** What was typed under a client id, in the order of its clock. */
  readonly typed: (client: number, text: string) => void;
  readonly acknowledged: (replica: Replica, update: Uint8Array) => void;
}

export class Replica {
  readonly userId: string;
  readonly stock: boolean;
  readonly #ports: ReplicaPorts;
  fileId: string;
  doc!: Y.Doc;
  awareness!: Awareness;
  /** Where its messages go; nothing when it is not connected. */
  connection: Outlet | undefined;
  /** `held` is open but does not send: something was refused, and it has to open again. */
  phase: 'closed' | 'opening' | 'open' | 'held' = 'closed';
  lineage: string | undefined;
  canWrite = false;
  serverSaved = true;
  #early: ToClient[] = [];
  #sent = new Map<number, Uint8Array>();
  #ids = 0;
  #moves = 0;
  #lastUpdated = new Map<number, number>();

  constructor(options: { userId: string; stock: boolean; fileId: string }, ports: ReplicaPorts) {
    this.userId = options.userId;
    this.stock = options.stock;
    this.fileId = options.fileId;
    this.#ports = ports;
    this.reset();
  }

  get text(): Y.Text {
    return this.doc.getText(TEXT_NAME);
  }

  /** Starts from an empty document, as a page that is loaded anew. */
  reset(): void {
    this.doc?.destroy();
    this.lineage = undefined;
    this.#lastUpdated.clear();
    this.doc = new Y.Doc();
    this.doc.clientID = this.#ports.clientId();
    this.awareness = new Awareness(this.doc);
    // Its own timer goes by the wall clock; `age` does the same by the world's.
    clearInterval((this.awareness as unknown as { _checkInterval: NodeJS.Timeout })._checkInterval);
    this.doc.on('update', (update: Uint8Array, origin: unknown) => origin !== this && this.#edited(update));
    this.awareness.on('update', (changes: Record<'added' | 'updated' | 'removed', number[]>, origin: unknown) => {
      const clients = [...changes.added, ...changes.updated, ...changes.removed];
      for (const client of clients) this.#lastUpdated.set(client, this.#ports.now());
      if (this.stock || origin === 'local') this.#sendPresence(clients);
    });
  }

  destroy(): void {
    this.doc.destroy();
  }

  type(at: number, count: number): void {
    const text = this.#ports.fresh(count);
    const start = this.#boundary(at);
    this.#ports.typed(this.doc.clientID, text);
    this.text.insert(start, text);
  }

  erase(at: number, count: number): void {
    const start = this.#boundary(at);
    const end = this.#boundary(Math.min(start + count, this.text.length));
    if (end > start) this.text.delete(start, end - start);
  }

  moveCursor(): void {
    this.awareness.setLocalState({ owner: this.doc.clientID, cursor: this.#moves++ });
  }

  hide(): void {
    this.awareness.setLocalState(null);
  }

  /** What stock clients do by their timer. */
  age(): void {
    const now = this.#ports.now();
    const { clientID } = this.awareness;
    const since = (client: number): number => now - (this.#lastUpdated.get(client) ?? 0);
    if (this.awareness.getLocalState() && since(clientID) >= RENEW_MS) {
      this.awareness.setLocalState(this.awareness.getLocalState());
    }
    const outdated = [...this.awareness.getStates().keys()].filter((id) => id !== clientID && since(id) >= OUTDATED_MS);
    removeAwarenessStates(this.awareness, outdated, 'timeout');
  }

  connect(connection: Outlet): void {
    this.connection = connection;
    this.open();
  }

  /** Opens, or opens again. */
  open(): void {
    this.phase = 'opening';
    this.#early = [];
    this.#sent.clear();
    const known = this.lineage !== undefined;
    const stateVector = known ? Y.encodeStateVector(this.doc) : undefined;
    this.connection?.toServer.push({ kind: 'open', stateVector, lineage: this.lineage });
    if (!this.stock) return;
    this.phase = 'open';
    this.#sendBytes(stateVectorMessage(Y.encodeStateVector(this.doc)));
    this.#sendOwnPresence();
  }

  disconnected(): void {
    this.connection = undefined;
    this.#closed();
  }

  receive(message: ToClient): void {
    const early = message.kind === 'update' || message.kind === 'awareness';
    if (this.phase === 'opening' && early) return void this.#early.push(message);
    switch (message.kind) {
      case 'opened':
        return this.phase === 'opening' ? this.#opened(message.opened) : undefined;
      case 'answer':
        return this.#answered(message.id, message.error);
      case 'update':
        if (this.phase !== 'closed') Y.applyUpdate(this.doc, message.update, this);
        return;
      case 'awareness':
        if (this.phase !== 'closed') applyAwarenessUpdate(this.awareness, message.update, this);
        return;
      case 'notice':
        if (message.notice.type === 'closed') this.#closed();
        else if (message.notice.type === 'saved') this.serverSaved = message.notice.saved;
        else this.#accessChanged(message.notice.canWrite);
        return;
      case 'bytes':
        return this.#receiveBytes(message.data);
      case 'ended':
        return this.#ended(message.error);
    }
  }

  #opened(opened: Opened): void {
    Y.applyUpdate(this.doc, opened.update, this);
    this.lineage = opened.lineage;
    this.phase = 'open';
    this.canWrite = opened.canWrite;
    if (opened.saved) this.serverSaved = true;
    if (opened.canWrite) this.#send(Y.encodeStateAsUpdate(this.doc, opened.stateVector));
    applyAwarenessUpdate(this.awareness, opened.awareness, this);
    this.#sendOwnPresence();
    for (const message of this.#early.splice(0)) this.receive(message);
  }

  #answered(id: number, error: Refusal | undefined): void {
    const update = this.#sent.get(id);
    this.#sent.delete(id);
    if (!update) return;
    const missing = error?.details?.stateVector;
    if (!error) this.#ports.acknowledged(this, update);
    else if (error.code === 'read_only') this.canWrite = false;
    else if (missing) this.#send(Y.encodeStateAsUpdate(this.doc, Buffer.from(missing, 'base64')));
    else this.phase = this.phase === 'closed' ? 'closed' : 'held';
  }

  #accessChanged(canWrite: boolean): void {
    const regained = canWrite && !this.canWrite;
    this.canWrite = canWrite;
    if (regained && this.phase === 'open') this.open();
  }

  #ended(error: Refusal): void {
    if (error.code === 'lineage_changed') this.reset();
    if (this.stock) this.disconnected();
    else this.#closed();
  }

  #closed(): void {
    this.phase = 'closed';
    this.#sent.clear();
    this.serverSaved = true;
    const others = [...this.awareness.getStates().keys()].filter((client) => client !== this.awareness.clientID);
    removeAwarenessStates(this.awareness, others, 'gone');
  }

  #receiveBytes(data: Uint8Array): void {
    const message = readMessage(data);
    if (message.type === 'step1') this.#sendBytes(stepTwoMessage(Y.encodeStateAsUpdate(this.doc, message.stateVector)));
    else if (message.type === 'update') Y.applyUpdate(this.doc, message.update, this);
    else if (message.type === 'awareness') applyAwarenessUpdate(this.awareness, message.update, this);
  }

  #edited(update: Uint8Array): void {
    if (this.stock) this.#sendBytes(updateMessage(update));
    else if (this.phase === 'open' && this.canWrite) this.#send(update);
  }

  #send(update: Uint8Array): void {
    if (update.length <= 2) return;
    const id = this.#ids++;
    this.#sent.set(id, update);
    this.connection?.toServer.push({ kind: 'update', id, update });
  }

  #sendOwnPresence(): void {
    if (this.awareness.getLocalState()) this.#sendPresence([this.awareness.clientID]);
  }

  #sendPresence(clients: number[]): void {
    if (this.phase !== 'open') return;
    const update = encodeAwarenessUpdate(this.awareness, clients);
    if (this.stock) this.#sendBytes(awarenessMessage(update));
    else this.connection?.toServer.push({ kind: 'awareness', update });
  }

  #sendBytes(data: Uint8Array): void {
    this.connection?.toServer.push({ kind: 'bytes', data });
  }

  /** The nearest place at or before this share of the text that does not split a surrogate pair. */
  #boundary(at: number): number {
    const text = this.text.toString();
    const index = Math.min(at < 1 ? Math.floor(at * (text.length + 1)) : at, text.length);
    return index > 0 && (text.charCodeAt(index) & 0xfc00) === 0xdc00 ? index - 1 : index;
  }
}
