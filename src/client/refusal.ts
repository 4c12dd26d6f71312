// What a document does about an error that the server answered with, or about being closed by it.

import type { EventPayload } from '../protocol/index.ts';
import { readBytes } from './bytes.ts';
import { CoderoomError } from './errors.ts';

/**
 * - `lost`: the connection went; what follows is decided when it is back
 * - `final`: the document is refused for good
 * - `read_only`: the text is kept, nothing is sent until the right to write comes back
 * - `blocked`: the same edit would be refused again; it waits until a further one changes the difference
 * - `later`: open again after a while
 */
export type Reaction = 'lost' | 'final' | 'read_only' | 'blocked' | 'later';

const REACTIONS: Partial<Record<CoderoomError['code'], Reaction>> = {
  offline: 'lost',
  forbidden: 'final',
  not_found: 'final',
  room_unavailable: 'final',
  lineage_changed: 'final',
  unauthenticated: 'final',
  session_ended: 'final',
  read_only: 'read_only',
  malformed_update: 'blocked',
  invalid_input: 'blocked',
  too_large: 'blocked',
  limit_exceeded: 'blocked',
};

export function reactionTo(error: CoderoomError): Reaction {
  // The one who made those edits is here, and about to send them.
  if (reasonOf(error) === 'foreign_client') return 'later';
  return REACTIONS[error.code] ?? 'later';
}

/** What the server has, when it refused an update because that builds on edits it lacks; undefined otherwise. */
export function missingSince(error: CoderoomError): Uint8Array | undefined {
  if (reasonOf(error) !== 'missing_dependencies') return undefined;
  return readBytes((error.details as { stateVector?: unknown }).stateVector);
}

function reasonOf({ code, details }: CoderoomError): unknown {
  if (code !== 'malformed_update' || typeof details !== 'object' || details === null) return undefined;
  return (details as { reason?: unknown }).reason;
}

export type CloseReason = EventPayload<'doc.closed'>['reason'];

/** The error a document is refused with after the server closed it; undefined when it may be opened again. */
export function closedFor(reason: CloseReason): CoderoomError | undefined {
  switch (reason) {
    case 'deleted':
      return new CoderoomError('not_found', 'The file was deleted.');
    case 'forbidden':
      return new CoderoomError('forbidden', 'The file may no longer be read.');
    case 'resync':
    case 'draining':
    case 'failed':
      return undefined;
  }
}

export function readOnly(): CoderoomError {
  return new CoderoomError('read_only', 'This file may only be read.');
}
