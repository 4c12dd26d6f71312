// Who calls a command, and from where.
import type { User } from '../protocol/identity.ts';

/** The socket a call came over; commands over HTTP have none. */
export interface Connection {
  readonly id: string;
  /** From now on the connection receives the room's events. Idempotent. */
  enter(roomId: string): void;
  exit(roomId: string): void;
}

/** Who calls, from where. */
export interface Caller {
  readonly user: User | undefined;
  readonly address: string;
  readonly userAgent: string | undefined;
  readonly requestId: string;
  readonly connection: Connection | undefined;
}
