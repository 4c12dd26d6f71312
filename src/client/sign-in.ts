// Being signed in: a short-lived token that is renewed ahead of time, for as long as the session lasts.
import type { SignedInAnswer, User } from '../protocol/identity.ts';
import type { CommandInput, CommandOutput } from '../protocol/index.ts';
import type { Unsubscribe } from './api.ts';
import { Emitter } from './emitter.ts';
import { asCoderoomError, CoderoomError } from './errors.ts';
import { type HttpAnswer, post } from './http-call.ts';
import type { TokenSource } from './token-source.ts';

/** Part of a token’s time after which the next one is asked for. */
const RENEW_AFTER = 2 / 3;
/** Milliseconds: a token with less time than this is renewed before it is used. */
const TOO_SHORT_MS = 30_000;
/** Milliseconds between two renewals that nobody asked for, and after one that failed. */
const LEAST_WAIT_MS = 20_000;
/** Milliseconds; what timers take at most. */
const LONGEST_WAIT_MS = 2 ** 31 - 1;
/** The session is over; nothing but signing in again helps. */
const OVER: ReadonlySet<string> = new Set(['session_ended', 'unauthenticated']);

export interface SignInOptions {
  /** In a browser, on the server’s own page: the refresh token is kept in a cookie that no script can read. */
  readonly cookie?: boolean;
}

export type NewAccount = CommandInput<'account.register'>;

/** Somebody who is signed in. Give it to `connect` as the token. */
export interface SignIn extends TokenSource {
  readonly user: User;
  /** As it is now; it changes every few minutes. */
  readonly token: string;
  /** For `resume` later; works once, so take it anew with every `renewed`. Undefined where a cookie has it. */
  readonly refreshToken: string | undefined;
  /** `renewed`: token and refresh token are others now. `ended`: the session is over. @returns takes the listener away */
  onChange(listener: (what: 'renewed' | 'ended', error?: CoderoomError) => void): Unsubscribe;
  /** Turns a guest into an account; the session goes on. @throws CoderoomError `conflict` when the name is taken, … */
  upgrade(wish: NewAccount): Promise<void>;
  /** Ends the session, also in the cookie. */
  logOut(): Promise<void>;
  /** Ends the session and leaves the cookie alone: it is another one’s by now. */
  leave(): Promise<void>;
  /** Renews no more; the session stays. */
  close(): void;
}

interface Entry extends SignInOptions {
  readonly body: object;
  readonly token?: string | undefined;
}

const signIn = async (url: string, path: string, { body, token, cookie }: Entry) =>
  new LiveSignIn(await post<SignedInAnswer>({ url, path, body, token, cookie }), { url, cookie: cookie === true });

/** Makes an account and signs in. @throws CoderoomError `conflict` when the name is taken, `invalid_input`, … */
export function register(url: string, wish: NewAccount, options: SignInOptions = {}): Promise<SignIn> {
  return signIn(url, '/api/account', { body: wish, ...options });
}

/** Signs in with a name or an e-mail address. @throws CoderoomError `wrong_credentials`, `rate_limited`, … */
export function logIn(url: string, who: CommandInput<'account.login'>, options: SignInOptions = {}): Promise<SignIn> {
  return signIn(url, '/api/session/login', { body: who, ...options });
}

/** Has a code sent to a telephone, for `logInByCode`. @throws CoderoomError `rate_limited` with details.retryAfterMs, … */
export async function requestCode(url: string, phone: string): Promise<CommandOutput<'phone.requestCode'>> {
  return (await post<CommandOutput<'phone.requestCode'>>({ url, path: '/api/phone/code', body: { phone } })).data;
}

export interface CodeOptions extends SignInOptions {
  /** A guest who becomes the account, and keeps everything, where the number has none yet. Their session ends. */
  readonly guest?: SignIn | undefined;
}

/**
 * Signs in with the code that was sent to a telephone. A number without an account gets one under `displayName`.
 * @throws CoderoomError `wrong_credentials`; `invalid_input` about `displayName` when that is needed, then the code is still
 *   good; `rate_limited`, …
 */
export async function logInByCode(
  url: string,
  who: CommandInput<'phone.verifyCode'>,
  { guest, ...options }: CodeOptions = {},
): Promise<SignIn> {
  return signIn(url, '/api/session/phone', { body: who, token: await guest?.fresh(), ...options });
}

/** Becomes a guest whose token is renewed. */
export function beGuest(url: string, displayName: string, options: SignInOptions = {}): Promise<SignIn> {
  return signIn(url, '/api/guests', { body: { displayName, renewable: true }, ...options });
}

/**
 * Goes on with a session.
 * @param refreshToken kept from before; left out where a cookie has it
 * @throws CoderoomError `session_ended`, `offline`, …
 */
export function resume(url: string, refreshToken?: string): Promise<SignIn> {
  const cookie = refreshToken === undefined;
  return signIn(url, '/api/session/refresh', { body: { refreshToken, rotate: !cookie }, cookie });
}

/** Another tab has signed in, and the cookie is that one’s. */
const replaced = (): CoderoomError =>
  new CoderoomError('session_ended', 'Somebody else has signed in in this browser.');

class LiveSignIn implements SignIn {
  readonly #url: string;
  readonly #cookie: boolean;
  readonly #changes = new Emitter<['renewed' | 'ended', CoderoomError?]>();
  #answer: SignedInAnswer;
  /** By the clock here. */
  #expiresAt = 0;
  #renewing: Promise<void> | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #ended: CoderoomError | undefined;

  constructor(answer: HttpAnswer<SignedInAnswer>, { url, cookie }: { url: string; cookie: boolean }) {
    this.#url = url;
    this.#cookie = cookie;
    this.#answer = answer.data;
    this.#take(answer);
  }

  get user(): User {
    return this.#answer.user;
  }

  get token(): string {
    return this.#answer.token;
  }

  get refreshToken(): string | undefined {
    return this.#answer.refreshToken;
  }

  onChange(listener: (what: 'renewed' | 'ended', error?: CoderoomError) => void): Unsubscribe {
    return this.#changes.on(listener);
  }

  async fresh(refused?: string): Promise<string> {
    if (this.#ended) throw this.#ended;
    if (refused === this.token || this.#expiresAt - Date.now() < TOO_SHORT_MS)
      await this.#renew(refused === this.token);
    return this.token;
  }

  async upgrade(wish: NewAccount): Promise<void> {
    const token = await this.fresh();
    const call = { url: this.#url, path: '/api/account/upgrade', body: wish, token, cookie: this.#cookie };
    this.#take(await post<SignedInAnswer>(call));
    this.#changes.emit('renewed');
  }

  logOut(): Promise<void> {
    return this.#leave(this.#cookie);
  }

  leave(): Promise<void> {
    return this.#leave(false);
  }

  async #leave(cookie: boolean): Promise<void> {
    this.close();
    const { refreshToken } = this;
    const call = { url: this.#url, path: '/api/session/logout', body: { refreshToken }, cookie };
    await post({ ...call, token: this.token }).catch((thrown: unknown) => {
      // It is over already, which is what was wanted.
      if (!OVER.has(asCoderoomError(thrown).code)) throw thrown;
    });
    this.#end(new CoderoomError('session_ended', 'Logged out.'));
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  /** @param rotate asks for another token also where this one has time left */
  #renew(rotate: boolean): Promise<void> {
    this.#renewing ??= this.#ask(rotate).finally(() => {
      this.#renewing = undefined;
    });
    return this.#renewing;
  }

  async #ask(rotate: boolean): Promise<void> {
    const body = { refreshToken: this.refreshToken, rotate: rotate || !this.#cookie };
    try {
      const call = { url: this.#url, path: '/api/session/refresh', body, cookie: this.#cookie };
      const answer = await post<SignedInAnswer>(call);
      if (answer.data.user.id !== this.user.id) throw replaced();
      this.#take(answer);
    } catch (thrown) {
      const error = asCoderoomError(thrown);
      if (OVER.has(error.code)) this.#end(error);
      else this.#schedule(LEAST_WAIT_MS);
      throw error;
    }
    this.#changes.emit('renewed');
  }

  #take({ data, aheadMs }: HttpAnswer<SignedInAnswer>): void {
    this.#answer = data;
    this.#expiresAt = Date.parse(data.expiresAt) - aheadMs;
    this.#schedule((this.#expiresAt - Date.now()) * RENEW_AFTER);
  }

  #schedule(waitMs: number): void {
    clearTimeout(this.#timer);
    const due = Math.min(LONGEST_WAIT_MS, Math.max(LEAST_WAIT_MS, waitMs));
    this.#timer = setTimeout(() => void this.#renew(false).catch(() => undefined), due);
    // A program that is done does not stay for its token.
    (this.#timer as { unref?: () => void }).unref?.();
  }

  #end(error: CoderoomError): void {
    if (this.#ended) return;
    this.close();
    this.#ended = error;
    this.#changes.emit('ended', error);
  }
}
