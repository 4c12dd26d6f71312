// What a pool of sandbox processes is made with.
import type { FileHandle } from 'node:fs/promises';
import type { Log } from '../observe/log.ts';
import type { SkippedPlan } from './ladder.ts';
import type { LaunchPlan } from './launch.ts';
import type { PoolLimits } from './limits.ts';

/** What a pool is made with. */
export interface PoolOptions {
  readonly log: Log;
  readonly limits: PoolLimits;
  /** Ways to start a process, the strictest first; the first that works is kept. */
  readonly plans: readonly LaunchPlan[];
  /** Stricter ones that cannot be tried here. */
  readonly missing: readonly SkippedPlan[];
  /** Ends every process after one run. */
  readonly oneShot: boolean;
  /** Called once, when the first process is ready. */
  readonly onIsolation: (name: LaunchPlan['name'], skipped: readonly SkippedPlan[]) => void;
  /** Opens the file that each process is given, where it is given one. */
  readonly prepare?: () => Promise<FileHandle>;
  /** A process has ended before it was ready. */
  readonly onFailedStart?: () => void;
  newId(): string;
}
