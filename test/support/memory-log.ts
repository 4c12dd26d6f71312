// A log in memory with faults: it can wait, fail and lose what was not committed. Real SQL is tested beside it.

import type { Claim } from '../../src/documents/client-owners.ts';
import type { Append, StoredDocument, UpdateLog } from '../../src/documents/update-log.ts';
import { EMPTY_UPDATE, mergeAll } from '../../src/documents/update-merge.ts';
import type { NewVersion, VersionStore } from '../../src/documents/versions.ts';

interface Waiting extends Append {
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

export class MemoryLog implements UpdateLog, VersionStore {
  readonly committed = new Map<string, Uint8Array[]>();
  readonly claims = new Map<string, Claim[]>();
  readonly versions: NewVersion[] = [];
  readonly appended: Append[] = [];
  loads = 0;
  compactions = 0;
  /** Commits happen only when the test says so. */
  held = false;
  failLoads: Error | undefined;
  failVersions: Error | undefined;
  refused = new Set<string>();
  #waiting: Waiting[] = [];

  create(fileId: string, state: Uint8Array = EMPTY_UPDATE): void {
    this.committed.set(fileId, [state]);
  }

  get backlogBytes(): number {
    return this.#waiting.reduce((sum, { update }) => sum + update.length, 0);
  }

  async load(fileId: string): Promise<StoredDocument | undefined> {
    this.loads++;
    await Promise.resolve();
    if (this.failLoads) throw this.failLoads;
    const parts = this.committed.get(fileId);
    const claims = this.claims.get(fileId) ?? [];
    return parts && { lineage: `lineage of ${fileId}`, parts: [...parts], claims: [...claims] };
  }

  append(append: Append): Promise<void> {
    this.appended.push(append);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ ...append, resolve, reject });
      if (!this.held) queueMicrotask(() => this.commit());
    });
  }

  /** Commits what waits. */
  commit(): void {
    for (const { fileId, update, claims = [], resolve, reject } of this.#waiting.splice(0)) {
      if (this.refused.has(fileId)) reject(new Error('refused'));
      else {
        this.committed.get(fileId)?.push(update);
        this.claims.set(fileId, [...(this.claims.get(fileId) ?? []), ...claims]);
        resolve();
      }
    }
  }

  async compact(fileId: string): Promise<void> {
    this.compactions++;
    const parts = this.committed.get(fileId) as Uint8Array[];
    this.committed.set(fileId, [mergeAll(parts)]);
  }

  async drain(): Promise<boolean> {
    if (this.held) return false;
    this.commit();
    return true;
  }

  async write(version: NewVersion): Promise<boolean> {
    if (this.failVersions) throw this.failVersions;
    if (this.versions.at(-1)?.content === version.content) return false;
    this.versions.push(version);
    return true;
  }
}
