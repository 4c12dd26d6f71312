// What administrators of the server see and decide of its users.
import { z } from 'zod';
import { command } from './define.ts';
import { globalRole, pageInput, shownLine, timestamp, uuid } from './ids.ts';

/** `inactive` and `banned` cannot sign in, nor can their bots; the second says that it is a punishment. */
const userStatus = z.enum(['active', 'inactive', 'banned']);
const userKind = z.enum(['human', 'guest', 'bot']);

export const knownUser = z.object({
  id: uuid,
  kind: userKind,
  username: z.string(),
  displayName: z.string(),
  role: globalRole,
  status: userStatus,
  createdAt: timestamp,
});
export type KnownUser = z.infer<typeof knownUser>;

export const userList = command({
  name: 'user.list',
  summary: 'All users of the server, the newest first.',
  access: { scope: 'admin' },
  http: { method: 'GET', path: '/api/admin/users' },
  rate: { perMinute: 300 },
  input: z.object({
    ...pageInput,
    /** Part of the user name, or the display name, or one of its words: names are sealed, so not a part of a word. */
    search: shownLine(50).optional(),
    kind: userKind.optional(),
    role: globalRole.optional(),
    status: userStatus.optional(),
  }),
  output: z.object({ users: z.array(knownUser), nextCursor: z.string().nullable() }),
});

export const userChange = command({
  name: 'user.change',
  summary:
    'Give a user another role on the server, or let them sign in no more. Whoever may not loses open connections at once.',
  access: { scope: 'admin' },
  http: { method: 'PATCH', path: '/api/admin/users/:userId' },
  mutates: true,
  rate: { perMinute: 60 },
  input: z.object({
    userId: uuid,
    role: globalRole.optional(),
    status: userStatus.optional(),
    /** For the audit log. */
    reason: shownLine(500).optional(),
  }),
  output: z.object({ user: knownUser }),
});
