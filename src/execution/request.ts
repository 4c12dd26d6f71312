// What a request to run something must look like before it may wait in line.
import { AppError } from '../protocol/errors.ts';
import { REQUEST_LIMITS, type RunLimits } from './limits.ts';

/** What to run. `files` are paths and texts; a snippet is one file. `id` names the run in `cancel`. */
export interface RunRequest {
  readonly id: string;
  readonly roomId: string;
  readonly userId: string;
  /** Language of the entry; what it imports goes by its ending. */
  readonly language: string;
  /** Path in `files`. */
  readonly entry: string;
  readonly files: Readonly<Record<string, string>>;
  /** The container image to run in, for languages that run in one; the language's own when left out. */
  readonly image?: string;
  /** Input that is there from the start. */
  readonly stdin?: string;
  /** Whether more input may come, by `input`; else it ends after `stdin`. */
  readonly interactive?: boolean;
  /** The frozen global `args`. */
  readonly args?: readonly string[];
  /** The frozen global `env`: the variables of the environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Wishes below the server's limits. */
  readonly limits?: Partial<RunLimits>;
}

/** @throws AppError too_large, invalid_input */
export function checkRequest({ entry, files, stdin = '', args = [], env = {} }: RunRequest): void {
  const paths = Object.keys(files);
  if (!Object.hasOwn(files, entry)) throw new AppError('invalid_input', 'the entry is not among the files');
  if (paths.some((path) => !isPath(path))) throw new AppError('invalid_input', 'a path is not usable');
  const most = REQUEST_LIMITS;
  if (paths.length > most.files) throw new AppError('too_large', `at most ${most.files} files`, { limit: most.files });
  const bytes = paths.reduce((sum, path) => sum + Buffer.byteLength(path) + Buffer.byteLength(files[path]!), 0);
  if (bytes > most.sourceBytes) {
    throw new AppError('too_large', `at most ${most.sourceBytes / 1024} kB of source`, { limit: most.sourceBytes });
  }
  fits('input', [stdin], { bytes: most.stdinBytes });
  fits('arguments', args, { count: most.args, bytes: most.argsBytes });
  const variables = Object.entries(env).map(([name, value]) => (typeof value === 'string' ? name + value : value));
  fits('variables', variables, { count: most.variables, bytes: most.envBytes });
  if (!Object.keys(env).every((name) => VARIABLE.test(name))) {
    throw new AppError('invalid_input', 'the name of a variable is not usable');
  }
}

/** What every shell takes for one. The name does not appear in the error: nothing of an environment does. */
const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]{0,99}$/;

/** @throws AppError too_large, and invalid_input when one of them is no text */
function fits(
  what: string,
  texts: readonly unknown[],
  most: { readonly count?: number; readonly bytes: number },
): void {
  if (!texts.every((text) => typeof text === 'string')) throw new AppError('invalid_input', `${what} are texts only`);
  if (texts.length > (most.count ?? 1)) throw new AppError('too_large', `too many ${what}`, { limit: most.count ?? 1 });
  const bytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  if (bytes > most.bytes) {
    throw new AppError('too_large', `at most ${most.bytes / 1024} kB of ${what}`, { limit: most.bytes });
  }
}

/** No control characters: paths stand in error messages and stack traces, one line each. */
function isPath(path: string): boolean {
  return path !== '' && path.length <= REQUEST_LIMITS.pathChars && !/\p{Cc}/u.test(path);
}
