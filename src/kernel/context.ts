// What a handler is given: who calls, in which room, and the ways to leave something behind.
import type { Transaction } from 'kysely';
import type { Tables } from '../db/tables.ts';
import type { User } from '../protocol/identity.ts';
import type { EventName, EventPayload } from '../protocol/index.ts';
import type { Caller, RoomPart } from './caller.ts';
import type { Fact } from './facts.ts';
import type { PathRights } from './path-rights.ts';

/** The room a command acts in, and what the caller is there. */
export interface RoomScope extends RoomPart {
  readonly roomId: string;
  readonly ownerId: string;
  /** Set where the command names a file. */
  readonly file: { readonly id: string; readonly path: string } | undefined;
  /** Set where the command names a run. */
  readonly execution: { readonly id: string; readonly userId: string | null } | undefined;
}

export interface Context {
  readonly caller: Caller;
  /** The signed-in user; throws `unauthenticated` in a command for anyone. */
  readonly user: User;
  /** Throws in a command that names no room. */
  readonly room: RoomScope;
}

/** Everybody in a room, by its id; or those there who may read all of these paths. */
export type Audience = string | { readonly roomId: string; readonly paths: readonly string[] };

/** The context of a handler that runs in a transaction. */
export interface TransactionContext extends Context {
  readonly trx: Transaction<Tables>;
  /** For commands that find out who calls: from here on the rows of this user are there, and facts are written in their name. */
  readonly actAs: (userId: string) => Promise<void>;
  /** Writes the audit and feed rows that the fact's rule asks for, in this transaction. */
  readonly record: (fact: Fact) => Promise<void>;
  /** Sends an event to everybody in the room, after the commit. */
  readonly publish: <N extends EventName>(event: N, to: Audience, payload: EventPayload<N>) => void;
  /** Runs after the commit and before the events go out; must not throw. */
  readonly afterCommit: (act: () => void) => void;
}

/** One of the calls that share a transaction. */
export interface SharedCall<I = unknown> {
  readonly caller: Caller;
  readonly user: User;
  readonly input: I;
  /** Notes a fact of this call; its rows are written at the end, with those of the others. */
  readonly record: (fact: Fact) => void;
}

/** The context of a handler of calls that came together. */
export interface SharedContext<I = unknown> extends Pick<TransactionContext, 'trx' | 'publish' | 'afterCommit'> {
  readonly calls: readonly SharedCall<I>[];
  /** Runs when the transaction fails, the commit included; must not throw. */
  readonly ifItFails: (act: () => void) => void;
}

/** The context of a handler that waits for something slow and opens short transactions itself. */
export interface SlowContext extends Context {
  /** A transaction with everything that belongs to one: facts, events, commit. */
  readonly transaction: <T>(work: (context: TransactionContext) => Promise<T>) => Promise<T>;
}

/** Who is signed in no more: some sign-in sessions, or a user with all of theirs. */
export type Revoked = { readonly sessionIds: readonly string[] } | { readonly userId: string };

/** The port to open connections whose right to be open is gone. */
export interface Revocations {
  /** Ends their open connections on all nodes, after the commit. Must not throw. */
  revoked(gone: Revoked): void;
}

/** The port to everybody's sockets, on all nodes. */
export interface Publisher {
  /** To everybody in a room. */
  publish<N extends EventName>(event: N, to: Audience, payload: EventPayload<N>): void;
  /** To every connection of a user. */
  publishTo<N extends EventName>(event: N, userId: string, payload: EventPayload<N>): void;
  /** From now on the connections of this user speak under this name. */
  introduce(user: User): void;
  /** From now on the connections of a user in a room receive what these rights let them. */
  restrict(roomId: string, userId: string, files: PathRights): void;
  /** From now on nobody receives the events of the room, or none of a user's connections does; their documents close. */
  dismiss(roomId: string, userId?: string): void;
}
