// The shapes of the client: what a page, a bot or a test sees of it. The values behind them are made by client.ts,
// room.ts and room-document.ts.
import type { Awareness } from 'y-protocols/awareness';
import type * as Y from 'yjs';
import type { File } from '../protocol/files.ts';
import type { CommandInput, CommandName, CommandOutput, EventName, EventPayload } from '../protocol/index.ts';
import type { Participant, Room as RoomInfo } from '../protocol/rooms.ts';
import type { Execution, OutputPiece, ResultTable, RunOutcome, Verdict } from '../protocol/runs.ts';
import type { TestCase } from '../protocol/tests.ts';
import type { CoderoomError } from './errors.ts';
import type { RoomManagement } from './management.ts';
import type { TokenSource } from './token-source.ts';

export type { Execution, File, OutputPiece, Participant, ResultTable, RoomInfo, RunOutcome, TestCase, Verdict };

/** Takes a listener away again; calling it twice is harmless. */
export type Unsubscribe = () => void;

export type Transport = 'websocket' | 'polling';

export interface ConnectOptions {
  /** Where the server is, e.g. `http://127.0.0.1:3000`. */
  readonly url: string;
  /** A token, or somebody who is signed in: then the connection goes on when the token expires. */
  readonly token: string | TokenSource;
  /** Tried in this order; WebSocket, then polling, when left out. */
  readonly transports?: readonly Transport[];
  /** Milliseconds after which an unanswered call is rejected with `timeout`; 10 000 when left out. */
  readonly timeoutMs?: number;
}

/**
 * - `connecting`: an attempt is under way
 * - `online`: calls can be made
 * - `offline`: waiting for the next attempt
 * - `draining`: the server stops; the next attempt comes when it said
 * - `ended`: closed by us, or refused for good (the token is not valid, or no longer)
 */
export type ConnectionState = 'connecting' | 'online' | 'offline' | 'draining' | 'ended';

export interface StateInfo {
  /** Milliseconds until the next attempt, with `offline` and `draining`. */
  readonly retryInMs?: number;
  /** Why the connection was lost or refused. */
  readonly error?: CoderoomError;
}

/** One signed-in connection; rooms and documents share it. */
export interface Client {
  readonly state: ConnectionState;

  /** Follows the connection. @returns what takes the listener away */
  onState(listener: (state: ConnectionState, info?: StateInfo) => void): Unsubscribe;

  /**
   * Calls a command over the socket. While an attempt to connect is under way it waits for its outcome; without a
   * connection it is rejected at once.
   * @throws CoderoomError the server's code; `offline` without a connection (the command may have run, if the
   *   connection was lost while it waited); `timeout` when no answer came
   */
  call<N extends CommandName>(name: N, input: CommandInput<N>): Promise<CommandOutput<N>>;

  /** Follows an event as it comes from the server; binary fields are Uint8Arrays. */
  on<N extends EventName>(name: N, listener: (payload: EventPayload<N>) => void): Unsubscribe;

  /**
   * Joins a room by its code (any case and spacing), as soon as there is a connection. Joining the same room twice
   * gives the same object.
   * @throws CoderoomError `room_unavailable`, `forbidden`, `room_full`, `timeout`, …; `offline` when the client ended
   */
  join(roomCode: string): Promise<Room>;

  /**
   * Opens a file's document, as soon as there is a connection. All holders of a file id share one document, which
   * closes when each of them has called `close`.
   */
  openDocument(fileId: string): RoomDocument;

  /**
   * Says whether the person is away from the keyboard: `idle: true` in their presence, in every open document. It takes
   * nobody away; who is connected is here.
   */
  setIdle(idle: boolean): void;

  /** Opens a room of one's own that was closed. @returns it, with the code to join by @throws CoderoomError as `call` */
  reopen(roomId: string): Promise<RoomInfo>;

  /** Connects now instead of when the next attempt is due; does nothing while connected or ended. */
  retryNow(): void;

  /** Sends what is still to be sent and disconnects for good. Await `saved()` of a document first to be sure of it. */
  close(): Promise<void>;
}

/**
 * - `joined`: live
 * - `rejoining`: the connection was lost; what is shown is the last known
 * - `closed`: the room was closed · `left`: by us · `refused`: could not be joined again, see `error`
 * - `removed`: we were taken out of it; `error.details.banned` says whether for good
 */
export type RoomState = 'joined' | 'rejoining' | 'closed' | 'left' | 'refused' | 'removed';

/** A run with everything that the server has of it. */
export type RunDetail = CommandOutput<'run.get'>;

/** A run with its output so far. */
export interface RunView extends Execution {
  /** The output as it was printed, by `seq`. Of a run that was over when the room was joined it comes with `load`. */
  readonly pieces: readonly OutputPiece[];
  /** Of a run of tests: what came of each case until now. */
  readonly verdicts: readonly Verdict[];
  /** What came of it; null while it is under way, and until it is loaded. */
  readonly outcome: RunOutcome | null;
  /** It is over, and all its output and its outcome are here. */
  readonly whole: boolean;
}

/** What a run is given: a file of the room, a part of one (with the line it begins at), or code with its language. */
export interface RunInput {
  readonly fileId?: string;
  readonly code?: string;
  readonly line?: number;
  readonly language?: string;
  readonly stdin?: string;
  readonly args?: readonly string[];
  /** More input may come while it runs, by `input`. */
  readonly interactive?: boolean;
}

/** Which cases a run of tests has: all that the file has, some of those, or others. */
export type TestInput = Omit<CommandInput<'run.test'>, 'fileId'>;

/** `info`: name, code, visibility, seats or owner; `permissions`: rules by path, of the user named or of everybody. */
export type RoomChange = 'info' | 'permissions' | 'participants' | 'files' | 'runs' | 'state';

/** A room that was joined: a live mirror of its state, which joins again by itself after a reconnect. */
export interface Room {
  readonly info: RoomInfo;
  readonly me: Participant;
  /** Everybody the server lists, by user id; `online` says who is here. */
  readonly participants: ReadonlyMap<string, Participant>;
  /** By file id. */
  readonly files: ReadonlyMap<string, File>;
  /** The latest runs, oldest first, by execution id. Earlier ones come shortly after joining. */
  readonly runs: ReadonlyMap<string, RunView>;
  readonly state: RoomState;
  /** Why the room is `refused`, or why the last try to join again failed. */
  readonly error: CoderoomError | undefined;

  /** Follows changes; `id` is the participant, file or run, left out when many changed. */
  onChange(listener: (what: RoomChange, id?: string) => void): Unsubscribe;

  /** Starts a run; output goes to everybody in the room. @throws CoderoomError as `call` */
  run(input: RunInput): Promise<Execution>;

  /**
   * Runs again what an earlier run ran, as it was then; with its input, unless another is given.
   * @throws CoderoomError as `call`
   */
  repeat(executionId: string, input?: Pick<RunInput, 'stdin' | 'args'>): Promise<Execution>;

  /** Runs a file once for every test case; `verdicts` of the run has what came of them. @throws CoderoomError as `call` */
  test(fileId: string, input?: TestInput): Promise<Execution>;

  /**
   * Gives an interactive run input. Programs read whole lines: end one with a line break.
   * @returns false when the run is over
   * @throws CoderoomError `conflict` when the run takes none; and as `call`
   */
  input(executionId: string, text: string, options?: { readonly end?: boolean }): Promise<boolean>;

  /** Ends a run. @returns whether there was something to end @throws CoderoomError as `call` */
  cancel(executionId: string): Promise<boolean>;

  /**
   * Gets what is missing here of a run: output and outcome of one from before joining.
   * @throws CoderoomError as `call`
   */
  load(executionId: string): Promise<RunView>;

  /**
   * Resolves with all of a run when it has ended, at once when it already has; waits through lost connections.
   * @throws CoderoomError `not_found`; `room_unavailable` when the room, or the client, is left or closed meanwhile
   */
  finished(executionId: string): Promise<RunView>;

  /** Opens the document of the file with this path. @throws CoderoomError `not_found` */
  openPath(path: string): RoomDocument;

  /**
   * Whether oneself may do that with a file as things stand: by role, or by rules by path.
   * @param fileId left out: whether one may make files, somewhere at least
   */
  may(right: 'write' | 'delete', fileId?: string): boolean;

  /** For its owner: people, settings, rules by path. */
  readonly manage: RoomManagement;

  /** Leaves; the room is `left` from then on, whatever the server answers. */
  leave(): Promise<void>;
}

/**
 * - `opening`: asking the server · `open`: live
 * - `offline`: no connection; editing goes on and is merged later
 * - `refused`: for good, see `error`; the text stays readable in `doc`
 * - `closed`: by us
 */
export type DocumentPhase = 'opening' | 'open' | 'offline' | 'refused' | 'closed';

export interface DocumentStatus {
  readonly phase: DocumentPhase;
  readonly canWrite: boolean;
  /** `saved`: the server has committed everything · `saving`: it is about to · `not_saved`: something is in the way. */
  readonly saved: 'saved' | 'saving' | 'not_saved';
  /** Own edits (Yjs updates) that are not acknowledged yet. */
  readonly pending: number;
  /** The text has been received; false only before the first sync. */
  readonly synced: boolean;
  /** Why it is refused, or why edits are not saved. */
  readonly error?: CoderoomError;
}

/** One file's text, shared live. Bind an editor to `text` and `awareness`. */
export interface RoomDocument {
  readonly fileId: string;
  readonly doc: Y.Doc;
  readonly text: Y.Text;
  /** One's own state is sent, with the server's `user` on it; others' states come and go with the connection. */
  readonly awareness: Awareness;
  readonly status: DocumentStatus;

  /** Follows the status. @returns what takes the listener away */
  onStatus(listener: (status: DocumentStatus) => void): Unsubscribe;

  /** Resolves after the first sync; waits for the connection. @throws CoderoomError when refused or closed */
  ready(): Promise<void>;

  /**
   * Resolves when everything typed until now is committed by the server; waits for the connection.
   * @throws CoderoomError when it cannot be: `read_only`, `lineage_changed`, `too_large`, …, or closed
   */
  saved(): Promise<void>;

  /** Gives the document back; what is typed and not yet sent goes out first. The last holder's call closes it. */
  close(): void;
}
