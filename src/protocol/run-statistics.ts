// What runs say when they are counted: per room, user and language, over a time; and how busy the server is right now.
import { z } from 'zod';
import { command } from './define.ts';
import { timestamp, uuid } from './ids.ts';
import { runLanguage } from './runs.ts';

/** Languages, users and kinds of errors listed, those with the most runs. */
export const GROUPS_LISTED = 50;
/** Points in time of the series, at most. */
export const SERIES_POINTS = 60;

/** `warm`: ready for anybody; `bound`: of a room; `leaving`: being ended. */
export const SANDBOX_STATES = ['starting', 'warm', 'bound', 'leaving'] as const;

const figures = z.object({
  /** Runs that are over. */
  runs: z.number().int(),
  completed: z.number().int(),
  failed: z.number().int(),
  timeout: z.number().int(),
  cancelled: z.number().int(),
  /** Completed of those that were not cancelled, 0 to 1; null when there are none. */
  successRate: z.number().nullable(),
  /** Milliseconds from start to end without waiting for input: half of the runs took at most this. */
  p50Ms: z.number().nullable(),
  p95Ms: z.number().nullable(),
  /** Milliseconds in the queue. */
  queueP95Ms: z.number().nullable(),
  /** All processor time, in milliseconds. */
  cpuMs: z.number(),
});
export type RunFigures = z.infer<typeof figures>;

export const runStatistics = command({
  name: 'run.statistics',
  summary: 'The runs of a room in figures: how many, how they ended, how long they took; by language, user and time.',
  access: { scope: 'room', via: 'roomId', action: 'room.read' },
  http: { method: 'GET', path: '/api/rooms/:roomId/statistics' },
  rate: { perMinute: 120 },
  input: z.object({
    roomId: uuid,
    userId: uuid.optional(),
    language: runLanguage.optional(),
    /** Seven days before `to` where it is left out. */
    from: timestamp.optional(),
    /** Now where it is left out. */
    to: timestamp.optional(),
  }),
  output: z.object({
    from: timestamp,
    to: timestamp,
    total: figures,
    languages: z.array(figures.extend({ language: z.string() })),
    users: z.array(figures.extend({ userId: uuid.nullable() })),
    errors: z.array(z.object({ kind: z.string(), count: z.number().int() })),
    /** Milliseconds between two points of the series. */
    stepMs: z.number().int(),
    /** Without gaps: a time without runs has zeros. */
    series: z.array(z.object({ at: timestamp, completed: z.number().int(), failed: z.number().int() })),
  }),
});

export const runLoad = command({
  name: 'run.load',
  summary:
    'How busy the server’s sandboxes are right now, and what of it is this room’s. For those who manage the room.',
  access: { scope: 'room', via: 'roomId', action: 'load.read' },
  http: { method: 'GET', path: '/api/rooms/:roomId/load' },
  input: z.object({ roomId: uuid }),
  output: z.object({
    /** Of the whole server. */
    running: z.number().int(),
    waiting: z.number().int(),
    /** Runs that wait for a person's input. */
    parked: z.number().int(),
    /** Sandboxes that are ready for anybody, and those that belong to rooms. */
    warm: z.number().int(),
    bound: z.number().int(),
    /** Whether sandboxes can be started. */
    working: z.boolean(),
    /** How sandboxes are kept apart from the server. */
    isolation: z.string(),
    /** Each sandbox that there is now. */
    sandboxes: z.array(
      z.object({
        state: z.enum(SANDBOX_STATES),
        /** It belongs to this room. */
        own: z.boolean(),
        /** Runs that it has had. */
        runs: z.number().int(),
        /** Resident memory. */
        memoryBytes: z.number(),
        /** CPU time so far. */
        cpuMs: z.number(),
      }),
    ),
    /** Runs of this room. */
    room: z.object({ running: z.number().int(), waiting: z.number().int() }),
  }),
});
