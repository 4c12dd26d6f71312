// What a pool of sandbox processes tells of itself.
import type { SkippedPlan } from './ladder.ts';
import type { LaunchPlan } from './launch.ts';

/** What there is now. */
export interface PoolStats {
  /** Generic processes that are ready. */
  readonly warm: number;
  /** How many of those there are to be at the present load. */
  readonly wanted: number;
  /** Processes that belong to a room. */
  readonly bound: number;
  /** Processes started, and of those the ones that have ended, whoever ended them. */
  readonly started: number;
  readonly killed: number;
  /** Those that never came to be ready. */
  readonly failedStarts: number;
  /** How children are kept apart from the server; see `LaunchPlan`. */
  readonly isolation: LaunchPlan['name'];
  /** The stricter ways that do not work here, with the reason. */
  readonly skipped: readonly SkippedPlan[];
  /** Whether the system clamps the memory of every child. */
  readonly rlimits: boolean;
  /** All children that are not known to be gone. */
  readonly pids: readonly number[];
  /** Why no child can be started at present; for the operator, it may hold paths. */
  readonly trouble?: string;
}

/** One process. `rssBytes` and `cpuMs` are 0 when the system does not tell. */
export interface SandboxState {
  readonly id: string;
  readonly state: 'starting' | 'warm' | 'bound' | 'leaving';
  readonly roomId?: string;
  readonly runs: number;
  readonly rssBytes: number;
  readonly cpuMs: number;
}
