// A server in the test's own process that speaks real Socket.io: it keeps documents in memory, notes every call, and
// answers as a test says. Nothing here checks rights or limits; that is what the answers are set for.
import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server, type Socket } from 'socket.io';
import * as Y from 'yjs';

export interface Received {
  readonly name: string;
  readonly payload: any;
}

type Answer = object;
type Responder = (payload: any, socket: Socket) => Answer | undefined | Promise<Answer | undefined>;

export const ROOM_ID = '00000000-0000-4000-8000-000000000001';
export const FILE_ID = '00000000-0000-4000-8000-0000000000f1';
export const USER_ID = '00000000-0000-4000-8000-0000000000a1';
export const LINEAGE = '00000000-0000-4000-8000-00000000001e';
const TIME = '2025-01-01T00:00:00.000Z';

export const ok = (data: object = {}): Answer => ({ ok: true, data });
export const refusal = (code: string, details?: object): Answer => ({
  ok: false,
  error: { code, message: code, ...(details && { details }) },
});

/** An answer that comes when the test says so. */
export function held(): { answer: Promise<Answer>; give: (answer: Answer) => void } {
  const { promise, resolve } = Promise.withResolvers<Answer>();
  return { answer: promise, give: resolve };
}

export const participant = (userId = USER_ID, more: object = {}): object => ({
  userId,
  displayName: 'Ada',
  kind: 'guest',
  role: 'owner',
  color: 0,
  online: true,
  joinedAt: TIME,
  leftAt: null,
  ...more,
});

export const file = (id = FILE_ID, path = 'main.ts'): object => ({
  id,
  roomId: ROOM_ID,
  path,
  language: 'typescript',
  sizeBytes: 0,
  createdAt: TIME,
  updatedAt: TIME,
});

export const execution = (id: string, more: object = {}): object => ({
  id,
  roomId: ROOM_ID,
  fileId: FILE_ID,
  userId: USER_ID,
  kind: 'file',
  language: 'typescript',
  entry: 'main.ts',
  status: 'queued',
  position: 1,
  interactive: false,
  waitsForInput: false,
  outputPieces: 0,
  outputTruncated: false,
  error: null,
  tests: null,
  queueMs: null,
  wallMs: null,
  inputMs: null,
  cpuMs: null,
  memoryBytes: null,
  saved: true,
  createdAt: TIME,
  startedAt: null,
  completedAt: null,
  ...more,
});

/** The answer to `run.get` for a run that is over. */
export const runDetail = (of: object, texts: readonly string[] = [], result: string | null = null): object => ({
  execution: of,
  pieces: texts.map((text, seq) => ({ seq, stream: 'stdout', text })),
  verdicts: [],
  outcome: { result, tables: [] },
  source: { code: '', line: null, stdin: null, args: [], files: [], environmentId: null, repeatOf: null },
});

export const joinAnswer = (more: object = {}): Answer =>
  ok({
    room: {
      id: ROOM_ID,
      name: 'Room',
      roomCode: 'ABCD-EFGH',
      visibility: 'collaborative',
      maxParticipants: 50,
      ownerId: USER_ID,
      createdAt: TIME,
      closedAt: null,
    },
    participant: participant(),
    participants: [participant()],
    files: [file()],
    ...more,
  });

export class FakeServer {
  /** Every call in the order of arrival. */
  readonly received: Received[] = [];
  /** What a call is answered instead of the usual; `undefined` gives no answer at all. */
  readonly respond = new Map<string, Responder>();
  doc = new Y.Doc();
  lineage = LINEAGE;
  canWrite = true;
  awareness: Uint8Array = Uint8Array.of(0);
  /** Set to refuse connections. */
  refuse: { code: string; message: string } | undefined;
  /** Connections that were let in, ever. */
  connections = 0;
  #http!: HttpServer;
  #io!: Server;
  #port = 0;

  static async start(): Promise<FakeServer> {
    const server = new FakeServer();
    await server.listen();
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  get text(): string {
    return this.doc.getText('content').toJSON();
  }

  get sockets(): number {
    return this.#io.sockets.sockets.size;
  }

  /** Gives every connection the sign of life that else comes every some seconds. */
  beat(): void {
    for (const { conn } of this.#io.sockets.sockets.values()) {
      (conn as unknown as { sendPacket(type: 'ping'): void }).sendPacket('ping');
    }
  }

  /** Begins to listen, again on the same port after `stop`. */
  async listen(): Promise<void> {
    this.#http = createServer((_request, response) => response.writeHead(404).end());
    this.#io = new Server(this.#http, { transports: ['websocket', 'polling'], serveClient: false });
    this.#io.use((_socket, next) => {
      next(this.refuse && Object.assign(new Error(this.refuse.message), { data: this.refuse }));
    });
    this.#io.on('connection', (socket) => this.#serve(socket));
    await new Promise<void>((resolve) => this.#http.listen(this.#port, '127.0.0.1', resolve));
    this.#port = (this.#http.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    await this.#io.close();
  }

  /** Cuts every connection, as a network would. */
  cut(): void {
    this.#io.disconnectSockets(true);
  }

  emit(name: string, payload: object): void {
    this.#io.emit(name, payload);
  }

  calls(name: string): Received[] {
    return this.received.filter((call) => call.name === name);
  }

  /** Somebody else's edit. */
  edit(change: (text: Y.Text) => void): void {
    const before = Y.encodeStateVector(this.doc);
    change(this.doc.getText('content'));
    this.emit('doc.update', { fileId: FILE_ID, update: Y.encodeStateAsUpdate(this.doc, before) });
  }

  opened(): Answer {
    return this.#answerTo('doc.open', {});
  }

  #serve(socket: Socket): void {
    this.connections++;
    socket.onAny(async (name: string, payload: unknown, reply?: (answer: Answer) => void) => {
      this.received.push({ name, payload });
      const responder = this.respond.get(name);
      const answer = responder ? await responder(payload, socket) : this.#answerTo(name, payload as object);
      if (answer) reply?.(answer);
    });
  }

  #answerTo(name: string, payload: { stateVector?: Uint8Array; update?: Uint8Array }): Answer {
    switch (name) {
      case 'room.join':
        return joinAnswer();
      case 'run.list':
        return ok({ executions: [], nextCursor: null });
      case 'doc.open':
        return ok({
          update: Y.encodeStateAsUpdate(this.doc, payload.stateVector),
          stateVector: Y.encodeStateVector(this.doc),
          awareness: this.awareness,
          canWrite: this.canWrite,
          lineage: this.lineage,
          saved: true,
        });
      case 'doc.update':
        Y.applyUpdate(this.doc, payload.update as Uint8Array);
        return ok({ saved: true });
      default:
        return ok();
    }
  }
}
