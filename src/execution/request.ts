// What a request to run something must look like before it may wait in line.
import { AppError } from '../protocol/errors.ts';
import { LANGUAGES } from './languages/catalog.ts';
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
  readonly stdin?: string;
  /** Wishes below the server's limits. */
  readonly limits?: Partial<RunLimits>;
}

/** @throws AppError language_unavailable, too_large, invalid_input */
export function checkRequest({ language, entry, files, stdin = '' }: RunRequest): void {
  if (!LANGUAGES.some(({ id }) => id === language)) {
    throw new AppError('language_unavailable', 'this language cannot be run here', { language: language.slice(0, 50) });
  }
  const paths = Object.keys(files);
  if (!Object.hasOwn(files, entry)) throw new AppError('invalid_input', 'the entry is not among the files');
  if (paths.some((path) => !isPath(path))) throw new AppError('invalid_input', 'a path is not usable');
  const most = REQUEST_LIMITS;
  if (paths.length > most.files) throw new AppError('too_large', `at most ${most.files} files`, { limit: most.files });
  const bytes = paths.reduce((sum, path) => sum + Buffer.byteLength(path) + Buffer.byteLength(files[path]!), 0);
  if (bytes > most.sourceBytes) {
    throw new AppError('too_large', `at most ${most.sourceBytes / 1024} kB of source`, { limit: most.sourceBytes });
  }
  if (Buffer.byteLength(stdin) > most.stdinBytes) {
    throw new AppError('too_large', `at most ${most.stdinBytes / 1024} kB of input`, { limit: most.stdinBytes });
  }
}

/** No control characters: paths stand in error messages and stack traces, one line each. */
function isPath(path: string): boolean {
  return path !== '' && path.length <= REQUEST_LIMITS.pathChars && !/\p{Cc}/u.test(path);
}
