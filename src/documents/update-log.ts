// The port to durable storage of documents. The log is the truth: what `append` has resolved survives anything.

import type { Claim } from './client-owners.ts';
import type { UpdateShape } from './update-walk.ts';

export interface StoredDocument {
  /** Changes when the document is seeded anew; states of two lineages must never be merged. */
  readonly lineage: string;
  /** Of a document that was restored, or came to a path where another was: the client id of its mark, see lineage-mark.ts. */
  readonly mark?: number | undefined;
  /** Merged state first, then every update since, in the order of the log. */
  readonly parts: readonly Uint8Array[];
  /** What updates are made of, where the log has looked whether they are sound. */
  readonly shapes?: ReadonlyMap<Uint8Array, UpdateShape>;
  /** Whose its Yjs client ids are. */
  readonly claims: readonly Claim[];
}

export interface Append {
  readonly fileId: string;
  readonly update: Uint8Array;
  readonly actorId: string | null;
  readonly source: 'edit' | 'restore' | 'import' | 'agent' | 'revert';
  /** Client ids that are first written with here; stored in the same commit. */
  readonly claims?: readonly Claim[];
}

export interface UpdateLog {
  /** @returns undefined when there is no such document (deleted, or never was) */
  load(fileId: string): Promise<StoredDocument | undefined>;
  /**
   * Resolves after the commit; edits of one document that are committed together may share the promise. Waits and tries again while the database is away; rejects only when this update can
   * never be stored (its file is gone), or with `not_saved` at once when too much waits already. What was given for
   * the same document until the rejection is known is rejected with it: nothing stored builds on what is not.
   */
  append(append: Append): Promise<void>;
  /**
   * Replaces the state and exactly the updates it read by their merge. Safe beside appends and other nodes.
   * @param quick while people type: see `Merger.merge`
   */
  compact(fileId: string, quick?: boolean): Promise<void>;
  /** Bytes accepted and not yet committed. */
  readonly backlogBytes: number;
  /** Resolves when everything appended so far is committed; false if that did not happen in time. */
  drain(withinMs: number): Promise<boolean>;
}
