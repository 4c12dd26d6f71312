// From what the isolate threw to what the user reads: the room's own files, lines and columns, nothing of the host.
import type { ErrorKind, RunError } from './ipc.ts';
import type { Place } from './languages/javascript.ts';
import { TypeScriptError } from './languages/typescript.ts';
import { ERROR_TEXT } from './limits.ts';
import { ImportError } from './modules.ts';

/** The files of a run, for finding one's way back. */
export interface Sources {
  has(path: string): boolean;
  /** The place in the user's text for a place in the compiled text. */
  origin(path: string, place: Place): Place;
}

/** An error that belongs to a file, with its place where one is known. */
export class FileError extends Error {
  readonly file: string;
  readonly place: Place | undefined;

  constructor(error: Error, file: string, place?: Place) {
    super(error.message, { cause: error });
    this.file = file;
    this.place = place;
  }
}

/** The isolate has no other sign for these than the text of its message. */
const ISOLATE_MESSAGES: readonly (readonly [pattern: RegExp, kind: ErrorKind, message: string])[] = [
  [/^Isolate was disposed during execution due to memory limit/, 'memory', 'memory limit reached'],
  [/^Script execution timed out\./, 'timeout', 'time limit reached'],
  [/^Isolate (was|is) disposed|^Isolate is already disposed/, 'memory', 'memory limit reached'],
];

/** V8's word for a buffer that the isolate's memory limit refuses. */
const NO_BUFFER = 'Array buffer allocation failed';

const PLAIN_MESSAGES: Readonly<Record<string, string>> = {
  'Not supported': "import() is not available here: write an import statement that names one of this room's own files",
  'An object was thrown from supplied code within isolated-vm, but that object was not an instance of `Error`.':
    'an object was thrown that is not an Error',
};

/**
 * Describes a thrown value.
 * @param thrown an error from the isolate, a `FileError`, or any other value that a program may throw
 */
export function describeFailure(thrown: unknown, sources: Sources): RunError {
  if (thrown instanceof FileError) return describeFileError(thrown);
  if (!(thrown instanceof Error)) return { kind: 'exception', message: cut(`Uncaught ${primitive(thrown)}`) };
  for (const [pattern, kind, message] of ISOLATE_MESSAGES) {
    if (pattern.test(thrown.message)) return { kind, message };
  }
  const syntax = / \[([^\n]*):(\d+):(\d+)\]$/.exec(thrown.message);
  if (thrown.name === 'SyntaxError' && syntax !== null && sources.has(syntax[1]!)) {
    const file = syntax[1]!;
    const place = sources.origin(file, { line: Number(syntax[2]), column: Number(syntax[3]) });
    return { kind: 'syntax', message: cut(`SyntaxError: ${thrown.message.slice(0, syntax.index)}`), file, ...place };
  }
  return describeException(thrown, sources);
}

function describeFileError(error: FileError): RunError {
  const cause = error.cause as Error;
  const known = cause instanceof TypeScriptError || cause.name === 'SyntaxError';
  return {
    kind: known ? 'syntax' : 'exception',
    message: cut(cause instanceof ImportError ? error.message : `SyntaxError: ${error.message}`),
    file: error.file,
    ...error.place,
  };
}

function describeException(error: Error, sources: Sources): RunError {
  const text = PLAIN_MESSAGES[error.message] ?? error.message;
  const name = typeof error.name === 'string' && error.name !== '' ? error.name : 'Error';
  const message = cut(text === '' ? name : `${name}: ${text}`);
  const frames = framesOf(String(error.stack).slice(-4 * ERROR_TEXT.stack), sources);
  const first = frames[0];
  return {
    kind: error.message === NO_BUFFER ? 'memory' : 'exception',
    message,
    ...(first === undefined ? {} : { file: first.file, ...first.place }),
    ...(first === undefined
      ? {}
      : { stack: [message, ...frames.map((frame) => frame.text)].join('\n').slice(0, ERROR_TEXT.stack) }),
  };
}

interface Frame {
  readonly text: string;
  readonly file: string;
  readonly place: Place;
}

const FRAMES = 20; // a recursion's other frames say nothing new

function framesOf(stack: string, sources: Sources): Frame[] {
  const frames: Frame[] = [];
  for (const line of stack.split('\n')) {
    const frame = frameOf(line, sources);
    if (frame !== undefined && frames.push(frame) === FRAMES) break;
  }
  return frames;
}

/** `    at name (file:line:column)` or `    at file:line:column`, only when the file is one of the room's. */
function frameOf(line: string, sources: Sources): Frame | undefined {
  const found = /^\s+at (.+):(\d+):(\d+)\)?$/.exec(line);
  const start = found === null ? undefined : fileAtEnd(found[1]!, sources);
  if (found === null || start === undefined) return undefined;
  const file = found[1]!.slice(start);
  const place = sources.origin(file, { line: Number(found[2]), column: Number(found[3]) });
  const where = `${file}:${place.line}:${place.column}`;
  const name = start === 0 ? '' : found[1]!.slice(0, start - ' ('.length);
  return { text: name === '' ? `    at ${where}` : `    at ${name} (${where})`, file, place };
}

/** Where the file's name starts; it may have brackets and spaces itself. */
function fileAtEnd(text: string, sources: Sources): number | undefined {
  if (sources.has(text)) return 0;
  for (let at = text.indexOf(' ('); at >= 0; at = text.indexOf(' (', at + 1)) {
    if (sources.has(text.slice(at + 2))) return at + 2;
  }
  return undefined;
}

function primitive(value: unknown): string {
  return typeof value === 'string' ? `'${value.slice(0, ERROR_TEXT.message)}'` : String(value);
}

function cut(text: string): string {
  return text.length > ERROR_TEXT.message ? `${text.slice(0, ERROR_TEXT.message - 1)}…` : text;
}
