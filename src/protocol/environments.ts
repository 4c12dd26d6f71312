// Environments (table execution_environments): what a run of a language may use, and the variables it is given. They
// belong to the server; a room chooses among them.
import { z } from 'zod';
import { command } from './define.ts';
import { shownLine, timestamp, uuid } from './ids.ts';
import { runLanguage } from './runs.ts';

/** Environments of one server. */
export const ENVIRONMENTS_MOST = 200;
/** Variables of one environment. */
export const VARIABLES_MOST = 100;

/** Below the server's own limits: what is larger counts as the server's. Milliseconds, MB, bytes. */
const limits = z.object({
  wallMs: z.number().int().min(100).max(600_000).optional(),
  cpuMs: z.number().int().min(100).max(600_000).optional(),
  heapMb: z.number().int().min(8).max(65_536).optional(),
  outputBytes: z.number().int().min(1024).max(16_777_216).optional(),
});

const runtime = z.enum(['isolate', 'docker', 'local']);
const image = z.string().regex(/^[\w][\w.:/@-]{0,254}$/, 'is not the name of an image');
const variableName = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,99}$/, 'is not the name of a variable');
/** Values come in and never go out; null takes a variable away. */
const variables = z
  .record(variableName, z.string().max(16_384).nullable())
  .refine((given) => Object.keys(given).length <= VARIABLES_MOST, 'are too many');

export const environment = z.object({
  id: uuid,
  name: z.string(),
  language: z.string(),
  runtime,
  dockerImage: z.string().nullable(),
  limits,
  /** Names of its variables; told to administrators only. */
  variables: z.array(z.string()),
  isActive: z.boolean(),
  createdAt: timestamp,
  updatedAt: timestamp,
});
export type Environment = z.infer<typeof environment>;

export const environmentList = command({
  name: 'environment.list',
  summary: 'The environments that code runs in here; administrators see those that are retired, too.',
  access: { scope: 'user', token: 'read' },
  http: { method: 'GET', path: '/api/environments' },
  input: z.object({}),
  output: z.object({
    environments: z.array(environment),
    /** Whether the caller may make and change them. */
    mayManage: z.boolean(),
  }),
});

export const environmentCreate = command({
  name: 'environment.create',
  summary: 'Make an environment.',
  access: { scope: 'admin' },
  http: { method: 'POST', path: '/api/environments' },
  mutates: true,
  rate: { perMinute: 60 },
  input: z.object({
    name: shownLine(100),
    language: runLanguage,
    runtime: runtime.default('isolate'),
    dockerImage: image.optional(),
    limits: limits.default({}),
    variables: variables.default({}),
  }),
  output: z.object({ environment }),
});

export const environmentChange = command({
  name: 'environment.change',
  summary: 'Change an environment: what is left out stays; variables that are not named stay.',
  access: { scope: 'admin' },
  http: { method: 'PATCH', path: '/api/environments/:environmentId' },
  mutates: true,
  rate: { perMinute: 60 },
  input: z.object({
    environmentId: uuid,
    name: shownLine(100).optional(),
    dockerImage: image.optional(),
    limits: limits.optional(),
    variables: variables.optional(),
    isActive: z.boolean().optional(),
  }),
  output: z.object({ environment }),
});

export const environmentRetire = command({
  name: 'environment.retire',
  summary: 'Take an environment out of use. Runs that had it keep it; `environment.change` brings it back.',
  access: { scope: 'admin' },
  http: { method: 'DELETE', path: '/api/environments/:environmentId' },
  mutates: true,
  input: z.object({ environmentId: uuid }),
  output: z.object({ environment }),
});

const choice = z.object({ language: z.string(), environmentId: uuid });

export const environmentChoices = command({
  name: 'environment.choices',
  summary: 'Which environments a room has chosen; for other languages it is the oldest one in use.',
  access: { scope: 'room', via: 'roomId', action: 'room.read' },
  http: { method: 'GET', path: '/api/rooms/:roomId/environments' },
  input: z.object({ roomId: uuid }),
  output: z.object({ choices: z.array(choice) }),
});

export const environmentChoose = command({
  name: 'environment.choose',
  summary: 'Choose the environment of a language for a room; null goes back to the usual one.',
  access: { scope: 'room', via: 'roomId', action: 'room.manage' },
  http: { method: 'PUT', path: '/api/rooms/:roomId/environments' },
  mutates: true,
  rate: { perMinute: 60 },
  input: z.object({ roomId: uuid, language: runLanguage, environmentId: uuid.nullable() }),
  output: z.object({ choices: z.array(choice) }),
});
