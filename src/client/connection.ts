// The one socket of a client: when it connects, what state it is in, and every call that waits for its answer.
//
// Invariant: a call is settled by its answer, its timeout or the loss of the connection, whichever comes first; nothing
// is kept to be sent on a later connection, because only rooms and documents know what is still true by then.
// Socket.io’s own reconnection is off: it neither tells when it will try nor takes a time from the server.
import { io, type Socket } from 'socket.io-client';
import type {
  CommandInput,
  CommandName,
  CommandOutput,
  EventName,
  EventPayload,
  SocketCallName,
  SocketCalls,
} from '../protocol/index.ts';
import { readAnswer } from './answer.ts';
import type { ConnectionState, ConnectOptions, StateInfo } from './api.ts';
import { backOff } from './back-off.ts';
import { browserEvents } from './browser-events.ts';
import { withBytes } from './bytes.ts';
import { Credentials } from './credentials.ts';
import { asCoderoomError, CoderoomError, fromWire, isErrorLike, offline, signInOver } from './errors.ts';

/** Milliseconds for an answer; see ConnectOptions. */
const CALL_TIMEOUT_MS = 10_000;
/** Milliseconds for one attempt to connect, the server’s greeting included. */
const ATTEMPT_MS = 15_000;
/** Milliseconds; a server that asks to stay away for longer is not believed. */
const LONGEST_DRAIN_MS = 120_000;
/** Milliseconds that closing waits for what is still in the socket’s buffer. */
const CLOSE_MS = 2_000;
/** Milliseconds a connection has to last before the waits start again from the shortest. */
const STABLE_MS = 5_000;
/** Codes with which a server refuses a connection for good. */
const FINAL_CODES: ReadonlySet<string> = new Set(['unauthenticated', 'session_ended']);

type Timer = ReturnType<typeof setTimeout>;

export type CallName = CommandName | SocketCallName;
export type CallInput<N extends CallName> = N extends CommandName
  ? CommandInput<N>
  : N extends SocketCallName
    ? SocketCalls[N]['input']['_zod']['input']
    : never;
export type CallOutput<N extends CallName> = N extends CommandName
  ? CommandOutput<N>
  : N extends SocketCallName
    ? SocketCalls[N]['output']['_zod']['output']
    : never;

/** An event with its name, so that a switch over the name knows the payload. */
export type ServerEvent = { [N in EventName]: { readonly name: N; readonly payload: EventPayload<N> } }[EventName];

/** What the owner of a connection is told. */
export interface ConnectionHooks {
  state(state: ConnectionState, info?: StateInfo): void;
  /** Calls can be made from now on; the server knows nothing of rooms and documents yet. */
  up(): void;
  /** The server has forgotten this connection’s rooms and documents. */
  down(): void;
  /** The server gave a sign of life, which it does every 15 s. */
  alive(): void;
  event(event: ServerEvent): void;
}

interface Call {
  send(): void;
  fail(error: CoderoomError): void;
}

export class Connection {
  readonly #socket: Socket;
  readonly #hooks: ConnectionHooks;
  readonly #credentials: Credentials;
  readonly #timeoutMs: number;
  readonly #calls = new Set<Call>();
  #state: ConnectionState = 'connecting';
  #failures = 0;
  /** `performance.now()` of the latest connect. */
  #upSince = 0;
  /** When the next attempt is due, and when the one under way has failed. */
  #retry: Timer | undefined;
  #attempt: Timer | undefined;
  /** Until when a draining server asked us to stay away; `performance.now()` time. */
  #drainUntil: number | undefined;

  constructor(options: ConnectOptions, hooks: ConnectionHooks) {
    this.#hooks = hooks;
    this.#credentials = new Credentials(options.token);
    this.#timeoutMs = options.timeoutMs ?? CALL_TIMEOUT_MS;
    this.#socket = io(options.url, {
      transports: [...(options.transports ?? ['websocket', 'polling'])],
      tryAllTransports: true,
      forceNew: true,
      autoConnect: false,
      reconnection: false,
      timeout: ATTEMPT_MS,
    });
    this.#socket.on('connect', () => this.#connected());
    this.#socket.on('connect_error', (error) => this.#refused(error));
    this.#socket.on('disconnect', (reason) => this.#disconnected(reason));
    this.#socket.io.on('ping', () => hooks.alive());
    this.#socket.onAny((name: EventName, payload: unknown) => this.#received(name, payload));
    browserEvents?.addEventListener?.('online', this.#networkIsBack);
    this.#connect();
  }

  get state(): ConnectionState {
    return this.#state;
  }

  /** Whether a call would be sent now; true while the server drains, until it hangs up. */
  get isUp(): boolean {
    return this.#socket.connected;
  }

  /**
   * Makes a call; see Client.call.
   * @param timeoutMs `Infinity` for answers that may rightly take long: the loss of the connection still ends it
   */
  request<N extends CallName>(name: N, input: CallInput<N>, timeoutMs = this.#timeoutMs): Promise<CallOutput<N>> {
    return new Promise((resolve, reject) => {
      let timer: Timer | undefined;
      const settle = (): boolean => {
        clearTimeout(timer);
        return this.#calls.delete(call);
      };
      const call: Call = {
        fail: (error) => void (settle() && reject(error)),
        send: () =>
          void this.#socket.emit(name, input, (answer: unknown) => {
            if (settle()) readAnswer(answer, resolve as (data: unknown) => void, reject);
          }),
      };
      this.#calls.add(call);
      if (this.isUp) call.send();
      else if (this.#state !== 'connecting') return call.fail(offline());
      if (timeoutMs === Number.POSITIVE_INFINITY) return;
      const late = (): void => call.fail(new CoderoomError('timeout', `${name} was not answered in time.`));
      timer = setTimeout(late, timeoutMs);
    });
  }

  /** Sends a message whose answer nobody needs; without a connection it is dropped. */
  send<N extends SocketCallName>(name: N, input: CallInput<N>): void {
    if (this.isUp) this.#socket.emit(name, input);
  }

  /** Tries at once, unless there is a connection or none will ever be. */
  retryNow(): void {
    if (this.#retry === undefined || this.isUp) return;
    this.#failures = 0;
    this.#connect();
  }

  async close(): Promise<void> {
    const engine = this.#socket.io.engine;
    const busy = this.isUp && engine.readyState !== 'closed';
    this.#end();
    if (!busy || engine.readyState === 'closed') return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, CLOSE_MS);
      engine.once('close', () => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  readonly #networkIsBack = (): void => this.retryNow();

  #connect(): void {
    this.#clearTimers();
    this.#drainUntil = undefined;
    this.#attempt = setTimeout(() => {
      this.#socket.disconnect();
      this.#scheduleRetry(new CoderoomError('timeout', 'The server did not answer in time.'));
    }, ATTEMPT_MS);
    this.#setState('connecting');
    const token = this.#credentials.next();
    if (typeof token === 'string') this.#open(token);
    else void this.#openWith(token, this.#attempt);
  }

  async #openWith(token: Promise<string>, attempt: Timer): Promise<void> {
    try {
      const found = await token;
      if (this.#attempt === attempt) this.#open(found);
    } catch (error) {
      if (this.#attempt === attempt) this.#failed(asCoderoomError(error));
    }
  }

  #open(token: string): void {
    this.#socket.auth = { token };
    this.#socket.connect();
  }

  #connected(): void {
    this.#clearTimers();
    this.#credentials.accepted();
    this.#upSince = performance.now();
    const waiting = [...this.#calls];
    this.#setState('online');
    this.#hooks.up();
    for (const call of waiting) if (this.#calls.has(call)) call.send();
  }

  #refused(error: Error & { data?: unknown }): void {
    if (this.#state === 'ended') return;
    const reason = isErrorLike(error.data) ? fromWire(error.data) : offline(`The server could not be reached.`);
    if (FINAL_CODES.has(reason.code) && this.#credentials.refused()) this.#connect();
    else this.#failed(reason);
  }

  #failed(reason: CoderoomError): void {
    if (FINAL_CODES.has(reason.code)) this.#end(reason);
    else if (this.#attempt !== undefined) this.#scheduleRetry(reason);
  }

  #disconnected(reason: string): void {
    // Socket.io keeps what is emitted on a connection that is as good as dead, and would send it on the next one.
    this.#socket.sendBuffer = [];
    if (this.#state === 'ended') return;
    if (performance.now() - this.#upSince >= STABLE_MS) this.#failures = 0;
    this.#failCalls(offline('The connection was lost.'));
    this.#hooks.down();
    // Hung up by us, to connect at once: the drain is over.
    if (reason === 'io client disconnect') return;
    this.#scheduleRetry(offline(`The connection was lost (${reason}).`));
  }

  #scheduleRetry(error: CoderoomError): void {
    this.#clearTimers();
    this.#failCalls(error);
    const draining = this.#drainUntil !== undefined;
    const due = draining ? Math.max(0, this.#drainUntil! - performance.now()) : backOff(this.#failures++);
    this.#retry = setTimeout(() => this.#connect(), due);
    this.#setState(draining ? 'draining' : 'offline', { retryInMs: Math.round(due), error });
  }

  #received(name: EventName, payload: unknown): void {
    const event = { name, payload: withBytes(payload) } as ServerEvent;
    if (event.name === 'session.ended') return this.#signInOver(event.payload.reason);
    if (event.name === 'server.draining') this.#drain(event.payload.reconnectAfterMs);
    this.#hooks.event(event);
  }

  /** The server hangs up; with another token we come back. */
  #signInOver(reason: EventPayload<'session.ended'>['reason']): void {
    if (reason !== 'expired' || !this.#credentials.expired()) this.#end(signInOver(reason));
  }

  /** The server goes on serving until it hangs up; if it has not by the given time, we do. */
  #drain(reconnectAfterMs: number): void {
    if (this.#state === 'ended') return;
    const wait = Math.min(LONGEST_DRAIN_MS, Math.max(0, reconnectAfterMs || 0));
    this.#clearTimers();
    this.#drainUntil = performance.now() + wait;
    this.#retry = setTimeout(() => {
      this.#socket.disconnect();
      this.#connect();
    }, wait);
    this.#setState('draining', { retryInMs: wait });
  }

  #end(error?: CoderoomError): void {
    if (this.#state === 'ended') return;
    this.#clearTimers();
    browserEvents?.removeEventListener?.('online', this.#networkIsBack);
    const wasUp = this.isUp;
    this.#setState('ended', error && { error });
    this.#socket.disconnect();
    this.#failCalls(error ?? offline('The client was closed.'));
    if (wasUp) this.#hooks.down();
  }

  #failCalls(error: CoderoomError): void {
    const reason = error.code === 'offline' || FINAL_CODES.has(error.code) ? error : offline(error.message);
    for (const call of this.#calls) call.fail(reason);
  }

  #setState(state: ConnectionState, info?: StateInfo): void {
    this.#state = state;
    this.#hooks.state(state, info);
  }

  #clearTimers(): void {
    clearTimeout(this.#retry);
    clearTimeout(this.#attempt);
    this.#retry = undefined;
    this.#attempt = undefined;
  }
}
