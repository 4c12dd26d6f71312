// What administrators read of the server's records: who changed what, and what was refused or looked suspicious.
import { z } from 'zod';
import { command } from './define.ts';
import { pageInput, timestamp, uuid } from './ids.ts';

/** As rows have them: ids of events that are counted together are made from what they have in common. */
const recordId = z.guid().toLowerCase();

/** A dotted or underscored name, as records have them. */
const recordName = z.string().regex(/^[a-z][a-z0-9_.]{0,63}$/i, 'is not the name of a kind of record');

const period = {
  /** From this moment on. */
  from: timestamp.optional(),
  /** Before this moment. */
  to: timestamp.optional(),
};

const who = { userId: uuid.optional(), roomId: uuid.optional() };

const values = z.record(z.string(), z.unknown()).nullable();

export const auditEntry = z.object({
  id: recordId,
  at: timestamp,
  /** Who did it; null where nobody was signed in. */
  userId: uuid.nullable(),
  roomId: uuid.nullable(),
  /** What was done: `file.renamed`. */
  action: z.string(),
  resourceType: z.string().nullable(),
  resourceId: z.string().nullable(),
  oldValues: values,
  newValues: values,
  result: z.enum(['success', 'failure', 'error']),
  address: z.string().nullable(),
  userAgent: z.string().nullable(),
  requestId: z.string().nullable(),
});
export type AuditEntry = z.infer<typeof auditEntry>;

export const auditList = command({
  name: 'audit.list',
  summary: 'The audit log, the newest first: everything that changed something, with old and new values.',
  access: { scope: 'admin' },
  http: { method: 'GET', path: '/api/admin/audit' },
  rate: { perMinute: 300 },
  input: z.object({
    ...pageInput,
    ...period,
    ...who,
    action: recordName.optional(),
    resourceType: recordName.optional(),
    resourceId: z
      .string()
      .regex(/^[\w:.-]{1,64}$/, 'is not an id')
      .optional(),
  }),
  output: z.object({ entries: z.array(auditEntry), nextCursor: z.string().nullable() }),
});

const severity = z.enum(['low', 'medium', 'high', 'critical']);

export const securityEvent = z.object({
  id: recordId,
  /** Events of a kind and a person are counted together: this is their minute, or the moment of a single one. */
  at: timestamp,
  type: z.string(),
  severity,
  userId: uuid.nullable(),
  roomId: uuid.nullable(),
  address: z.string().nullable(),
  /** How often. */
  count: z.number().int(),
  data: values,
});
export type SecurityEvent = z.infer<typeof securityEvent>;

export const securityList = command({
  name: 'security.list',
  summary: 'Security events, the newest first: failed sign-ins, refused rights, limits, what sandboxes noticed.',
  access: { scope: 'admin' },
  http: { method: 'GET', path: '/api/admin/security-events' },
  rate: { perMinute: 300 },
  input: z.object({
    ...pageInput,
    ...period,
    ...who,
    type: recordName.optional(),
    /** This severity and those above it. */
    severity: severity.optional(),
  }),
  output: z.object({ events: z.array(securityEvent), nextCursor: z.string().nullable() }),
});
