// The engine in figures, for whoever watches the server.
import type { Execution } from './execution.ts';

/** The figures of this moment by name; what they mean stands in observe/gauges.ts. */
export function engineGauges(engine: Pick<Execution, 'stats' | 'sandboxes'>): Record<string, number> {
  const { running, waiting, parked, warm, wanted, bound, started, killed, failedStarts } = engine.stats();
  const sandboxes = engine.sandboxes();
  const bytes = sandboxes.map(({ rssBytes }) => rssBytes);
  return {
    runsRunning: running,
    runsWaiting: waiting,
    runsAwaitingInput: parked,
    sandboxesWarm: warm,
    sandboxesWanted: wanted,
    sandboxesBound: bound,
    sandboxesStarted: started,
    sandboxesEnded: killed,
    sandboxesFailed: failedStarts,
    sandboxesBytes: bytes.reduce((sum, size) => sum + size, 0),
    largestSandboxBytes: Math.max(0, ...bytes),
    sandboxesCpuMs: sandboxes.reduce((sum, { cpuMs }) => sum + cpuMs, 0),
  };
}

/** One sandbox with its figures, as observe/metrics.ts takes them. */
export interface SandboxPoint {
  readonly labels: { readonly sandbox: string; readonly state: string };
  readonly values: { readonly sandboxMemoryBytes: number; readonly sandboxCpuMs: number; readonly sandboxRuns: number };
}

/**
 * Figures of each sandbox. Each has the lowest number that is free when it is first seen: as labels of a metric their ids
 * would never end.
 */
export function sandboxSeries(engine: Pick<Execution, 'sandboxes'>): () => SandboxPoint[] {
  const numbers = new Map<string, number>();
  return () => {
    const sandboxes = engine.sandboxes();
    const present = new Set(sandboxes.map(({ id }) => id));
    for (const id of numbers.keys()) if (!present.has(id)) numbers.delete(id);
    return sandboxes.map(({ id, state, rssBytes, cpuMs, runs }) => {
      const number = numbers.get(id) ?? lowestFree(numbers);
      numbers.set(id, number);
      return {
        labels: { sandbox: String(number), state },
        values: { sandboxMemoryBytes: rssBytes, sandboxCpuMs: cpuMs, sandboxRuns: runs },
      };
    });
  };
}

function lowestFree(numbers: ReadonlyMap<string, number>): number {
  const taken = new Set(numbers.values());
  let number = 0;
  while (taken.has(number)) number++;
  return number;
}

/** How runs are kept apart from the server, for everybody to see: the reasons, which may hold paths, are in the log. */
export function engineHealth(engine: Pick<Execution, 'stats'>): Readonly<Record<string, unknown>> {
  const { isolation, skipped, rlimits, trouble } = engine.stats();
  return { isolation, unavailable: skipped.map(({ name }) => name), rlimits, working: trouble === undefined };
}
