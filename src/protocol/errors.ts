// The closed list of error codes: what a client may see, and the HTTP status each one travels with.

/** Every code an answer can carry, with its HTTP status. */
export const ERROR_STATUS = {
  invalid_input: 400,
  malformed_update: 400,
  unauthenticated: 401,
  session_ended: 401,
  wrong_credentials: 401,
  forbidden: 403,
  read_only: 403,
  not_found: 404,
  room_unavailable: 404,
  method_not_allowed: 405,
  conflict: 409,
  lineage_changed: 409,
  room_full: 409,
  not_joined: 409,
  too_large: 413,
  limit_exceeded: 422,
  language_unavailable: 422,
  rate_limited: 429,
  queue_full: 429,
  internal: 500,
  not_saved: 503,
  unavailable: 503,
  draining: 503,
} as const;

export type ErrorCode = keyof typeof ERROR_STATUS;

export const ERROR_CODES = Object.keys(ERROR_STATUS) as [ErrorCode, ...ErrorCode[]];

/** What an error looks like on the wire. `details` is JSON and holds nothing secret. */
export interface WireError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly details?: unknown;
}

/** An error that its receiver may read. Anything else that is thrown reaches clients as `internal`. */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly details: unknown;

  constructor(code: ErrorCode, message: string, details?: unknown) {
    super(message);
    this.name = 'AppError';
    this.code = code;
    this.details = details;
  }

  /** The HTTP status that belongs to the code. */
  get status(): number {
    return ERROR_STATUS[this.code];
  }

  toWire(): WireError {
    return this.details === undefined
      ? { code: this.code, message: this.message }
      : { code: this.code, message: this.message, details: this.details };
  }
}
