// Yjs over Socket.io: calls and events that carry document bytes. They do not pass the kernel.
import { z } from 'zod';
import { event, socketCall } from './define.ts';
import { bytes, uuid } from './ids.ts';

export const docOpen = socketCall({
  name: 'doc.open',
  summary:
    'Open a file’s document. Give the state vector you have to receive only what is missing, and the lineage you have it from.',
  input: z.object({
    fileId: uuid,
    stateVector: bytes.optional(),
    lineage: uuid.optional(),
    /** Take a large update in pieces, the others with `doc.more`. */
    inPieces: z.boolean().optional(),
  }),
  output: z.object({
    /** A Yjs update (v1). */
    update: bytes,
    /** Whether there are more pieces; edits that come meanwhile have to wait for them. */
    more: z.boolean(),
    /** What the server has: send the difference if you have more. */
    stateVector: bytes,
    /** A y-protocols awareness update with everybody’s state. */
    awareness: bytes,
    canWrite: z.boolean(),
    /** Changes when a document is seeded anew; states of different lineages must never be merged. */
    lineage: uuid,
    /** False while edits of this document wait for the database. */
    saved: z.boolean(),
  }),
});

export const docMore = socketCall({
  name: 'doc.more',
  summary: 'Fetch the next piece of a document that was opened with `inPieces`. Each can be applied as it comes.',
  input: z.object({ fileId: uuid }),
  output: z.object({ update: bytes, more: z.boolean() }),
});

export const docUpdate = socketCall({
  name: 'doc.update',
  summary: 'Send an edit (a Yjs update, v1). Answered after it was committed to the database.',
  input: z.object({ fileId: uuid, update: bytes }),
  output: z.object({ saved: z.literal(true) }),
});

export const docAwareness = socketCall({
  name: 'doc.awareness',
  summary: 'Send one’s own cursor and selection (a y-protocols awareness update). The server stamps `user` on it.',
  input: z.object({ fileId: uuid, update: bytes }),
  output: z.object({}),
});

export const docClose = socketCall({
  name: 'doc.close',
  summary: 'Close a document on this connection.',
  input: z.object({ fileId: uuid }),
  output: z.object({}),
});

const update = z.object({ fileId: uuid, update: bytes });
export const docUpdated = event({
  name: 'doc.update',
  summary: 'Edits of others (a Yjs update, v1).',
  payload: update,
});
export const docAwarenessChanged = event({
  name: 'doc.awareness',
  summary: 'Cursors of others (a y-protocols awareness update); newest per client.',
  payload: update,
});
export const docAccess = event({
  name: 'doc.access',
  summary: 'The right to write this document changed.',
  payload: z.object({ fileId: uuid, canWrite: z.boolean() }),
});
export const docSaved = event({
  name: 'doc.saved',
  summary: 'Whether edits of this document wait for the database longer than usual.',
  payload: z.object({ fileId: uuid, saved: z.boolean() }),
});
export const docClosed = event({
  name: 'doc.closed',
  summary: 'The server closed this document: open it again, unless the reason is final (deleted, forbidden).',
  payload: z.object({ fileId: uuid, reason: z.enum(['deleted', 'forbidden', 'resync', 'draining', 'failed']) }),
});
