// Documents for stock Yjs clients: the y-websocket protocol at /yjs/<ROOMCODE>/<path/of/file>?token=….
//
// Messages (y-websocket 3, y-protocols sync.js): 0 sync (0 step 1, 1 step 2, 2 update), 1 awareness, 3 query awareness.
// Close codes from 4400 to 4499 are final for the provider; any other makes it come back.

import { randomUUID } from 'node:crypto';
import type { IncomingMessage, Server } from 'node:http';
import { type RawData, type WebSocket, WebSocketServer } from 'ws';
import type { Connections } from '../cluster/connections.ts';
import type { SignInEnd, SignIns } from '../cluster/sign-ins.ts';
import type { OpenDocument } from '../documents/hub.ts';
import type { Frame, Link, Notice } from '../documents/link.ts';
import type { Authenticator } from '../features/identity.ts';
import type { Caller, Connection, RoomPart, SignedIn } from '../kernel/caller.ts';
import type { DocumentRight } from '../kernel/document-rights.ts';
import { type Kernel, toWireError } from '../kernel/run.ts';
import type { Log } from '../observe/log.ts';
import { AppError, type ErrorCode, type WireError } from '../protocol/errors.ts';
import { Allowance } from './allowance.ts';
import { Arrivals } from './arrivals.ts';
import { type DocumentPorts, liveBy, openDocumentAt } from './document-access.ts';
import { FirstSync } from './first-sync.ts';
import { TRANSPORT } from './limits.ts';
import { isOriginAllowed } from './origin.ts';
import { isSyncAddress, readAddress } from './sync-address.ts';
import { awarenessMessage, readMessage, type SyncFrame, stateVectorMessage, syncWire } from './sync-wire.ts';
import { writeFrames } from './web-socket-frames.ts';

export interface SyncPorts extends DocumentPorts {
  readonly kernel: Kernel;
  readonly authenticator: Authenticator;
  readonly connections: Connections;
  readonly signIns: SignIns;
  readonly log: Log;
  readonly origins: readonly string[];
  readonly onVacant: (roomId: string, userId: string) => void;
  readonly addressOf: (request: IncomingMessage) => string;
}

/** An awareness message without anybody in it. */
const NOBODY_MOVED = awarenessMessage(Uint8Array.of(0));

/** Final for the stock provider: coming back would not help. */
const FINAL_CODES: Partial<Record<ErrorCode, number>> = {
  unauthenticated: 4401,
  session_ended: 4401,
  forbidden: 4403,
  not_found: 4404,
  room_unavailable: 4404,
  malformed_update: 4400,
  invalid_input: 4400,
  lineage_changed: 4409,
  too_large: 4413,
};
const TRY_AGAIN = 1013;
const GOING_AWAY = 1001;

/** Serves the endpoint on the HTTP server. @returns ends it: every client is told to come back */
export function serveSync(http: Server, ports: SyncPorts): () => void {
  const server = new WebSocketServer({ noServer: true, maxPayload: TRANSPORT.messageBytes, perMessageDeflate: false });
  const alive = new WeakSet<WebSocket>();
  http.on('upgrade', (request, socket, head) => {
    if (!isSyncAddress(request.url)) return;
    if (!isOriginAllowed(request.headers, ports.origins)) {
      socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
      return;
    }
    server.handleUpgrade(request, socket, head, (client) => {
      alive.add(client);
      client.on('pong', () => alive.add(client));
      new SyncConnection(ports, client, request).listen();
    });
  });
  // A network that was lost says nothing: who does not answer a ping until the next one is gone.
  const pings = setInterval(() => {
    for (const client of server.clients) {
      if (!alive.delete(client)) client.terminate();
      else client.ping();
      // Providers do not see pings: without anybody's cursor, they would take a quiet connection for dead.
      if (client.readyState === client.OPEN) client.send(NOBODY_MOVED);
    }
  }, TRANSPORT.pingIntervalMs);
  pings.unref();
  return () => {
    clearInterval(pings);
    for (const client of server.clients) client.close(GOING_AWAY, 'draining');
    server.close();
  };
}

class SyncConnection implements Connection {
  readonly id = randomUUID();
  readonly #ports: SyncPorts;
  readonly #socket: WebSocket;
  readonly #request: IncomingMessage;
  /** Messages that arrive before the document is open wait here, in order. */
  #opening: Promise<OpenDocument> | undefined;
  #roomId: string | undefined;
  #who: SignedIn | undefined;
  readonly #arrivals = new Arrivals();
  readonly #allowance = new Allowance();
  /** Edits sent before the difference would leave a gap if the connection broke in between. */
  readonly #firstSync: FirstSync<SyncFrame>;
  #strikes = 0;
  #letGo: () => void = () => undefined;
  #isOver = false;

  constructor(ports: SyncPorts, socket: WebSocket, request: IncomingMessage) {
    this.#ports = ports;
    this.#socket = socket;
    this.#request = request;
    this.#firstSync = new FirstSync({
      socket,
      release: (frame) => this.#write(frame),
      overflow: () => socket.terminate(),
    });
  }

  /** Synchronous: a message that arrives with the connection is not missed. */
  listen(): void {
    this.#socket.on('error', () => this.#socket.terminate());
    this.#socket.on('close', () => void this.#leave());
    this.#socket.on('pong', (payload) => this.#firstSync.answered(payload));
    this.#opening = this.#open();
    this.#opening.catch((error: unknown) => this.#refuse(error));
    this.#socket.on('message', (data, isBinary) => void this.#receive(data, isBinary));
  }

  enter(roomId: string, part: RoomPart): void {
    this.#roomId = roomId;
    this.#ports.connections.enter(roomId, (this.#who as SignedIn).user.id, this.id);
    this.#arrivals.entered(roomId, part);
  }

  exit(roomId: string): void {
    this.#roomId = undefined;
    this.#arrivals.left(roomId);
    this.#ports.connections.exit(roomId, (this.#who as SignedIn).user.id, this.id);
  }

  async #open(): Promise<OpenDocument> {
    const { token, roomCode, path } = readAddress(this.#request.url ?? '');
    const checkedAt = this.#ports.signIns.now();
    this.#who = await this.#ports.authenticator.authenticate(token);
    if (!this.#who) throw new AppError('unauthenticated', 'The token is missing or not valid.');
    const end = (reason: SignInEnd): void => this.#hangUp(FINAL_CODES.session_ended as number, reason);
    this.#letGo = this.#ports.signIns.add({ ...liveBy(this.#who), checkedAt, end });
    // It may have closed before there was anything to let go of.
    if (this.#isOver) this.#letGo();
    const joining = this.#join(roomCode);
    const linkOf = (right: DocumentRight): Link => this.#link(right);
    const request = { who: this.#who, roomCode, path, linkOf, arrivals: this.#arrivals };
    const document = await openDocumentAt(this.#ports, request).catch(async (error: unknown) => {
      // What was wrong with the room is what to say first.
      await joining;
      throw error;
    });
    if (this.#isOver || this.#socket.readyState !== this.#socket.OPEN) {
      document.close();
      throw new AppError('unavailable', 'The connection is gone.');
    }
    this.#send(stateVectorMessage(document.stateVector()));
    this.#send(awarenessMessage(document.presence()));
    return document;
  }

  /** Joins by the code, as `room.join` does. A refusal ends the connection, whatever has become of the document. */
  #join(roomCode: string): Promise<void> {
    const running = this.#ports.kernel.run('room.join', { roomCode }, this.#caller());
    this.#arrivals.add(running);
    const joined = running.then((answer) => {
      if (!answer.ok) throw new AppError(answer.error.code, answer.error.message, answer.error.details);
    });
    joined.catch((error: unknown) => this.#refuse(error));
    return joined;
  }

  #caller(): Caller {
    return {
      user: undefined,
      session: undefined,
      ...this.#who,
      address: this.#ports.addressOf(this.#request),
      userAgent: this.#request.headers['user-agent'],
      requestId: this.id,
      connection: this,
    };
  }

  #link(right: DocumentRight): Link {
    return {
      ...right,
      wire: syncWire,
      send: (frame: Frame, disposable: boolean) => {
        const waiting = this.#socket.bufferedAmount;
        const sync = frame as SyncFrame;
        if (disposable ? waiting > TRANSPORT.slowBytes : !this.#firstSync.admits(sync, sync.frames.length)) return;
        // The provider comes back by itself and asks for the difference.
        if (waiting > TRANSPORT.stuckBytes) this.#socket.terminate();
        else this.#write(sync);
      },
      notify: (notice: Notice) => this.#notify(notice),
    };
  }

  #notify(notice: Notice): void {
    if (notice.type !== 'closed') return;
    const final = notice.reason === 'deleted' || notice.reason === 'forbidden';
    if (final) this.#hangUp(notice.reason === 'deleted' ? 4404 : 4403, notice.reason);
    else this.#hangUp(notice.reason === 'draining' ? GOING_AWAY : TRY_AGAIN, notice.reason);
  }

  async #receive(data: RawData, isBinary: boolean): Promise<void> {
    // A document that could not be opened has already closed the socket.
    const document = await this.#opening?.catch(() => undefined);
    if (!document || this.#isOver) return;
    try {
      if (!isBinary) throw new AppError('invalid_input', 'Messages are binary.');
      await this.#handle(document, data as Buffer);
    } catch (error) {
      this.#complain(document, error);
    }
  }

  async #handle(document: OpenDocument, data: Buffer): Promise<void> {
    this.#allowance.take(data.length);
    const message = readMessage(data);
    switch (message.type) {
      case 'step1':
        return this.#firstSync.start(document.pieces(message.stateVector));
      case 'update':
        return document.receive(message.update);
      case 'awareness':
        return document.receivePresence(message.update);
      case 'query':
        return this.#send(awarenessMessage(document.presence()));
      case 'other':
        return;
    }
  }

  #complain(document: OpenDocument, error: unknown): void {
    const { code, details } = this.#wireError(error);
    // A viewer's stock editor cannot know that it may not write: its edits are dropped, its cursor stays.
    if (code === 'read_only') return;
    // Something between us was lost: ask for everything that is missing here.
    const reason = (details as { reason?: string } | undefined)?.reason;
    if (reason === 'missing_dependencies') {
      if (++this.#strikes < TRANSPORT.strikes) return this.#send(stateVectorMessage(document.stateVector()));
    }
    // Whose edits these are is about to send them: by the time the provider has come back, they are here.
    const final = reason === 'foreign_client' ? undefined : FINAL_CODES[code];
    this.#hangUp(final ?? TRY_AGAIN, code);
  }

  #refuse(error: unknown): void {
    const { code } = this.#wireError(error);
    this.#hangUp(FINAL_CODES[code] ?? TRY_AGAIN, code);
  }

  #wireError(error: unknown): WireError {
    return toWireError(error, { log: this.#ports.log, requestId: this.id, name: 'sync' });
  }

  #send(message: Uint8Array): void {
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.send(message);
  }

  #write({ message, frames }: SyncFrame): void {
    if (!writeFrames(this.#socket, frames)) this.#send(message);
  }

  /** From here on nothing of the client counts, whether or not it closes when it is asked to. */
  #hangUp(code: number, reason: string): void {
    this.#socket.close(code, reason);
    setTimeout(() => this.#socket.terminate(), TRANSPORT.hangUpMs).unref();
    void this.#leave();
  }

  async #leave(): Promise<void> {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#letGo();
    const document = await this.#opening?.catch(() => undefined);
    document?.close();
    const roomId = this.#roomId;
    if (roomId === undefined || !this.#who) return;
    const { id } = this.#who.user;
    this.exit(roomId);
    if (this.#ports.connections.count(roomId, id) === 0) this.#ports.onVacant(roomId, id);
  }
}
