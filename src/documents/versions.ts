// Decides when the text of a document becomes a version: after some quiet, now and then while people type, and when the
// last one leaves.
import type { Log } from '../observe/log.ts';
import { LIMITS } from './limits.ts';
import type { LiveDocument } from './live-document.ts';

export interface NewVersion {
  readonly fileId: string;
  readonly content: string;
  readonly kind: 'manual' | 'auto' | 'restore' | 'import';
  readonly authorId: string | null;
}

/** The port to `file_versions`. */
export interface VersionStore {
  /** Stores the text unless the newest version has it already. @returns whether it was stored */
  write(version: NewVersion): Promise<boolean>;
}

/** Whether the edits of a document are due to become a version. */
export function versionIsDue(document: LiveDocument, now: number): boolean {
  const { edits, firstAt, lastAt } = document.unversioned;
  if (edits === 0) return false;
  return document.linkCount === 0 || now - lastAt >= LIMITS.quietMs || now - firstAt >= LIMITS.activeMs;
}

/**
 * Writes the text as a version. The mark "has edits" is cleared before the text is read and put back if the write
 * fails, so an edit made meanwhile is never lost to the next version.
 */
export async function writeVersion(document: LiveDocument, store: VersionStore): Promise<void> {
  const { actorId } = document.unversioned;
  const begun = document.beginVersion();
  try {
    // A version never holds what the log does not: both are of this moment.
    const [content] = await Promise.all([document.text(), document.committed()]);
    await store.write({ fileId: document.fileId, content, kind: 'auto', authorId: actorId });
  } catch (error) {
    begun.restore();
    throw error;
  }
}

/** Writes those that have edits. @returns whether all were written */
export async function writeVersions(
  documents: readonly LiveDocument[],
  store: VersionStore,
  logger: Log,
): Promise<boolean> {
  const due = documents.filter(({ unversioned }) => unversioned.edits > 0);
  const results = await Promise.allSettled(due.map((document) => writeVersion(document, store)));
  for (const result of results) {
    if (result.status === 'rejected') logger.error({ err: result.reason }, 'a version was not written');
  }
  return results.every(({ status }) => status === 'fulfilled');
}
