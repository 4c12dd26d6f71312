// Runs of code (table code_executions) and the events that carry their output to the room.
import { z } from 'zod';
import { command, event } from './define.ts';
import { pageInput, timestamp, uuid } from './ids.ts';

/** UTF-16 units of a snippet; a file of the room has its own limit. */
export const SNIPPET_LENGTH = 200_000;
/** UTF-16 units given to a run as its input. */
export const STDIN_LENGTH = 65_536;

export const runError = z.object({
  kind: z.string(),
  message: z.string(),
  file: z.string().optional(),
  line: z.number().int().optional(),
  column: z.number().int().optional(),
  stack: z.string().optional(),
});

export const execution = z.object({
  id: uuid,
  roomId: uuid,
  fileId: uuid.nullable(),
  userId: uuid.nullable(),
  language: z.string(),
  /** The path that runs; `snippet` where no file does. */
  entry: z.string(),
  status: z.enum(['queued', 'running', 'completed', 'failed', 'timeout', 'cancelled']),
  /** Place in the queue, 1 is next; null unless queued. */
  position: z.number().int().nullable(),
  output: z.string().nullable(),
  outputTruncated: z.boolean(),
  result: z.string().nullable(),
  error: runError.nullable(),
  queueMs: z.number().nullable(),
  wallMs: z.number().nullable(),
  cpuMs: z.number().nullable(),
  memoryBytes: z.number().nullable(),
  createdAt: timestamp,
  startedAt: timestamp.nullable(),
  completedAt: timestamp.nullable(),
});
export type Execution = z.infer<typeof execution>;

export const runOutput = z.object({
  executionId: uuid,
  seq: z.number().int(),
  stream: z.enum(['stdout', 'stderr', 'system']),
  text: z.string(),
});
export type RunOutput = z.infer<typeof runOutput>;

export const runStart = command({
  name: 'run.start',
  summary: 'Run a file of the room, or a snippet. Output and result are sent to everybody in the room.',
  access: { scope: 'room', via: 'roomId', action: 'run.start' },
  http: { method: 'POST', path: '/api/rooms/:roomId/executions' },
  mutates: true,
  transaction: false,
  rate: { perMinute: 30 },
  input: z
    .object({
      roomId: uuid,
      fileId: uuid.optional(),
      code: z.string().max(SNIPPET_LENGTH).optional(),
      /** Told from the file’s name where it is left out. */
      language: z
        .string()
        .regex(/^[\w#+.-]{1,40}$/, 'is not the name of a language')
        .optional(),
      stdin: z.string().max(STDIN_LENGTH).optional(),
    })
    .refine((input) => (input.fileId === undefined) !== (input.code === undefined), 'give either fileId or code')
    .refine((input) => input.code === undefined || input.language !== undefined, 'a snippet needs its language'),
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

export const runGet = command({
  name: 'run.get',
  summary: 'One run with its stored output.',
  access: { scope: 'room', via: 'executionId', action: 'room.read' },
  http: { method: 'GET', path: '/api/executions/:executionId' },
  input: z.object({ executionId: uuid }),
  output: z.object({ execution }),
});

export const runList = command({
  name: 'run.list',
  summary: 'The runs of a room, the newest first, those under way included.',
  access: { scope: 'room', via: 'roomId', action: 'room.read' },
  http: { method: 'GET', path: '/api/rooms/:roomId/executions' },
  input: z.object({ roomId: uuid, ...pageInput }),
  output: z.object({ executions: z.array(execution), nextCursor: z.string().nullable() }),
});

export const languageList = command({
  name: 'language.list',
  summary: 'What this server can run.',
  access: { scope: 'anyone' },
  http: { method: 'GET', path: '/api/languages' },
  input: z.object({}),
  output: z.object({
    languages: z.array(
      z.object({
        id: z.string(),
        name: z.string(),
        extensions: z.array(z.string()),
        available: z.boolean(),
        reason: z.string().optional(),
      }),
    ),
  }),
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
export const runFinished = event({ name: 'run.finished', summary: 'A run ended; it comes once.', payload: change });
