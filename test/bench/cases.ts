// What `npm run bench` measures, and the targets of the documents engine.

/** A scenario with its options, and the peers it is measured with. */
export interface Case {
  readonly name: string;
  readonly work: string;
  readonly scenario: string;
  readonly args: readonly string[];
  /** The peer that ours is compared with. */
  readonly beside?: 'hocuspocus' | 'hocuspocus-pg';
  /** Whether ours is measured through the y-websocket endpoint as well. */
  readonly sync: boolean;
  readonly targets: readonly Target[];
}

export interface Target {
  readonly figure: string;
  /** Place of the figure in the results. */
  readonly path: string;
  /** `ratio`: ours divided by the peer's; `figure`: ours as it is. */
  readonly kind: 'ratio' | 'figure';
  readonly atMost: number;
}

/** What the y-websocket endpoint may take more of everything. */
export const SYNC_ALLOWANCE = 1.3;

const ratio = (figure: string, path: string, atMost: number): Target => ({ figure, path, kind: 'ratio', atMost });
const figure = (name: string, path: string, atMost: number): Target => ({ figure: name, path, kind: 'figure', atMost });
const besideHocuspocus = { beside: 'hocuspocus', sync: true } as const;

export const CASES: readonly Case[] = [
  {
    ...besideHocuspocus,
    name: 'fanout-50',
    work: 'one room, 50 × 5 edits/s',
    scenario: 'fanout',
    args: ['--n', '50', '--rate', '5'],
    targets: [ratio('CPU', 'serverCpu', 1), ratio('p50 ms', 'latency.p50', 1), figure('missing', 'missing', 0)],
  },
  {
    ...besideHocuspocus,
    name: 'fanout-200',
    work: 'one room, 200 × 5 edits/s',
    scenario: 'fanout',
    args: ['--n', '200', '--rate', '5'],
    targets: [ratio('CPU', 'serverCpu', 0.5), ratio('p99 ms', 'latency.p99', 2.2), figure('missing', 'missing', 0)],
  },
  {
    ...besideHocuspocus,
    name: 'saturate-50',
    work: 'one room saturated, n = 50',
    scenario: 'saturate',
    args: ['--n', '50'],
    targets: [ratio('µs per delivery', 'top.microsPerDelivery', 0.2)],
  },
  {
    ...besideHocuspocus,
    name: 'rooms-1000',
    work: '1000 rooms × 3 × 2 edits/s',
    scenario: 'rooms',
    args: ['--m', '1000', '--per', '3', '--rate', '2'],
    targets: [ratio('CPU', 'serverCpu', 0.7), ratio('p99 ms', 'latency.p99', 0.15), figure('missing', 'missing', 0)],
  },
  {
    ...besideHocuspocus,
    name: 'awareness-50',
    work: 'cursors, 50 × 20/s',
    scenario: 'awareness',
    args: ['--n', '50', '--rate', '20'],
    targets: [ratio('CPU', 'serverCpu', 0.28)],
  },
  {
    name: 'saved',
    work: 'edit to saved at 1000 edits/s',
    scenario: 'saved',
    args: [],
    sync: false,
    targets: [
      figure('p50 ÷ p50 of one committed INSERT', 'p50ToInsert', 6),
      figure('p99 ÷ p50', 'p99ToP50', 10),
      figure('not saved', 'unsaved', 0),
    ],
  },
  {
    name: 'observers',
    work: 'one writer, 500 observers with cursors at 1/s',
    scenario: 'observers',
    args: [],
    sync: true,
    targets: [figure('p95 ÷ p95 without cursors', 'p95Ratio', 3), figure('missing', 'missing', 0)],
  },
  {
    name: 'join',
    work: 'join of automerge-paper',
    scenario: 'join',
    args: ['--doc', 'automerge-paper'],
    beside: 'hocuspocus-pg',
    sync: true,
    targets: [ratio('warm ms', 'warm.ms.median', 0.6), ratio('cold ms', 'cold.ms.median', 0.25)],
  },
  {
    ...besideHocuspocus,
    name: 'reconnect',
    work: '200 clients reconnect',
    scenario: 'reconnect',
    args: ['--n', '200'],
    targets: [ratio('cold, all ms', 'cold.allMs.median', 0.55), ratio('warm, all ms', 'warm.allMs.median', 1.2)],
  },
  {
    name: 'durability',
    work: '`kill -9`',
    scenario: 'durability',
    args: [],
    beside: 'hocuspocus-pg',
    sync: false,
    targets: [figure('acknowledged edits lost', 'acknowledgedLost', 0)],
  },
  {
    name: 'memory',
    work: 'memory',
    scenario: 'memory',
    args: [],
    beside: 'hocuspocus-pg',
    sync: true,
    targets: [
      figure('idle connection, KiB', 'connection.residentKiB', 36),
      figure('idle open document ÷ its Y.Doc', 'document.share', 0.125),
    ],
  },
];
