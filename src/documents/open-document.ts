// What a transport holds of a document that one link has open.
import { AppError } from '../protocol/errors.ts';
import { knowsMark } from './lineage-mark.ts';
import type { Link } from './link.ts';
import type { LiveDocument } from './live-document.ts';

/** What somebody may do with a document. */
export interface Right {
  readonly role: string;
  readonly canWrite: boolean;
}

/** Whose rights are decided anew, and where. */
export interface Grounds {
  readonly roomId: string;
  readonly userId?: string;
  readonly fileId?: string;
}

/** A document that one link has open. */
export interface OpenDocument {
  readonly lineage: string;
  readonly canWrite: boolean;
  readonly saved: boolean;
  /**
   * Everything, or what somebody with this state vector lacks, as one Yjs update.
   * @param lineage of which they have it, where they know
   * @throws AppError `lineage_changed` when that is from before a restore, or of another file
   */
  difference(stateVector?: Uint8Array, lineage?: string): Uint8Array;
  /** The same, in pieces if it is large. */
  pieces(stateVector?: Uint8Array, lineage?: string): Iterable<Uint8Array>;
  stateVector(): Uint8Array;
  presence(): Uint8Array;
  /** Takes an edit of the link in and resolves when it is committed. @throws AppError `read_only`, `malformed_update`, … */
  receive(update: Uint8Array): Promise<void>;
  receivePresence(update: Uint8Array): void;
  /** Gives the link another role; it holds for the next frame. */
  grant(right: Right): void;
  close(): void;
}

/** @param grant gives the link another role */
export function openDocument(document: LiveDocument, link: Link, grant: OpenDocument['grant']): OpenDocument {
  let isOfLineage = document.mark === undefined;
  const otherLineage = (): AppError =>
    new AppError(
      'lineage_changed',
      'The document is another one than the one you have text of: start from an empty one.',
      {
        lineage: document.lineage,
      },
    );
  const checkLineage = (stateVector?: Uint8Array, lineage?: string): void => {
    // It may have been given while the document was open.
    const { mark } = document;
    if (mark !== undefined && lineage !== document.lineage && !knowsMark(mark, stateVector)) throw otherLineage();
    isOfLineage = true;
  };
  return {
    lineage: document.lineage,
    get canWrite() {
      return link.canWrite;
    },
    get saved() {
      return document.saved;
    },
    difference: (stateVector, lineage) => {
      checkLineage(stateVector, lineage);
      return document.difference(link, stateVector);
    },
    pieces: (stateVector, lineage) => {
      checkLineage(stateVector, lineage);
      return document.pieces(link, stateVector);
    },
    stateVector: () => document.stateVector(),
    presence: () => document.presence(),
    receive: (update) => {
      try {
        if (!isOfLineage) throw otherLineage();
        if (!link.canWrite) throw new AppError('read_only', 'You may read this document, not write it.');
        return document.receive(update, link, { actorId: link.person.id, source: 'edit' });
      } catch (error) {
        return Promise.reject(error);
      }
    },
    receivePresence: (update) => document.receivePresence(link, update),
    grant,
    close: () => document.detach(link),
  };
}
