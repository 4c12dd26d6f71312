// The one error the client throws, and how it is made out of what comes over the wire.
import type { ErrorCode } from '../protocol/errors.ts';

/** A server's code, or what only the client can know: there is no connection, or no answer came. */
export type ClientErrorCode = ErrorCode | 'offline' | 'timeout';

/** What every rejected promise of the client carries. Decide by `code`, never by the message. */
export class CoderoomError extends Error {
  readonly code: ClientErrorCode;
  readonly details: unknown;

  constructor(code: ClientErrorCode, message: string, details?: unknown) {
    super(message);
    this.name = 'CoderoomError';
    this.code = code;
    this.details = details;
  }
}

interface ErrorLike {
  readonly code: ErrorCode;
  readonly message?: unknown;
  readonly details?: unknown;
}

/** Reads a wire error; what is not one becomes `unavailable`, as from a proxy that stands in for the server. */
export function fromWire(value: unknown): CoderoomError {
  if (!isErrorLike(value)) return new CoderoomError('unavailable', 'The server’s answer could not be read.');
  const message = typeof value.message === 'string' ? value.message : value.code;
  return new CoderoomError(value.code, message, value.details);
}

export function isErrorLike(value: unknown): value is ErrorLike {
  return typeof value === 'object' && value !== null && 'code' in value && typeof value.code === 'string';
}

export function offline(message = 'There is no connection to the server.'): CoderoomError {
  return new CoderoomError('offline', message);
}

/** Whatever was thrown, as a CoderoomError. */
export function asCoderoomError(thrown: unknown): CoderoomError {
  if (thrown instanceof CoderoomError) return thrown;
  return new CoderoomError('internal', thrown instanceof Error ? thrown.message : String(thrown));
}

/** Why a server ends a connection whose sign-in is over. */
export type SignInEnd = 'expired' | 'revoked';

export function signInOver(reason: SignInEnd): CoderoomError {
  const message = reason === 'expired' ? 'The sign-in has expired.' : 'The sign-in was ended.';
  return new CoderoomError('session_ended', message, { reason });
}
