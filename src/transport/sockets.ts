// Socket.io: authenticates, gives every call exactly one answer, carries the events of rooms.

import { randomUUID } from 'node:crypto';
import type { Server as HttpServer } from 'node:http';
import { Server, type Socket } from 'socket.io';
import type { Connections } from '../cluster/connections.ts';
import type { SignInEnd, SignIns } from '../cluster/sign-ins.ts';
import type { Authenticator } from '../features/identity.ts';
import type { Caller, Connection, RoomPart, SignedIn } from '../kernel/caller.ts';
import type { PathRights } from '../kernel/path-rights.ts';
import { type Kernel, toWireError } from '../kernel/run.ts';
import type { Log } from '../observe/log.ts';
import type { Answer } from '../protocol/define.ts';
import { AppError, type WireError } from '../protocol/errors.ts';
import type { User } from '../protocol/identity.ts';
import { commands, type SocketCallName, socketCalls } from '../protocol/index.ts';
import { Arrivals } from './arrivals.ts';
import { type DocumentPorts, liveBy } from './document-access.ts';
import { DocumentCalls } from './document-calls.ts';
import { TRANSPORT } from './limits.ts';
import { isOriginAllowed } from './origin.ts';
import { SAVED, SavedAnswers } from './saved-answers.ts';
import { DATA_POLICY, SECURITY_HEADERS } from './security-headers.ts';
import { DocumentInput, JsonAnswer, socketParser } from './socket-parser.ts';
import { limitedOf, roomOf, type ServedConnection, userOf } from './socket-publisher.ts';

export interface SocketPorts extends DocumentPorts {
  readonly kernel: Kernel;
  readonly authenticator: Authenticator;
  readonly connections: Connections;
  readonly signIns: SignIns;
  readonly log: Log;
  /** Origins of other sites that may connect; none when empty. */
  readonly origins: readonly string[];
  /** Called when the last connection of a user has left a room. */
  readonly onVacant: (roomId: string, userId: string) => void;
  /** The address that counts for limits and audit. */
  readonly addressOf: (request: Socket['request']) => string;
}

/** The Socket.io server, before it has a kernel: the kernel needs its publisher. */
export function openSocketServer(http: HttpServer, origins: readonly string[]): Server {
  const io = new Server(http, {
    serveClient: false,
    maxHttpBufferSize: TRANSPORT.messageBytes,
    perMessageDeflate: false,
    httpCompression: false,
    pingInterval: TRANSPORT.pingIntervalMs,
    pingTimeout: TRANSPORT.pingTimeoutMs,
    connectTimeout: TRANSPORT.connectTimeoutMs,
    destroyUpgrade: false,
    parser: socketParser,
    cors: { origin: origins.includes('*') ? '*' : [...origins] },
    allowRequest: (request, accept) => accept(null, isOriginAllowed(request.headers, origins)),
  });
  io.engine.on('headers', (headers: Record<string, string>) => {
    Object.assign(headers, SECURITY_HEADERS, { 'content-security-policy': DATA_POLICY, 'cache-control': 'no-store' });
  });
  return io;
}

interface SocketData {
  readonly who: SignedIn;
  readonly checkedAt: number;
  /** Set once the socket is served. */
  connection?: ServedConnection;
}

/** Serves the contract on a Socket.io server. */
export function serveSockets(io: Server, ports: SocketPorts): void {
  io.use((socket, next) => {
    const token: unknown = socket.handshake.auth['token'];
    const checkedAt = ports.signIns.now();
    ports.authenticator.authenticate(typeof token === 'string' ? token : undefined).then(
      (who) => {
        if (!who) return next(refusal(new AppError('unauthenticated', 'The token is missing or not valid.')));
        socket.data = { who, checkedAt } satisfies SocketData;
        next();
      },
      (error: unknown) => {
        ports.log.warn({ err: error }, 'a socket could not be authenticated');
        next(refusal(new AppError('unavailable', 'Signing in does not work right now; try again in a moment.')));
      },
    );
  });
  io.on('connection', (socket) => new SocketConnection(ports, socket).listen());
}

function refusal(error: AppError): Error {
  return Object.assign(new Error(error.code), { data: error.toWire() });
}

type Reply = (answer: Answer<unknown> | JsonAnswer) => void;

class SocketConnection implements Connection, ServedConnection {
  readonly id: string;
  readonly #ports: SocketPorts;
  readonly #socket: Socket;
  #who: SignedIn;
  readonly #documents: DocumentCalls;
  readonly #savedAnswers: SavedAnswers;
  /** What it may read there. */
  readonly #rooms = new Map<string, PathRights>();
  readonly #arrivals = new Arrivals();
  /** Calls that are not answered yet. */
  readonly #calls = new Set<Promise<void>>();
  #ended = false;
  #strikes = 0;

  constructor(ports: SocketPorts, socket: Socket) {
    this.id = socket.id;
    this.#ports = ports;
    this.#socket = socket;
    const data = socket.data as SocketData;
    data.connection = this;
    this.#who = data.who;
    this.#savedAnswers = new SavedAnswers(socket);
    this.#documents = new DocumentCalls(ports, { socket, who: this.#who, arrivals: this.#arrivals });
  }

  /** Synchronous: nothing that arrives right after the connection is missed. */
  listen(): void {
    void this.#socket.join(userOf(this.#who.user.id));
    // One listener for all calls: a hundred per socket would cost memory for every idle connection.
    this.#socket.onAny((name: unknown, ...args: unknown[]) => this.#receive(name, args));
    const letGo = this.#ports.signIns.add({
      ...liveBy(this.#who),
      checkedAt: (this.#socket.data as SocketData).checkedAt,
      end: (reason) => this.#end(reason),
    });
    this.#socket.on('disconnect', () => {
      letGo();
      this.#leaveAll();
    });
  }

  /** The user has another name from now on. */
  introduce(user: User): void {
    this.#who = { ...this.#who, user };
    this.#documents.introduce(this.#who);
  }

  enter(roomId: string, part: RoomPart): void {
    if (!this.#socket.connected) throw new AppError('unavailable', 'The connection is gone.');
    if (this.#rooms.size >= TRANSPORT.roomsPerConnection && !this.#rooms.has(roomId)) {
      throw new AppError('limit_exceeded', `A connection is in at most ${TRANSPORT.roomsPerConnection} rooms.`);
    }
    this.#rooms.set(roomId, part.files);
    this.#ports.connections.enter(roomId, this.#who.user.id, this.id);
    this.restrict(roomId, part.files);
    void this.#socket.join(roomOf(roomId));
    this.#arrivals.entered(roomId, part);
  }

  /** Other rights in a room; nothing where the connection is not in it. */
  restrict(roomId: string, files: PathRights): void {
    if (!this.#rooms.has(roomId)) return;
    this.#rooms.set(roomId, files);
    if (files.limited) void this.#socket.join(limitedOf(roomId));
    else void this.#socket.leave(limitedOf(roomId));
  }

  mayRead(roomId: string, paths: readonly string[]): boolean {
    const files = this.#rooms.get(roomId);
    return files !== undefined && paths.every((path) => files.may('read', path));
  }

  emit(event: string, payload: unknown): void {
    this.#socket.emit(event, payload);
  }

  exit(roomId: string): void {
    this.#rooms.delete(roomId);
    this.#arrivals.left(roomId);
    this.#ports.connections.exit(roomId, this.#who.user.id, this.id);
    void this.#socket.leave(roomOf(roomId));
    void this.#socket.leave(limitedOf(roomId));
    this.#documents.closeRoom(roomId);
  }

  /** From here on nothing is heard and nothing reaches the client but answers that are due: to the call that ended it, too. */
  #end(reason: SignInEnd): void {
    this.#ended = true;
    this.#leaveAll();
    for (const room of this.#socket.rooms) void this.#socket.leave(room);
    const answered = Promise.allSettled(this.#calls);
    const late = new Promise((resolve) => setTimeout(resolve, TRANSPORT.lastAnswerMs).unref());
    void Promise.race([answered, late]).then(() => this.#hangUp(reason));
  }

  /** For good: a stock client does not come back after this, and ours says why. */
  #hangUp(reason: SignInEnd): void {
    this.#socket.emit('session.ended', { reason });
    this.#socket.disconnect(true);
    // Closing waits for a reader; who does not read is not waited for.
    const { conn } = this.#socket;
    setTimeout(() => conn.close(true), TRANSPORT.hangUpMs).unref();
  }

  #receive(name: unknown, args: readonly unknown[]): void {
    if (this.#ended) return;
    const [input] = args;
    const last = args.at(-1);
    const reply = typeof last === 'function' ? (last as Reply) : undefined;
    const isEdit = name === 'doc.update' && input instanceof DocumentInput && input.answerId !== undefined;
    const saved = isEdit && reply ? this.#documents.edit(input) : undefined;
    if (saved) this.#answerEdit(saved, (input as DocumentInput).answerId as number, reply as Reply);
    else this.#track(this.#answerCall(String(name), input, reply));
  }

  #track(call: Promise<void>): void {
    this.#calls.add(call);
    void call.finally(() => this.#calls.delete(call));
  }

  #answerEdit(saved: Promise<void>, id: number, reply: Reply): void {
    this.#savedAnswers.add(saved, {
      id,
      reply: (error) => {
        if (error === undefined) reply({ ok: true, data: SAVED });
        else this.#refuse({ ok: false, error: this.#wireError(error, 'doc.update') }, reply);
      },
    });
  }

  async #answerCall(name: string, input: unknown, reply: Reply | undefined): Promise<void> {
    const answer = await this.#answer(name, input);
    if (!answer.ok) this.#refuse(answer, reply);
    else reply?.(Object.hasOwn(commands, name) ? new JsonAnswer(answer) : answer);
  }

  /** A refusal may be one too many. */
  #refuse(answer: Extract<Answer<unknown>, { ok: false }>, reply: Reply | undefined): void {
    reply?.(answer);
    if (isStrike(answer.error.code) && ++this.#strikes >= TRANSPORT.strikes) {
      this.#ports.log.warn(
        { userId: this.#who.user.id, socketId: this.id },
        'a connection that sends garbage was closed',
      );
      this.#socket.disconnect(true);
    }
  }

  async #answer(name: string, input: unknown): Promise<Answer<unknown>> {
    const given = typeof input === 'function' ? undefined : input;
    if (!Object.hasOwn(socketCalls, name)) {
      const running = this.#ports.kernel.run(name, given, this.#caller());
      if (name === 'room.join') this.#arrivals.add(running);
      return running;
    }
    try {
      return { ok: true, data: await this.#documents.call(name as SocketCallName, given) };
    } catch (error) {
      return { ok: false, error: this.#wireError(error, name) };
    }
  }

  #wireError(error: unknown, name: string): WireError {
    return toWireError(error, { log: this.#ports.log, requestId: randomUUID(), name });
  }

  #caller(): Caller {
    return {
      ...this.#who,
      address: this.#ports.addressOf(this.#socket.request),
      userAgent: this.#socket.request.headers['user-agent'],
      requestId: randomUUID(),
      connection: this,
    };
  }

  #leaveAll(): void {
    this.#documents.closeAll();
    for (const roomId of this.#rooms.keys()) {
      this.#ports.connections.exit(roomId, this.#who.user.id, this.id);
      if (this.#ports.connections.count(roomId, this.#who.user.id) === 0)
        this.#ports.onVacant(roomId, this.#who.user.id);
    }
    this.#rooms.clear();
  }
}

function isStrike(code: string): boolean {
  return code === 'malformed_update' || code === 'invalid_input' || code === 'too_large';
}
