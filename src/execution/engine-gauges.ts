// The engine in figures, for whoever watches the server. Per sandbox there is `sandboxes()`: as labels of a metric their
// ids would never end.
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

/** How runs are kept apart from the server, for everybody to see: the reasons, which may hold paths, are in the log. */
export function engineHealth(engine: Pick<Execution, 'stats'>): Readonly<Record<string, unknown>> {
  const { isolation, skipped, rlimits, trouble } = engine.stats();
  return { isolation, unavailable: skipped.map(({ name }) => name), rlimits, working: trouble === undefined };
}
