// One connection with the rooms and documents that live on it, and the order they come back in after a loss: first the
// rooms, because the server opens documents only for those who are in the room.
import type { CommandName, EventName, EventPayload } from '../protocol/index.ts';
import type {
  Client,
  ConnectionState,
  ConnectOptions,
  Room,
  RoomDocument,
  RoomInfo,
  StateInfo,
  Unsubscribe,
} from './api.ts';
import { type CallInput, type CallOutput, Connection, type ServerEvent } from './connection.ts';
import { Emitter } from './emitter.ts';
import { asCoderoomError, type CoderoomError, offline } from './errors.ts';
import { LiveRoom, type RoomPort } from './live-room.ts';
import { isRoomEvent, type RoomEvent } from './room-events.ts';
import { SharedDocument } from './shared-document.ts';

/**
 * Connects to a server and stays connected: losses are mended, with rooms and documents as they were.
 * The first attempt begins at once; follow it with `onState`, or just make the first call.
 * @param options where, and as whom; see ConnectOptions
 */
export function connect(options: ConnectOptions): Client {
  return new LiveClient(options);
}

interface Waiter {
  readonly act: () => void;
  readonly reject: (error: CoderoomError) => void;
}

class LiveClient implements Client {
  readonly #states = new Emitter<[ConnectionState, StateInfo?]>();
  readonly #events = new Map<string, Emitter<[unknown]>>();
  readonly #rooms = new Map<string, LiveRoom>();
  readonly #documents = new Map<string, SharedDocument>();
  /** Room events that came while somebody is joining: the room may be the one they belong to. */
  readonly #joining = new Set<RoomEvent[]>();
  #onlineWaiters: Waiter[] = [];
  #ended: CoderoomError | undefined;
  #idle = false;
  readonly #connection: Connection;

  constructor(options: ConnectOptions) {
    this.#connection = new Connection(options, {
      state: (state, info) => this.#stateChanged(state, info),
      up: () => this.#up(),
      down: () => this.#down(),
      alive: () => {
        for (const document of this.#documents.values()) document.presence.renew();
      },
      event: (event) => this.#received(event),
    });
  }

  get state(): ConnectionState {
    return this.#connection.state;
  }

  onState(listener: (state: ConnectionState, info?: StateInfo) => void): Unsubscribe {
    return this.#states.on(listener);
  }

  call<N extends CommandName>(name: N, input: CallInput<N>): Promise<CallOutput<N>> {
    return this.#connection.request(name, input);
  }

  on<N extends EventName>(name: N, listener: (payload: EventPayload<N>) => void): Unsubscribe {
    const emitter = this.#events.get(name) ?? new Emitter<[unknown]>();
    this.#events.set(name, emitter);
    return emitter.on(listener as (payload: unknown) => void);
  }

  async join(roomCode: string): Promise<Room> {
    for (;;) {
      const early: RoomEvent[] = [];
      try {
        const answer = await this.#whenOnline(() => {
          this.#joining.add(early);
          return this.#connection.request('room.join', { roomCode });
        });
        return this.#roomOf(answer, early);
      } catch (error) {
        // Lost before the answer came: the next connection decides.
        if (asCoderoomError(error).code !== 'offline' || this.#ended) throw error;
      } finally {
        this.#joining.delete(early);
      }
    }
  }

  openDocument(fileId: string): RoomDocument {
    const known = this.#documents.get(fileId);
    if (known && !known.isOver) return known.hold();
    const document: SharedDocument = new SharedDocument(fileId, this.#documentPort(), () => {
      if (this.#documents.get(fileId) === document) this.#documents.delete(fileId);
    });
    this.#documents.set(fileId, document);
    document.presence.setIdle(this.#idle);
    if (this.#ended) document.end('refused', this.#ended);
    else if (this.state === 'online') document.connected();
    else if (this.state !== 'connecting') document.disconnected();
    return document.hold();
  }

  async reopen(roomId: string): Promise<RoomInfo> {
    return (await this.call('room.reopen', { roomId })).room;
  }

  setIdle(idle: boolean): void {
    this.#idle = idle;
    for (const document of this.#documents.values()) document.presence.setIdle(idle);
  }

  retryNow(): void {
    this.#connection.retryNow();
  }

  async close(): Promise<void> {
    for (const document of this.#documents.values()) document.flush();
    await this.#connection.close();
  }

  #documentPort(): ConstructorParameters<typeof SharedDocument>[1] {
    const connection = this.#connection;
    return {
      get isOnline() {
        return connection.state === 'online';
      },
      request: (name, input, timeoutMs) => connection.request(name, input, timeoutMs),
      send: (name, input) => connection.send(name, input),
    };
  }

  #roomPort(roomId: string): RoomPort {
    const connection = this.#connection;
    return {
      get isUp() {
        return connection.isUp;
      },
      request: (name, input) => connection.request(name, input),
      openDocument: (fileId) => this.openDocument(fileId),
      ended: () => void this.#rooms.delete(roomId),
    };
  }

  #roomOf(answer: CallOutput<'room.join'>, events: readonly RoomEvent[]): LiveRoom {
    const { id } = answer.room;
    const early = events.filter(({ payload }) => payload.roomId === id);
    const known = this.#rooms.get(id);
    const room = known ?? new LiveRoom(answer, this.#roomPort(id));
    this.#rooms.set(id, room);
    if (known) room.accept(answer, early);
    else for (const event of early) room.receive(event);
    return room;
  }

  /** Acts at once, or as soon as there is a connection, before anything is opened on it. */
  #whenOnline<T>(act: () => Promise<T>): Promise<T> {
    if (this.#ended) return Promise.reject(this.#ended);
    if (this.state === 'online') return act();
    return new Promise((resolve, reject) => {
      this.#onlineWaiters.push({ act: () => resolve(act()), reject });
    });
  }

  /** Rooms first: what is asked for on the same connection is answered by the server when it has let us in. */
  #up(): void {
    for (const room of this.#rooms.values()) void room.rejoin();
    for (const { act } of this.#onlineWaiters.splice(0)) act();
    for (const document of this.#documents.values()) document.connected();
  }

  #down(): void {
    for (const room of this.#rooms.values()) room.lost();
    for (const document of this.#documents.values()) document.disconnected();
  }

  #stateChanged(state: ConnectionState, info?: StateInfo): void {
    if (state === 'ended') this.#end(info?.error);
    else if (state === 'offline') for (const document of this.#documents.values()) document.disconnected();
    this.#states.emit(state, info);
  }

  /** @param refusal why, when it was the server that ended it */
  #end(refusal: CoderoomError | undefined): void {
    const error = refusal ?? offline('The client was closed.');
    this.#ended = error;
    for (const { reject } of this.#onlineWaiters.splice(0)) reject(error);
    for (const room of this.#rooms.values()) room.end(refusal);
    for (const document of this.#documents.values()) document.end(refusal ? 'refused' : 'closed', error);
    this.#documents.clear();
  }

  #received(event: ServerEvent): void {
    if (isRoomEvent(event)) {
      for (const early of this.#joining) early.push(event);
      this.#rooms.get(event.payload.roomId)?.receive(event);
    } else if (event.name.startsWith('doc.')) {
      const documentEvent = event as Parameters<SharedDocument['receive']>[0];
      this.#documents.get(documentEvent.payload.fileId)?.receive(documentEvent);
    }
    this.#events.get(event.name)?.emit(event.payload);
  }
}
