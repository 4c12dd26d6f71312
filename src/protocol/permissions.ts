// Who may do what with which files of a room: rules by path, beside the roles. kernel/path-rights.ts says what they mean.
import { z } from 'zod';
import { command, event } from './define.ts';
import { PATH_LENGTH, PATH_SEGMENTS, textBelow, timestamp, uuid } from './ids.ts';

/** Rules of one person: what somebody can still oversee. */
export const RULES_PER_PERSON = 50;
/** People with rules in one room. */
export const PEOPLE_WITH_RULES = 500;

export const PATH_RIGHTS = ['read', 'write', 'delete'] as const;
export type PathRight = (typeof PATH_RIGHTS)[number];

/** `/src/**`: `*` within a segment, `**` for any number of segments. */
export const pathPattern = textBelow(PATH_LENGTH)
  .min(2)
  .refine((pattern) => pattern.startsWith('/'), 'begins with a slash')
  .refine((pattern) => pattern === pattern.normalize('NFC').trim(), 'must be trimmed and in Unicode form NFC')
  .refine((pattern) => !/[\p{Cc}\p{Cs}\\]/u.test(pattern), 'has characters that a path cannot have')
  .refine((pattern) => pattern.slice(1).split('/').every(isSegment), 'has an empty, . or .. part, or ** beside others')
  .refine((pattern) => pattern.split('/').length <= PATH_SEGMENTS + 1, 'has too many parts');

function isSegment(part: string): boolean {
  return part !== '' && part !== '.' && part !== '..' && (part === '**' || !part.includes('**'));
}

const rights = z.array(z.enum(PATH_RIGHTS)).max(PATH_RIGHTS.length).default([]);

export const pathRule = z
  .object({ path: pathPattern, allow: rights, deny: rights })
  .refine(({ allow, deny }) => allow.length + deny.length > 0, 'allows and denies nothing');
export type PathRule = z.infer<typeof pathRule>;

/** Null: for everybody but the owner, where their own rules say nothing. */
const holder = uuid.nullable().default(null);

const permission = z.object({
  userId: uuid.nullable(),
  displayName: z.string().nullable(),
  rules: z.array(pathRule),
  updatedAt: timestamp,
});
export type Permission = z.infer<typeof permission>;

/** What somebody may do with the files of a list; left out where their role alone says it. */
export const fileRights = z.object({
  /** Whether there may be a path where they can make files. */
  create: z.boolean(),
  /** Files with which they may do more, or less, than their role says. */
  exceptions: z.array(z.object({ fileId: uuid, write: z.boolean(), delete: z.boolean() })),
});
export type FileRights = z.infer<typeof fileRights>;

export const permissionSet = command({
  name: 'permission.set',
  summary:
    'Give somebody rules by path in a room, or everybody without `userId`: the longest pattern decides, a deny wins, the role decides the rest. They hold at once, also for documents that are open.',
  access: { scope: 'room', via: 'roomId', action: 'room.manage' },
  http: { method: 'PUT', path: '/api/rooms/:roomId/permissions' },
  mutates: true,
  input: z.object({ roomId: uuid, userId: holder, rules: z.array(pathRule).min(1).max(RULES_PER_PERSON) }),
  output: z.object({ permission }),
});

export const permissionRemove = command({
  name: 'permission.remove',
  summary: 'Take the rules by path of somebody away, or those for everybody: the role decides again.',
  access: { scope: 'room', via: 'roomId', action: 'room.manage' },
  http: { method: 'DELETE', path: '/api/rooms/:roomId/permissions' },
  mutates: true,
  input: z.object({ roomId: uuid, userId: holder }),
  output: z.object({}),
});

export const permissionList = command({
  name: 'permission.list',
  summary: 'All rules by path of a room: those for everybody first.',
  access: { scope: 'room', via: 'roomId', action: 'settings.read' },
  http: { method: 'GET', path: '/api/rooms/:roomId/permissions' },
  input: z.object({ roomId: uuid }),
  output: z.object({ permissions: z.array(permission) }),
});

export const permissionChanged = event({
  name: 'permission.changed',
  summary: 'What somebody (`userId`), or everybody, may do with the files of the room changed: list them anew.',
  payload: z.object({ roomId: uuid, userId: uuid.nullable() }),
});
