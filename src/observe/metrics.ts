// Prometheus metrics of this node.
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

export interface Metrics {
  readonly contentType: string;
  render(): Promise<string>;
  /** Counts a command with its outcome (`ok` or an error code). */
  command(name: string, code: string, seconds: number): void;
  /** Registers gauges that are read when somebody asks: name without prefix → help, value. */
  gauges(read: () => Readonly<Record<string, number>>, help: Readonly<Record<string, string>>): void;
  /** Registers gauges that have a value for each of several things; what is gone when somebody asks is not told. */
  series(read: () => readonly SeriesPoint[], help: Readonly<Record<string, string>>): void;
}

/** One thing with its values, by the names of the gauges without prefix. */
export interface SeriesPoint {
  /** The same names in every point; few different values over time. */
  readonly labels: Readonly<Record<(typeof SERIES_LABELS)[number], string>>;
  readonly values: Readonly<Record<string, number>>;
}

const PREFIX = 'coderoom_';
/** Seconds: from a cached read to a slow transaction. */
const BUCKETS = [0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

/** Milliseconds between two looks at the event loop: each wakes an idle process. */
const LAG_PRECISION_MS = 100;

/** Labels of things that there are several of. */
const SERIES_LABELS = ['sandbox', 'state'] as const;

/** A registry of its own, so that several servers can live in one process. */
export function openMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: LAG_PRECISION_MS });
  const commands = new Counter({
    name: `${PREFIX}commands_total`,
    help: 'Commands by name and outcome.',
    labelNames: ['command', 'code'],
    registers: [registry],
  });
  const durations = new Histogram({
    name: `${PREFIX}command_seconds`,
    help: 'Time from the arrival of a command to its answer.',
    labelNames: ['command'],
    buckets: BUCKETS,
    registers: [registry],
  });
  return {
    contentType: registry.contentType,
    render: () => registry.metrics(),
    command(name, code, seconds) {
      commands.inc({ command: name, code });
      durations.observe({ command: name }, seconds);
    },
    gauges(read, help) {
      const values = oncePerTurn(read);
      for (const [name, text] of Object.entries(help)) {
        new Gauge({
          name: `${PREFIX}${snakeCase(name)}`,
          help: text,
          registers: [registry],
          collect() {
            this.set(values()[name] ?? 0);
          },
        });
      }
    },
    series(read, help) {
      const points = oncePerTurn(read);
      for (const [name, text] of Object.entries(help)) {
        new Gauge({
          name: `${PREFIX}${name}`,
          help: text,
          labelNames: SERIES_LABELS,
          registers: [registry],
          collect() {
            this.reset();
            for (const { labels, values } of points()) this.set(labels, values[name] ?? 0);
          },
        });
      }
    },
  };
}

/** Gauges are asked one after the other, in one turn: what they read is read once. */
function oncePerTurn<T>(read: () => T): () => T {
  let known: { readonly value: T } | undefined;
  return () => {
    if (known === undefined) {
      setImmediate(() => {
        known = undefined;
      });
      known = { value: read() };
    }
    return known.value;
  };
}

/** As Prometheus names things: `backlogBytes` is `backlog_bytes`. */
function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
