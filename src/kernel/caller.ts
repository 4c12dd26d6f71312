// Who calls a command, and from where.
import type { User } from '../protocol/identity.ts';

/** The socket a call came over; commands over HTTP have none. */
export interface Connection {
  readonly id: string;
  /** From now on the connection receives the room's events. Idempotent. */
  enter(roomId: string): void;
  exit(roomId: string): void;
}

/** Where somebody is signed in: a browser or a program. */
export interface SignInSession {
  readonly id: string;
  /** When the token that was shown expires: milliseconds since 1970. The session itself may go on with another. */
  readonly expiresAt: number;
}

/** Who a token stands for. */
export interface SignedIn {
  readonly user: User;
  readonly session: SignInSession | undefined;
}

/** Who calls, from where. */
export interface Caller {
  readonly user: User | undefined;
  /** Undefined where nobody is signed in, and for tokens that belong to no sign-in session. */
  readonly session: SignInSession | undefined;
  readonly address: string;
  readonly userAgent: string | undefined;
  readonly requestId: string;
  readonly connection: Connection | undefined;
}
