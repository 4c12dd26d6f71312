// Runs of code (table code_executions) and the events that carry their output to the room.
import { z } from 'zod';
import { command, event } from './define.ts';
import { pageInput, timestamp, uuid } from './ids.ts';

/** UTF-16 units of a snippet; a file of the room has its own limit. */
export const SNIPPET_LENGTH = 200_000;
/** UTF-16 units given to a run as its input. */
export const STDIN_LENGTH = 65_536;

export const RUN_KINDS = ['file', 'snippet', 'selection', 'test'] as const;
export const RUN_STATUSES = ['queued', 'running', 'completed', 'failed', 'timeout', 'cancelled'] as const;

export const runError = z.object({
  kind: z.string(),
  message: z.string(),
  file: z.string().optional(),
  line: z.number().int().optional(),
  column: z.number().int().optional(),
  stack: z.string().optional(),
});

export type RunError = z.infer<typeof runError>;

/** How many test cases of a run have passed so far, of how many. */
const testTally = z.object({ passed: z.number().int(), done: z.number().int(), total: z.number().int() });

/** A run in short, as lists and events have it; its output and its outcome come apart from it. */
export const execution = z.object({
  id: uuid,
  roomId: uuid,
  fileId: uuid.nullable(),
  userId: uuid.nullable(),
  kind: z.enum(RUN_KINDS),
  language: z.string(),
  /** The path that runs; `snippet` where no file does. */
  entry: z.string(),
  status: z.enum(RUN_STATUSES),
  /** Place in the queue, 1 is next; null when it does not wait any more. */
  position: z.number().int().nullable(),
  /** It reads what people give it with `run.input`, until it ends. */
  interactive: z.boolean(),
  /** It waits for input right now. */
  waitsForInput: z.boolean(),
  /** Pieces of output until now. */
  outputPieces: z.number().int(),
  outputTruncated: z.boolean(),
  error: runError.nullable(),
  /** Only of a run of tests. */
  tests: testTally.nullable(),
  queueMs: z.number().nullable(),
  wallMs: z.number().nullable(),
  /** The part of `wallMs` in which it waited for input. */
  inputMs: z.number().nullable(),
  cpuMs: z.number().nullable(),
  memoryBytes: z.number().nullable(),
  /** False: it is over, and the database does not have its end yet; the server goes on trying. */
  saved: z.boolean(),
  createdAt: timestamp,
  startedAt: timestamp.nullable(),
  completedAt: timestamp.nullable(),
});
export type Execution = z.infer<typeof execution>;

/** The streams of a program, what the sandbox itself has to say, and what people typed while it ran. */
export const STREAMS = ['stdout', 'stderr', 'system', 'stdin'] as const;

export const outputPiece = z.object({
  seq: z.number().int(),
  stream: z.enum(STREAMS),
  text: z.string(),
});
export type OutputPiece = z.infer<typeof outputPiece>;

export const runOutput = outputPiece.extend({ executionId: uuid });
export type RunOutput = z.infer<typeof runOutput>;

/** Arguments of a run, at most this many, each and together of at most so many UTF-16 units. */
export const ARGS_COUNT = 50;
export const ARG_LENGTH = 2_000;
export const ARGS_LENGTH = 8_000;
export const runArgs = z
  .array(z.string().max(ARG_LENGTH))
  .max(ARGS_COUNT)
  .refine((args) => args.reduce((sum, { length }) => sum + length, 0) <= ARGS_LENGTH, 'are too long together');

/** UTF-16 units of one piece of input for a run under way. */
export const INPUT_LENGTH = 16_384;

export const VERDICTS = ['passed', 'wrong_output', 'failed', 'timeout', 'cancelled'] as const;

/** What came of one test case. */
export const verdict = z.object({
  /** The stored case; null when it was only given to the run. */
  caseId: uuid.nullable(),
  name: z.string(),
  stdin: z.string(),
  args: z.array(z.string()),
  expectedOutput: z.string().nullable(),
  verdict: z.enum(VERDICTS),
  /** Its standard output, cut where it is long. */
  output: z.string(),
  outputCut: z.boolean(),
  error: runError.nullable(),
  wallMs: z.number(),
});
export type Verdict = z.infer<typeof verdict>;

/** The result of a query: its first rows. Numbers that JavaScript cannot hold exactly, and blobs, are texts. */
export const resultTable = z.object({
  columns: z.array(z.string()),
  rows: z.array(z.array(z.union([z.string(), z.number(), z.null()]))),
  /** Rows, columns or parts of cells are left out. */
  truncated: z.boolean(),
  /** How many rows there were, or had come until the run was ended. */
  rowCount: z.number().int(),
  /** The line of the statement in the entry; left out where the statement stands in another file. */
  line: z.number().int().optional(),
});
export type ResultTable = z.infer<typeof resultTable>;

/** What a run has to show besides its output, when it is over. */
export const runOutcome = z.object({
  /** The last expression of a script, or the default export of a module. */
  result: z.string().nullable(),
  /** What the queries of a run in SQL gave, in their order; the output has the same as text. */
  tables: z.array(resultTable),
});
export type RunOutcome = z.infer<typeof runOutcome>;

/** What ran, so that it can be read later and run again. */
export const runSource = z.object({
  /** The text of the entry as it ran. */
  code: z.string(),
  /** The line of the file at which `code` begins, for a selection. */
  line: z.number().int().nullable(),
  stdin: z.string().nullable(),
  args: z.array(z.string()),
  /** Paths of the files that went along. */
  files: z.array(z.string()),
  environmentId: uuid.nullable(),
  /** The run that this one repeats. */
  repeatOf: uuid.nullable(),
});
export type RunSource = z.infer<typeof runSource>;

export const runLanguage = z.string().regex(/^[\w#+.-]{1,40}$/, 'is not the name of a language');
const stdin = z.string().max(STDIN_LENGTH);

export const runStart = command({
  name: 'run.start',
  summary: 'Run a file of the room, a part of it, or a snippet. Output and outcome are sent to everybody in the room.',
  access: { scope: 'room', via: 'roomId', action: 'run.start' },
  http: { method: 'POST', path: '/api/rooms/:roomId/executions' },
  mutates: true,
  transaction: false,
  rate: { perMinute: 30 },
  input: z
    .object({
      roomId: uuid,
      fileId: uuid.optional(),
      /** A snippet; with `fileId` and `line` a part of that file, so that errors name the file’s own lines. */
      code: z.string().max(SNIPPET_LENGTH).optional(),
      /** The line of the file at which `code` begins, from 1. */
      line: z.number().int().min(1).max(1_000_000).optional(),
      /** Told from the file’s name where it is left out. */
      language: runLanguage.optional(),
      stdin: stdin.optional(),
      args: runArgs.optional(),
      /** Left out: the room's choice, or the usual one of the language. */
      environmentId: uuid.optional(),
      /** Whether more input may follow `stdin` while it runs, by `run.input`. */
      interactive: z.boolean().optional(),
    })
    .refine((input) => input.fileId !== undefined || input.code !== undefined, 'give fileId or code')
    .refine(
      (input) => (input.fileId !== undefined && input.code !== undefined) === (input.line !== undefined),
      'code is a part of fileId exactly where line says at which line it begins',
    )
    .refine((input) => input.fileId !== undefined || input.language !== undefined, 'a snippet needs its language'),
  output: z.object({ execution }),
});

export const runRepeat = command({
  name: 'run.repeat',
  summary:
    'Run again what an earlier run ran: the same code and files as then, the same input unless another is given.',
  access: { scope: 'room', via: 'executionId', action: 'run.start' },
  http: { method: 'POST', path: '/api/executions/:executionId/repeat' },
  mutates: true,
  transaction: false,
  rate: { perMinute: 30 },
  input: z.object({ executionId: uuid, stdin: stdin.optional(), args: runArgs.optional() }),
  output: z.object({ execution }),
});

export const runCancel = command({
  name: 'run.cancel',
  summary: 'End a run, waiting or running. One’s own, or any for those who manage the room.',
  access: { scope: 'room', via: 'executionId', action: 'run.cancel' },
  http: { method: 'POST', path: '/api/executions/:executionId/cancel' },
  mutates: true,
  input: z.object({ executionId: uuid }),
  output: z.object({ cancelled: z.boolean() }),
});

export const runInput = command({
  name: 'run.input',
  summary:
    'Give an interactive run a piece of input, or its end. For who started it and for those who may write files.',
  access: { scope: 'room', via: 'executionId', action: 'run.start' },
  http: { method: 'POST', path: '/api/executions/:executionId/input' },
  mutates: true,
  rate: { perMinute: 600 },
  input: z.object({
    executionId: uuid,
    /** The program reads whole lines: end one with a line break. */
    text: z.string().max(INPUT_LENGTH).default(''),
    /** Nothing follows. */
    end: z.boolean().default(false),
  }),
  output: z.object({
    /** False when the run is over. */
    accepted: z.boolean(),
  }),
});

export const runGet = command({
  name: 'run.get',
  summary: 'One run with its output so far, what came of it, and what ran. `outcome` is null while it is under way.',
  access: { scope: 'room', via: 'executionId', action: 'room.read' },
  http: { method: 'GET', path: '/api/executions/:executionId' },
  input: z.object({ executionId: uuid }),
  output: z.object({
    execution,
    /** Of a run that is over, neighbouring pieces of one stream are joined and counted anew. */
    pieces: z.array(outputPiece),
    /** Of a run of tests, as far as it is. */
    verdicts: z.array(verdict),
    outcome: runOutcome.nullable(),
    source: runSource,
  }),
});

export const runList = command({
  name: 'run.list',
  summary: 'The runs of a room, the newest first, those under way included; by whom, of what and when, as asked for.',
  access: { scope: 'room', via: 'roomId', action: 'room.read' },
  http: { method: 'GET', path: '/api/rooms/:roomId/executions' },
  input: z.object({
    roomId: uuid,
    ...pageInput,
    userId: uuid.optional(),
    fileId: uuid.optional(),
    language: runLanguage.optional(),
    status: z.enum(RUN_STATUSES).optional(),
    kind: z.enum(RUN_KINDS).optional(),
    /** Made at this time or later. */
    from: timestamp.optional(),
    /** Made before this time. */
    to: timestamp.optional(),
  }),
  output: z.object({ executions: z.array(execution), nextCursor: z.string().nullable() }),
});

const change = z.object({ roomId: uuid, execution });
export const runQueued = event({
  name: 'run.queued',
  summary: 'A run waits, or moved up in the queue.',
  payload: change,
});
export const runStarted = event({ name: 'run.started', summary: 'A run began.', payload: change });
export const runOutputEvent = event({
  name: 'run.output',
  summary: 'A piece of output; `seq` counts from 0 within a run.',
  payload: runOutput.extend({ roomId: uuid }),
});
export const runWaiting = event({
  name: 'run.waiting',
  summary: 'A program waits for input, or goes on.',
  payload: z.object({ roomId: uuid, executionId: uuid, waitsForInput: z.boolean() }),
});
export const runTested = event({
  name: 'run.tested',
  summary: 'A test case of a run has its verdict.',
  payload: z.object({ roomId: uuid, executionId: uuid, tests: testTally, verdict }),
});
export const runFinished = event({
  name: 'run.finished',
  summary: 'A run ended, after the last piece of its output; it comes once.',
  payload: change.extend({ outcome: runOutcome }),
});
export const runSaved = event({
  name: 'run.saved',
  summary: 'The database has the end of a run that had finished while it was away.',
  payload: z.object({ roomId: uuid, executionId: uuid }),
});
