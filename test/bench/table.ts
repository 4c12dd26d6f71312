// The results as Markdown: ours beside the peer with the ratio of every round, and then every peer's figures.
import { CASES, type Case, SYNC_ALLOWANCE, type Target } from './cases.ts';
import { median } from './histogram.ts';

/** One line of the results: who and what, and figures at any depth. */
export interface Run {
  readonly case: string;
  readonly peer: string;
  readonly round: number;
  readonly at: string;
  readonly error?: string;
}

export interface Machine {
  readonly cpu: string;
  readonly cpus: number;
  readonly memoryGiB: number;
  readonly system: string;
  readonly node: string;
  readonly postgres: string;
  readonly commit: string;
}

const OURS = ['ours', 'ours-yws'] as const;

/** Further figures of a case, for the second table. */
const FIGURES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  fanout: {
    'p50 ms': 'latency.p50',
    'p95 ms': 'latency.p95',
    'p99 ms': 'latency.p99',
    CPU: 'serverCpu',
    'µs/delivery': 'microsPerDelivery',
    'frames/delivery': 'framesPerDelivery',
    'saved p50 ms': 'savedLatency.p50',
    'saved p99 ms': 'savedLatency.p99',
    missing: 'missing',
    converged: 'convergence.same',
  },
  saturate: {
    'deliveries/s at most': 'top.deliveriesPerSecond',
    'µs/delivery there': 'top.microsPerDelivery',
    'CPU there': 'top.serverCpu',
    'load CPU': 'top.loadCpu',
    'deliveries/s with p99 < 250 ms': 'sustained.deliveriesPerSecond',
    closed: 'closed',
  },
  rooms: {
    'p50 ms': 'latency.p50',
    'p99 ms': 'latency.p99',
    CPU: 'serverCpu',
    'database CPU s': 'databaseCpuSeconds',
    'saved p50 ms': 'savedLatency.p50',
    'saved p99 ms': 'savedLatency.p99',
    'MiB after': 'residentAfterMiB',
    'CPU ms per connection': 'connect.cpuMsEach',
    missing: 'missing',
    converged: 'convergence.same',
  },
  awareness: {
    'p50 ms': 'cursors.latency.p50',
    'p99 ms': 'cursors.latency.p99',
    CPU: 'serverCpu',
    'load CPU': 'loadCpu',
    'share shown': 'shownShare',
    frames: 'cursors.messages',
  },
  saved: {
    'saved p50 ms': 'savedLatency.p50',
    'saved p99 ms': 'savedLatency.p99',
    'INSERT p50 ms': 'insert.p50',
    'INSERT p99 ms': 'insert.p99',
    CPU: 'serverCpu',
    'database CPU s': 'databaseCpuSeconds',
  },
  observers: {
    'p95 ms': 'still.latency.p95',
    'p95 ms with cursors': 'moving.latency.p95',
    'CPU with cursors': 'moving.serverCpu',
    'load CPU': 'moving.loadCpu',
    missing: 'missing',
  },
  join: {
    'warm ms': 'warm.ms.median',
    'cold ms': 'cold.ms.median',
    'server CPU ms each': 'warm.cpuMsEach',
    bytes: 'warm.bytes',
    'cold is whole': 'cold.same',
  },
  reconnect: {
    'cold, all ms': 'cold.allMs.median',
    'warm, all ms': 'warm.allMs.median',
    'cold CPU ms each': 'cold.cpuMsPerClient',
    'warm CPU ms each': 'warm.cpuMsPerClient',
    'asked to come again': 'cold.retries',
  },
  durability: {
    edits: 'edits',
    acknowledged: 'acknowledged',
    'acknowledged and lost': 'acknowledgedLost',
    lost: 'lost.median',
    'oldest lost ms': 'oldestLostMs.max',
    'saved p50 ms': 'savedLatency.p50',
  },
  memory: {
    'KiB per connection': 'connection.residentKiB',
    'heap KiB per connection': 'connection.heapKiB',
    'bytes per document': 'document.bytes',
    'bytes of its Y.Doc': 'document.yDocBytes',
  },
};

/** The whole of RESULTS.md. */
export function resultsPage(runs: readonly Run[], machine: Machine): string {
  const good = runs.filter(({ error }) => error === undefined);
  const { cpu, cpus, memoryGiB, system, node, postgres, commit } = machine;
  const rounds = new Set(runs.map(({ round }) => round)).size;
  return [
    '# Results',
    `${runs[0]?.at.slice(0, 10) ?? ''}, commit ${commit}: ${cpu}, ${cpus} CPUs, ${memoryGiB} GiB, ${system}, Node ${node}, PostgreSQL ${postgres} with fsync. ${rounds} rounds, peers and ours in turn. Made by \`npm run bench\`; README.md says how to read it.`,
    '## Targets\nMedian (smallest – largest). A ratio is ours ÷ the peer’s within one round.',
    targetTable(good),
    ...CASES.filter((one) => good.some((run) => run.case === one.name)).map((one) => caseSection(good, one)),
    failures(runs),
  ]
    .filter(Boolean)
    .join('\n\n')
    .concat('\n');
}

function targetTable(runs: readonly Run[]): string {
  const head = ['work', 'figure', 'peer', 'its', 'through', 'ours', 'ratio', 'target', ''];
  const rows = CASES.flatMap((one) =>
    one.targets.flatMap((target) => OURS.flatMap((name) => targetRow(runs, { one, target, name }) ?? [])),
  );
  return markdown(head, rows);
}

interface TargetCell {
  readonly one: Case;
  readonly target: Target;
  readonly name: (typeof OURS)[number];
}

function targetRow(runs: readonly Run[], { one, target, name }: TargetCell): string[][] | undefined {
  const own = figuresOf(runs, { case: one.name, peer: name }, target.path);
  if (own.size === 0) return undefined;
  const peer = one.beside
    ? figuresOf(runs, { case: one.name, peer: one.beside }, target.path)
    : new Map<number, number>();
  const ratios = [...own].flatMap(([round, value]) => {
    const other = peer.get(round);
    return other ? [value / other] : [];
  });
  const allowed = target.atMost * (name === 'ours' ? 1 : SYNC_ALLOWANCE);
  const judged = target.kind === 'ratio' ? ratios : [...own.values()];
  const met = judged.length === 0 ? '?' : median(judged) <= allowed ? 'met' : '**missed**';
  const limit = `≤ ${shown(allowed)}${target.kind === 'ratio' ? ' ×' : ''}`;
  const through = name === 'ours' ? 'Socket.io' : 'y-websocket';
  const its = peer.size > 0 ? spreadOf([...peer.values()]) : '–';
  const factor = ratios.length > 0 ? `${spreadOf(ratios)} ×` : '–';
  return [[one.work, target.figure, one.beside ?? '–', its, through, spreadOf([...own.values()]), factor, limit, met]];
}

/** A figure by round. */
function figuresOf(runs: readonly Run[], who: Pick<Run, 'case' | 'peer'>, path: string): Map<number, number> {
  const own = runs.filter((run) => run.case === who.case && run.peer === who.peer);
  const pairs = own.map((run) => [run.round, valueAt(run, path)] as const);
  return new Map(pairs.filter((pair): pair is [number, number] => typeof pair[1] === 'number'));
}

function caseSection(runs: readonly Run[], { name, work, scenario }: Case): string {
  const columns = FIGURES[scenario] ?? {};
  const own = runs.filter((run) => run.case === name);
  const rows = [...new Set(own.map(({ peer }) => peer))].map((peer) => {
    const values = Object.values(columns).map((path) =>
      cell(own.filter((run) => run.peer === peer).map((run) => valueAt(run, path))),
    );
    return [peer, ...values];
  });
  return `## ${work}\n\n${markdown(['', ...Object.keys(columns)], rows)}`;
}

function failures(runs: readonly Run[]): string {
  const failed = runs.filter(({ error }) => error !== undefined);
  if (failed.length === 0) return '';
  const lines = failed.map((run) => `- ${run.case}, ${run.peer}, round ${run.round}: ${run.error?.split('\n')[0]}`);
  return `## Failed\n\n${lines.join('\n')}`;
}

function valueAt(run: object, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((value, key) => (value as Record<string, unknown> | null | undefined)?.[key], run);
}

function cell(values: readonly unknown[]): string {
  const there = values.filter((value) => value !== undefined && value !== null);
  const numbers = there.filter((value) => typeof value === 'number');
  if (numbers.length > 0) return spreadOf(numbers);
  return there.length > 0 ? [...new Set(there.map(String))].join(', ') : '–';
}

function spreadOf(values: readonly number[]): string {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const middle = shown(median(values));
  return low === high ? middle : `${middle} (${shown(low)} – ${shown(high)})`;
}

/** Three significant digits. */
function shown(value: number): string {
  return String(Math.abs(value) >= 1000 ? Math.round(value) : Number(value.toPrecision(3)));
}

function markdown(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line)].join('\n');
}
