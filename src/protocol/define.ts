// How a command, a socket call and an event are declared. Declarations are data: the server serves them, the client is
// typed by them, the documents at /docs are generated from them, and tests enumerate them.
import type { z } from 'zod';
import type { Scope } from './scopes.ts';

/** What a member may do in a room; kernel/access.ts says which role may. */
export type Action =
  | 'room.read'
  | 'room.leave'
  | 'room.manage'
  | 'room.reopen'
  | 'settings.read'
  | 'file.read'
  | 'file.write'
  | 'file.delete'
  | 'run.start'
  | 'run.cancel'
  | 'load.read';

/** Where a command's input names the room it acts in: directly, or through a file or a run of that room. */
export type RoomReference = 'roomId' | 'fileId' | 'executionId';

export type Access =
  | { readonly scope: 'anyone' }
  | { readonly scope: 'user'; readonly token?: Scope }
  /** Those who can sign in again: neither guests nor bots. */
  | { readonly scope: 'account' }
  /** Administrators of the server. */
  | { readonly scope: 'admin' }
  | { readonly scope: 'room'; readonly via: RoomReference; readonly action: Action };

export interface HttpRoute {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Fastify syntax; every `:name` is a field of the input. */
  readonly path: string;
}

export interface RateLimit {
  /** Calls allowed within a minute, counted per user, or per address where nobody is signed in. */
  readonly perMinute: number;
}

/**
 * A command. Its schemas are plain objects: fields that are not declared are dropped, in the input and in the answer, at
 * any depth. (Refusing them would break older servers for newer clients; letting them through would let columns leak.)
 */
export interface Command<I extends z.ZodType = z.ZodType, O extends z.ZodType = z.ZodType> {
  readonly name: string;
  readonly summary: string;
  readonly access: Access;
  readonly http: HttpRoute;
  /** A mutating command leaves at least one fact (audit, feed) in its transaction. */
  readonly mutates: boolean;
  /**
   * False: the handler runs outside a transaction, because it waits for something slow, and opens short ones itself.
   * `shared`: calls that come together are handled together, in one.
   */
  readonly transaction: boolean | 'shared';
  readonly rate: RateLimit;
  readonly input: I;
  readonly output: O;
}

/** A call that exists on Socket.io only, because it carries Yjs bytes or belongs to one connection. */
export interface SocketCall<I extends z.ZodType = z.ZodType, O extends z.ZodType = z.ZodType> {
  readonly name: string;
  readonly summary: string;
  readonly input: I;
  readonly output: O;
}

export interface EventDefinition<P extends z.ZodType = z.ZodType> {
  readonly name: string;
  readonly summary: string;
  readonly payload: P;
}

type Optional = 'mutates' | 'transaction' | 'rate';

/** Gives a command its full declaration; `mutates`, `transaction` and `rate` have the defaults of a plain read. */
export function command<I extends z.ZodType, O extends z.ZodType, const T extends boolean | 'shared' = true>(
  declared: Omit<Command<I, O>, Optional> & Partial<Pick<Command, 'mutates' | 'rate'>> & { readonly transaction?: T },
): Command<I, O> & { readonly transaction: T } {
  return { mutates: false, rate: { perMinute: 3000 }, ...declared, transaction: (declared.transaction ?? true) as T };
}

export function socketCall<I extends z.ZodType, O extends z.ZodType>(declared: SocketCall<I, O>): SocketCall<I, O> {
  return declared;
}

export function event<P extends z.ZodType>(declared: EventDefinition<P>): EventDefinition<P> {
  return declared;
}

/** What every call is answered with. */
export type Answer<T> =
  | { readonly ok: true; readonly data: T }
  | { readonly ok: false; readonly error: import('./errors.ts').WireError };
