// Who one is here, and the one connection that goes with it. The browser remembers the name; what proves it is a cookie that
// no script can read, and a token in memory that holds for minutes.
import { signal } from '@preact/signals';
import {
  beGuest,
  type Client,
  CoderoomError,
  type ConnectionState,
  connect,
  logIn,
  logInByCode,
  type NewAccount,
  register,
  resume,
  type SignIn,
  type User,
} from '../client/index.ts';
import { remembered, write } from './storage.ts';

export interface Session {
  readonly user: User;
}

/** The server's limit (`DISPLAY_NAME_LENGTH`). */
export const NAME_LENGTH = 50;

export const session = remembered<Session | null>('coderoom.person', null, isSession);
// Where earlier pages kept a token.
write('coderoom.session', null);

/** The name typed last; outlives the session. */
export const lastName = remembered<string>('coderoom.name', '', (value) => typeof value === 'string');

export interface Connection {
  readonly state: ConnectionState;
  /** `performance.now()` at the next attempt. */
  readonly retryAt?: number;
  readonly error?: CoderoomError;
}

export const connection = signal<Connection>({ state: 'connecting' });

/** Why the server ended the last session, for the screen that asks for the name again. */
export const signedOut = signal<CoderoomError | undefined>(undefined);

const COOKIE = { cookie: true } as const;

let current: { readonly userId: string; readonly client: Client } | undefined;
/** Under way, or there; undefined until the cookie is asked for what it knows. */
let signedIn: Promise<SignIn> | undefined;

/**
 * The connection of the one who is signed in; made when first needed, shared by everything on the page.
 * @throws when nobody is signed in
 */
export function client(): Client {
  const userId = session.value?.user.id;
  if (userId === undefined) throw new Error('nobody is signed in');
  if (current?.userId === userId) return current.client;
  void current?.client.close();
  current = { userId, client: open(userId) };
  return current.client;
}

/**
 * Becomes a guest under this name.
 * @throws CoderoomError
 */
export function signIn(displayName: string): Promise<void> {
  return become(() => beGuest(location.origin, displayName.trim(), COOKIE));
}

/** @throws CoderoomError `wrong_credentials`, `rate_limited`, … */
export function logInAs(login: string, password: string): Promise<void> {
  return become(() => logIn(location.origin, { login, password }, COOKIE));
}

/**
 * Signs in with the code that was sent to a telephone. A number that has no account gets one: the guest who is here becomes
 * it, with all that is theirs, else it is a new one under the name.
 * @throws CoderoomError `wrong_credentials`, `invalid_input` about `displayName` when that is needed, …
 */
export async function enterByCode(who: { phone: string; code: string; displayName?: string }): Promise<void> {
  const guest = session.peek()?.user.kind === 'guest' ? await signedInAs().catch(() => undefined) : undefined;
  return become(() => logInByCode(location.origin, who, { ...COOKIE, guest }));
}

/**
 * Makes an account: of the guest who is here, with all that is theirs, else a new one.
 * @throws CoderoomError `conflict` when the name is taken, `invalid_input`, …
 */
export async function signUp(wish: NewAccount): Promise<void> {
  if (!session.peek()) return become(() => register(location.origin, wish, COOKIE));
  const known = await signedInAs();
  await known.upgrade(wish);
  session.value = { user: known.user };
}

/** Ends the session. A guest's rooms cannot be reached under it any more; an account's wait for the next log-in. */
export async function signOut(): Promise<void> {
  const known = await signedInAs().catch(() => undefined);
  await leave();
  await known?.logOut();
}

/** Nobody is signed in here any more: the server has ended the session by itself. */
export async function forget(): Promise<void> {
  lastName.value = '';
  await leave();
  signedOut.value = undefined;
}

/** What was signed in before ends: nobody can go back to it, because the cookie is another one's now. */
async function become(enter: () => Promise<SignIn>): Promise<void> {
  const before = session.peek() ? await signedInAs().catch(() => undefined) : undefined;
  const next = await enter();
  await before?.leave();
  await leave();
  signedIn = Promise.resolve(next);
  lastName.value = next.user.displayName;
  signedOut.value = undefined;
  session.value = { user: next.user };
}

async function leave(): Promise<void> {
  const closing = current?.client;
  current = undefined;
  signedIn = undefined;
  session.value = null;
  await closing?.close();
}

/** After a reload the cookie says who one is. */
function signedInAs(): Promise<SignIn> {
  if (!signedIn) {
    const resuming = resume(location.origin);
    signedIn = resuming;
    // No network now is no reason not to ask again.
    resuming.catch(() => {
      if (signedIn === resuming) signedIn = undefined;
    });
  }
  return signedIn;
}

/** The token of whoever was here when the connection was made: another tab may have signed somebody else in. */
async function tokenOf(userId: string, refused: string | undefined): Promise<string> {
  const known = await signedInAs();
  if (known.user.id === userId) return known.fresh(refused);
  throw new CoderoomError('session_ended', 'Somebody else has signed in in this browser.');
}

function open(userId: string): Client {
  const opened = connect({ url: location.origin, token: { fresh: (refused) => tokenOf(userId, refused) } });
  connection.value = { state: opened.state };
  opened.onState((state, info) => {
    if (current?.client !== opened) return;
    connection.value = {
      state,
      ...(info?.retryInMs !== undefined && { retryAt: performance.now() + info.retryInMs }),
      ...(info?.error && { error: info.error }),
    };
    // A session that the server does not know any more is of no use; the name is asked for again.
    if (state === 'ended' && info?.error) {
      signedOut.value = info.error;
      signedIn = undefined;
      session.value = null;
    }
  });
  return opened;
}

function isSession(value: unknown): boolean {
  const { user } = (value ?? {}) as { user?: { id?: unknown; displayName?: unknown; kind?: unknown } };
  return typeof user?.id === 'string' && typeof user.displayName === 'string' && typeof user.kind === 'string';
}
