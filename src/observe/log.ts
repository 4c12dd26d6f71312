// The log: pino with the names of secrets redacted. Engines take the `Log` port, never pino itself.
import { type DestinationStream, pino } from 'pino';

/** What the rest of the server needs of a log: structured fields first, then a fixed sentence. */
export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** Fields that may carry a secret or somebody's text, wherever they stand in a record. */
const SECRET_FIELDS = ['token', 'authorization', 'password', 'roomCode', 'content', 'text', 'stdin', 'cookie'];

/** Fields of PostgreSQL's errors that repeat what was being stored. */
const TELLTALE_FIELDS = ['detail', 'where', 'internalQuery', 'hint'] as const;

function withoutText(error: Error): object {
  const serialized: Record<string, unknown> = { ...pino.stdSerializers.err(error) };
  for (const field of TELLTALE_FIELDS) delete serialized[field];
  return serialized;
}

/**
 * Opens the log.
 * @param level pino level name: `silent`, `error`, `warn`, `info`, `debug`
 * @param destination where lines go; standard output when left out
 */
export function openLog(level: string, destination?: DestinationStream): Log {
  const paths = SECRET_FIELDS.flatMap((field) => [field, `*.${field}`, `*.*.${field}`]);
  const options = { level, redact: { paths, censor: '[redacted]' }, base: null, serializers: { err: withoutText } };
  return destination ? pino(options, destination) : pino(options);
}

/** A log that keeps nothing, for tests of parts that take one. */
export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} };
