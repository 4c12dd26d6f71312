// What a failure of the database is: a refusal of PostgreSQL's, or a connection that cannot be relied on any more.
import pg from 'pg';

/** PostgreSQL's class 08 for errors of the driver that carry no code of their own: the connection is not there. */
const CONNECTION_LOST = '08006';

/** Gives an error of the driver that has none the code of a lost connection. @returns the same error */
export function lost(error: unknown): unknown {
  const nameless = typeof error === 'object' && error !== null && !('code' in error);
  return nameless ? Object.assign(error, { code: CONNECTION_LOST }) : error;
}

/** Whether PostgreSQL has refused a statement and goes on; after any other failure the connection is suspect. */
export function isRefusal(error: unknown): boolean {
  // Connection exception, intervention of an operator, timeouts of the session.
  return error instanceof pg.DatabaseError && !/^(08|57P|25P0[34])/.test(String(error.code));
}
