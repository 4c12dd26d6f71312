// The pools of sandbox processes, one for each kind. What a kind needs that nobody uses is not started.
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { GuestKind } from './guest.ts';
import { type LaunchTools, launchPlans, whyNoBox } from './launch.ts';
import { POOL_LIMITS, type PoolLimits, PYTHON_POOL_LIMITS } from './limits.ts';
import { SandboxPool } from './pool.ts';
import type { PoolOptions } from './pool-options.ts';
import type { PoolStats, SandboxState } from './pool-stats.ts';
import { PYODIDE_FOLDER } from './python/python-files.ts';
import { SnapshotStore } from './python/snapshot-store.ts';
import type { SandboxProcess } from './sandbox-process.ts';

export interface PoolsOptions extends Pick<PoolOptions, 'log' | 'oneShot' | 'newId' | 'onIsolation'> {
  readonly limits: Partial<PoolLimits>;
  /** The same for Python, where it is otherwise. */
  readonly pythonLimits: Partial<PoolLimits>;
  readonly tools: LaunchTools;
  /** Where the snapshot of Python is kept. */
  readonly cacheFolder?: string | undefined;
}

/** Hands out processes by the kind of what is to be run. */
export class Pools {
  readonly #pools: Readonly<Record<GuestKind, SandboxPool>>;
  readonly #snapshots: SnapshotStore;
  readonly #kinds = new WeakMap<SandboxProcess, SandboxPool>();

  constructor(options: PoolsOptions) {
    const { log, oneShot, newId, tools, limits, pythonLimits } = options;
    const noBox = whyNoBox(tools);
    const missing = noBox === undefined ? [] : ([{ name: 'bubblewrap', reason: noBox }] as const);
    const folder = options.cacheFolder ?? join(tmpdir(), `coderoom-${process.getuid?.() ?? 0}`);
    const snapshots = new SnapshotStore({ folder, execPath: tools.execPath, log });
    this.#snapshots = snapshots;
    const both = { log, missing, oneShot, newId };
    const script = new SandboxPool({
      ...both,
      limits: { ...POOL_LIMITS, ...limits },
      plans: launchPlans({ ...tools, kind: 'script' }),
      onIsolation: options.onIsolation,
    });
    const python = new SandboxPool({
      ...both,
      limits: { ...POOL_LIMITS, ...PYTHON_POOL_LIMITS, ...(limits.warm === 0 ? { warmMost: 0 } : {}), ...pythonLimits },
      plans: launchPlans({ ...tools, kind: 'python', folders: [PYODIDE_FOLDER] }),
      onIsolation: (isolation) => log.info({ isolation }, 'how runs of Python are kept apart from the server'),
      prepare: () => snapshots.open(),
      onFailedStart: () => snapshots.doubt(),
    });
    this.#pools = { script, python };
  }

  /** Resolves when those that are kept ready from the start are. */
  get filled(): Promise<void> {
    return this.#pools.script.filled;
  }

  /** Why no process of this kind can be started at present. What keeps scripts from it keeps every kind from it. */
  trouble(kind: GuestKind): string | undefined {
    return this.#pools[kind].trouble ?? this.#pools.script.trouble;
  }

  /** Somebody will run something of this kind soon. */
  expect(kind: GuestKind): void {
    if (kind !== 'script') this.#pools[kind].expect();
  }

  /** As a pool's: the process is nobody else's until `release`. Rejects when none can be started. */
  async acquire(kind: GuestKind, roomId: string): Promise<SandboxProcess> {
    const pool = this.#pools[kind];
    this.expect(kind);
    const process = await pool.acquire(roomId);
    this.#kinds.set(process, pool);
    return process;
  }

  release(process: SandboxProcess): void {
    this.#kinds.get(process)?.release(process);
  }

  /** Of all kinds together; how they are kept apart is what the pool of scripts found out. */
  get stats(): PoolStats {
    const all = Object.values(this.#pools).map((pool) => pool.stats);
    const sum = (key: 'warm' | 'wanted' | 'bound' | 'started' | 'killed' | 'failedStarts'): number =>
      all.reduce((total, stats) => total + stats[key], 0);
    return {
      ...this.#pools.script.stats,
      warm: sum('warm'),
      wanted: sum('wanted'),
      bound: sum('bound'),
      started: sum('started'),
      killed: sum('killed'),
      failedStarts: sum('failedStarts'),
      pids: all.flatMap(({ pids }) => pids),
    };
  }

  sandboxes(): SandboxState[] {
    return Object.values(this.#pools).flatMap((pool) => pool.sandboxes());
  }

  async close(): Promise<void> {
    this.#snapshots.close();
    await Promise.all(Object.values(this.#pools).map((pool) => pool.close()));
  }
}
