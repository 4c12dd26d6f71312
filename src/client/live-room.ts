// A joined room: a mirror of its state out of the answer to `room.join` and the events since.
//
// Invariant: events that come while a join is under way are applied on top of its answer, because the server subscribes
// the connection before it reads the state.
import type {
  Execution,
  File,
  Participant,
  Room,
  RoomChange,
  RoomDocument,
  RoomInfo,
  RoomState,
  RunInput,
  RunView,
  TestInput,
} from './api.ts';
import { backOff } from './back-off.ts';
import type { CallInput, CallName, CallOutput } from './connection.ts';
import { Emitter } from './emitter.ts';
import { asCoderoomError, CoderoomError } from './errors.ts';
import type { RoomManagement } from './management.ts';
import { isFinal, isOver, takenOut } from './room-end.ts';
import type { RoomEvent } from './room-events.ts';
import { RoomFiles } from './room-files.ts';
import { roomManagement } from './room-management.ts';
import { RoomRuns } from './room-runs.ts';

/** What a room needs of the client. */
export interface RoomPort {
  readonly isUp: boolean;
  request<N extends CallName>(name: N, input: CallInput<N>): Promise<CallOutput<N>>;
  openDocument(fileId: string): RoomDocument;
  /** The room will never be live again. */
  ended(): void;
}

export class LiveRoom implements Room {
  readonly participants = new Map<string, Participant>();
  readonly manage: RoomManagement;
  readonly #port: RoomPort;
  readonly #files: RoomFiles;
  readonly #runs: RoomRuns;
  readonly #listeners = new Emitter<[RoomChange, string?]>();
  #info: RoomInfo;
  #me: Participant;
  #state: RoomState = 'joined';
  #error: CoderoomError | undefined;
  /** Raised with every join and loss, so that a late answer finds that it is late. */
  #attempt = 0;
  #early: RoomEvent[] = [];
  #retry: ReturnType<typeof setTimeout> | undefined;
  #failures = 0;

  constructor(answer: CallOutput<'room.join'>, port: RoomPort) {
    this.#port = port;
    this.#info = answer.room;
    this.#me = answer.participant;
    const { id: roomId } = answer.room;
    this.manage = roomManagement(port, roomId);
    this.#files = new RoomFiles({
      ask: () => port.request('file.list', { roomId }),
      changed: (id) => {
        if (!this.#isOver) this.#listeners.emit('files', id);
      },
    });
    this.#runs = new RoomRuns({
      roomId,
      request: (name, input) => port.request(name, input),
      epoch: () => this.#attempt,
      changed: (id) => {
        if (!this.#isOver) this.#listeners.emit('runs', id);
      },
    });
    this.accept(answer, []);
  }

  get files(): ReadonlyMap<string, File> {
    return this.#files.byId;
  }

  get info(): RoomInfo {
    return this.#info;
  }

  get me(): Participant {
    return this.#me;
  }

  get runs(): ReadonlyMap<string, RunView> {
    return this.#runs.views;
  }

  get state(): RoomState {
    return this.#state;
  }

  get error(): CoderoomError | undefined {
    return this.#error;
  }

  onChange(listener: (what: RoomChange, id?: string) => void): () => void {
    return this.#listeners.on(listener);
  }

  run(input: RunInput): Promise<Execution> {
    return this.#runs.start(input);
  }

  repeat(executionId: string, input: Pick<RunInput, 'stdin' | 'args'> = {}): Promise<Execution> {
    return this.#runs.repeat(executionId, input);
  }

  test(fileId: string, input: TestInput = {}): Promise<Execution> {
    return this.#runs.test(fileId, input);
  }

  input(executionId: string, text: string, { end = false } = {}): Promise<boolean> {
    return this.#runs.input(executionId, text, end);
  }

  cancel(executionId: string): Promise<boolean> {
    return this.#runs.cancel(executionId);
  }

  load(executionId: string): Promise<RunView> {
    return this.#runs.load(executionId);
  }

  async finished(executionId: string): Promise<RunView> {
    if (this.#isOver) throw this.#over();
    return this.#runs.finished(executionId, this.#state === 'joined');
  }

  openPath(path: string): RoomDocument {
    for (const file of this.files.values()) if (file.path === path) return this.#port.openDocument(file.id);
    throw new CoderoomError('not_found', `There is no file ${path}.`);
  }

  may(right: 'write' | 'delete', fileId?: string): boolean {
    return !this.#isOver && this.#files.may(this.#me.role, right, fileId);
  }

  async leave(): Promise<void> {
    if (this.#isOver) return;
    const wasUp = this.#port.isUp;
    this.#finish('left');
    if (!wasUp) return;
    // A lost connection takes one out of the room just as well.
    await this.#port.request('room.leave', { roomId: this.#info.id }).catch((error: unknown) => {
      if (asCoderoomError(error).code !== 'offline') throw error;
    });
  }

  /** The connection is back: join again, and show what is true now. Never rejects. */
  async rejoin(): Promise<void> {
    if (this.#isOver) return;
    clearTimeout(this.#retry);
    this.#early = [];
    const attempt = ++this.#attempt;
    const answer = await this.#joinAgain().catch((error: unknown) => asCoderoomError(error));
    if (attempt !== this.#attempt) return;
    if (answer instanceof CoderoomError) this.#joinFailed(answer);
    else this.accept(answer, this.#early.splice(0));
  }

  /** By the code; a member who was away while that changed learns the new one by asking for the room. */
  async #joinAgain(): Promise<CallOutput<'room.join'>> {
    const { roomCode, id: roomId } = this.#info;
    try {
      return await this.#port.request('room.join', { roomCode });
    } catch (error) {
      if (asCoderoomError(error).code !== 'room_unavailable') throw error;
      const known = await this.#port.request('room.get', { roomId }).catch(() => undefined);
      const room = known?.room ?? this.#info;
      if (room.roomCode === roomCode) throw error;
      return this.#port.request('room.join', { roomCode: room.roomCode });
    }
  }

  /** Takes the answer to a join in, and the events that came while it was under way. */
  accept(answer: CallOutput<'room.join'>, early: readonly RoomEvent[]): void {
    this.#attempt++;
    this.#failures = 0;
    this.#error = undefined;
    this.#info = answer.room;
    this.#me = answer.participant;
    replace(this.participants, answer.participants, ({ userId }) => userId);
    this.participants.set(answer.participant.userId, answer.participant);
    this.#files.replace(answer);
    this.#state = 'joined';
    for (const what of ['state', 'participants', 'files'] as const) this.#listeners.emit(what);
    for (const event of early) this.receive(event);
    void this.#runs.fetch();
  }

  lost(): void {
    if (this.#isOver) return;
    clearTimeout(this.#retry);
    this.#attempt++;
    this.#runs.interrupt();
    this.#setState('rejoining');
  }

  /** The client ended: by us, or because the server refused it. */
  end(error: CoderoomError | undefined): void {
    if (!this.#isOver) this.#finish(error ? 'refused' : 'left', error);
  }

  receive(event: RoomEvent): void {
    if (this.#isOver) return;
    if (this.#state === 'rejoining') this.#early.push(event);
    else this.#apply(event);
  }

  #apply(event: RoomEvent): void {
    switch (event.name) {
      case 'participant.joined':
      case 'participant.left':
        for (const participant of event.payload.participants) this.#takeParticipant(participant);
        return;
      case 'participant.changed':
        return this.#takeParticipant(event.payload.participant);
      case 'participant.removed':
        return this.#participantRemoved(event.payload);
      case 'room.changed':
        this.#info = event.payload.room;
        return this.#listeners.emit('info');
      case 'permission.changed':
        if ([null, this.#me.userId].includes(event.payload.userId)) this.#files.refetch();
        return this.#listeners.emit('permissions', event.payload.userId ?? undefined);
      case 'file.created':
      case 'file.renamed':
      case 'file.deleted':
        return this.#files.receive(event);
      case 'run.queued':
      case 'run.started':
      case 'run.output':
      case 'run.waiting':
      case 'run.tested':
      case 'run.finished':
      case 'run.saved':
        return this.#runs.receive(event);
      case 'room.closed':
        return this.#finish('closed');
    }
  }

  #takeParticipant(participant: Participant): void {
    this.participants.set(participant.userId, participant);
    if (participant.userId === this.#me.userId) {
      this.#files.roleChanged(this.#me.role, participant.role);
      this.#me = participant;
    }
    this.#listeners.emit('participants', participant.userId);
  }

  #participantRemoved({ userId, banned }: { userId: string; banned: boolean }): void {
    this.participants.delete(userId);
    if (userId !== this.#me.userId) return this.#listeners.emit('participants', userId);
    this.#finish('removed', takenOut(banned));
  }

  #joinFailed(error: CoderoomError): void {
    if (isFinal(error)) return this.#finish('refused', error);
    this.#error = error;
    // The next connection joins anyway.
    if (this.#port.isUp) this.#retry = setTimeout(() => void this.rejoin(), backOff(this.#failures++));
    this.#listeners.emit('state');
  }

  get #isOver(): boolean {
    return isOver(this.#state);
  }

  #over(): CoderoomError {
    return this.#error ?? new CoderoomError('room_unavailable', 'The room was left or closed.');
  }

  #finish(state: 'closed' | 'left' | 'refused' | 'removed', error?: CoderoomError): void {
    clearTimeout(this.#retry);
    this.#attempt++;
    this.#error = error;
    this.#setState(state);
    this.#runs.giveUp(this.#over());
    this.#port.ended();
  }

  #setState(state: RoomState): void {
    this.#state = state;
    this.#listeners.emit('state');
  }
}

function replace<T>(map: Map<string, T>, values: readonly T[], key: (value: T) => string): void {
  map.clear();
  for (const value of values) map.set(key(value), value);
}
