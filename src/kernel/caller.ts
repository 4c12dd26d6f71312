// Who calls a command, how they proved who they are, and from where.
import type { User } from '../protocol/identity.ts';
import type { Role } from '../protocol/ids.ts';
import type { Scope } from '../protocol/scopes.ts';
import type { PathRights } from './path-rights.ts';

/** What somebody is in a room. */
export interface RoomPart {
  readonly role: Role;
  /** Their colour there: an index into the palette. */
  readonly color: number;
  /** What they may do with which files there. */
  readonly files: PathRights;
}

/** The socket a call came over; commands over HTTP have none. */
export interface Connection {
  readonly id: string;
  /** From now on the connection receives the room's events, as far as its user may read what they are about. Idempotent. */
  enter(roomId: string, part: RoomPart): void;
  exit(roomId: string): void;
}

/** Where somebody is signed in: a browser or a program; or the token of a bot or script, under the id of that token. */
export interface SignInSession {
  readonly id: string;
  /** When the token that was shown expires: milliseconds since 1970. The session itself may go on with another. */
  readonly expiresAt: number;
}

/** What the token of a bot or script is limited to. */
export interface TokenGrant {
  readonly scopes: readonly Scope[];
  /** The only room it can enter; undefined: all that its user may. */
  readonly roomId: string | undefined;
  /** Whose bot the user is; undefined for a person's own token. */
  readonly ownerId: string | undefined;
}

/** Who a token stands for. */
export interface SignedIn {
  readonly user: User;
  readonly session: SignInSession | undefined;
  /** Undefined for those who signed in themselves: they may do all that they may. */
  readonly grant?: TokenGrant | undefined;
}

/** Who calls, from where. */
export interface Caller {
  readonly user: User | undefined;
  /** Undefined where nobody is signed in. */
  readonly session: SignInSession | undefined;
  readonly grant?: TokenGrant | undefined;
  readonly address: string;
  readonly userAgent: string | undefined;
  readonly requestId: string;
  readonly connection: Connection | undefined;
}
