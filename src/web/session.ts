// Who one is here: a guest's token and name, kept in the browser, and the one connection that goes with the token.
import { signal } from '@preact/signals';
import {
  type Client,
  type CoderoomError,
  type ConnectionState,
  connect,
  createGuest,
  type User,
} from '../client/index.ts';
import { remembered } from './storage.ts';

export interface Session {
  readonly token: string;
  readonly user: User;
}

/** The server's limit (`DISPLAY_NAME_LENGTH`). */
export const NAME_LENGTH = 50;

export const session = remembered<Session | null>('coderoom.session', null, isSession);

/** The name typed last; outlives the token. */
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

let current: { readonly token: string; readonly client: Client } | undefined;

/**
 * The connection of the one who is signed in; made when first needed, shared by everything on the page.
 * @throws when nobody is signed in
 */
export function client(): Client {
  const token = session.value?.token;
  if (token === undefined) throw new Error('nobody is signed in');
  if (current?.token === token) return current.client;
  void current?.client.close();
  current = { token, client: open(token) };
  return current.client;
}

/**
 * Becomes a guest under this name and remembers it.
 * @throws CoderoomError
 */
export async function signIn(displayName: string): Promise<void> {
  const name = displayName.trim();
  const { token, user } = await createGuest(location.origin, name);
  lastName.value = user.displayName;
  signedOut.value = undefined;
  session.value = { token, user };
}

/** Forgets the token. A guest's rooms cannot be reached under it from this browser any more. */
export async function signOut(): Promise<void> {
  const closing = current?.client;
  current = undefined;
  session.value = null;
  await closing?.close();
}

function open(token: string): Client {
  const opened = connect({ url: location.origin, token });
  connection.value = { state: opened.state };
  opened.onState((state, info) => {
    if (current?.client !== opened) return;
    connection.value = {
      state,
      ...(info?.retryInMs !== undefined && { retryAt: performance.now() + info.retryInMs }),
      ...(info?.error && { error: info.error }),
    };
    // A token that the server does not know any more is of no use; the name is asked for again.
    if (state === 'ended' && info?.error) {
      signedOut.value = info.error;
      session.value = null;
    }
  });
  return opened;
}

function isSession(value: unknown): boolean {
  const { token, user } = (value ?? {}) as { token?: unknown; user?: { id?: unknown; displayName?: unknown } };
  return typeof token === 'string' && typeof user?.id === 'string' && typeof user.displayName === 'string';
}
