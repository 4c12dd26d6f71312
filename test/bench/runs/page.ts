// The figures of all rounds as a part of RESULTS.md: medians with the least and the most, and the targets of the execution engine.
import { median, quantile } from '../histogram.ts';

/** Of one thing in one round: ms, or MiB of memory. */
export interface Figures {
  readonly p50: number;
  readonly p95: number;
  /** Runs that the server did not take; they count as endless. */
  readonly refused?: number;
}

/** By name: of what was measured. */
export type Round = Readonly<Record<string, Figures>>;

interface Target {
  readonly what: string;
  readonly of: string;
  readonly figure: 'p50' | 'p95';
  readonly most: number;
  /** What it is divided by; a figure of memory stands for itself. */
  readonly beside?: readonly [name: string, figure: 'p50' | 'p95'];
}

const NODE = 'cold `node` process';
const PYTHON = 'cold `python3` process';
const TYPING = 'typing in other rooms meanwhile';
const PYODIDE = 'Pyodide, loaded plainly';

type Beside = readonly [name: string, most: number, what?: string];
const target = (of: string, figure: Target['figure'], [name, most, what = `${of}, warm`]: Beside): Target => ({
  what,
  of,
  figure,
  most,
  beside: [name, figure],
});
const memory = (what: string, of: string, most: number): Target => ({ what, of, figure: 'p50', most });

const TARGETS: readonly Target[] = [
  target('JavaScript', 'p50', [NODE, 0.15]),
  target('JavaScript', 'p95', [NODE, 0.4]),
  target('TypeScript', 'p50', [NODE, 0.2]),
  target('TypeScript', 'p95', [NODE, 0.5]),
  target('SQL', 'p50', [NODE, 0.25]),
  target('SQL', 'p95', [NODE, 0.6]),
  target('Python', 'p50', [PYTHON, 1]),
  target('Python', 'p95', [PYTHON, 2]),
  target('Python', 'p50', [PYODIDE, 0.01]),
  target('JavaScript, empty pool', 'p50', [NODE, 4, 'JavaScript, empty pool']),
  target('Python, empty pool', 'p50', [PYODIDE, 0.35, 'Python, empty pool']),
  {
    what: '20 runs a second from 10 rooms',
    of: 'JavaScript, 20 runs a second',
    figure: 'p95',
    beside: ['JavaScript', 'p50'],
    most: 12,
  },
  target('typing, 20 runs a second', 'p50', ['typing, nothing runs', 2, TYPING]),
  target('typing, 20 runs a second', 'p95', ['typing, nothing runs', 2, TYPING]),
  memory('idle pool, MiB', 'memory: idle pool', 120),
  memory('warm Python, MiB', 'memory: warm Python', 300),
  memory('Python after its idle time, MiB', 'memory: Python, given back', 0),
];

export function figuresOf(samples: readonly number[]): Figures {
  const refused = samples.filter((sample) => sample === Number.POSITIVE_INFINITY).length;
  return { p50: median(samples), p95: quantile(samples, 0.95), ...(refused > 0 && { refused }) };
}

export const HEADING = '# Results of runs';

/** @param about paragraphs about the machine and the measurement */
export function runsPage(rounds: readonly Round[], about: string): string {
  const names = [...new Set(rounds.flatMap((round) => Object.keys(round)))];
  return [
    HEADING,
    '',
    about,
    '',
    '## Targets of runs',
    '',
    '| what | figure | beside | ours | ratio | target | |',
    '|---|---|---|---|---|---|---|',
    ...TARGETS.map((one) => targetLine(one, rounds)),
    '',
    '## All figures of runs',
    '',
    'Milliseconds; of memory MiB.',
    '',
    '| what | p50 | p95 | refused |',
    '|---|---|---|---|',
    ...names.map((name) => `| ${name} | ${spreadOf(rounds, name, 'p50')} | ${rest(rounds, name)} |`),
    '',
  ].join('\n');
}

/** Memory has one figure only. */
function rest(rounds: readonly Round[], name: string): string {
  if (name.startsWith('memory')) return '– | –';
  const refused = rounds.reduce((sum, round) => sum + (round[name]?.refused ?? 0), 0);
  return `${spreadOf(rounds, name, 'p95')} | ${refused === 0 ? '–' : refused}`;
}

function targetLine({ what, of, beside, figure, most }: Target, rounds: readonly Round[]): string {
  const own = rounds.map((round) => round[of]?.[figure] ?? Number.NaN);
  const other = rounds.map((round) => (beside ? (round[beside[0]]?.[beside[1]] ?? Number.NaN) : 1));
  const ratios = own.map((value, round) => value / (other[round] as number));
  const met = median(ratios) <= most ? 'met' : '**missed**';
  const named = beside ? `${beside[0]}${beside[1] === figure ? '' : `, ${beside[1]}`}` : '–';
  const ratio = beside ? `${shown(ratios)} ×` : '–';
  return `| ${what} | ${beside ? figure : '–'} | ${named} | ${shown(own)} | ${ratio} | ≤ ${most}${beside ? ' ×' : ''} | ${met} |`;
}

const spreadOf = (rounds: readonly Round[], name: string, figure: 'p50' | 'p95'): string =>
  shown(rounds.map((round) => round[name]?.[figure] ?? Number.NaN));

function shown(values: readonly number[]): string {
  const text = (value: number): string => String(Number(value.toPrecision(3)));
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return low === high ? text(low) : `${text(median(values))} (${text(low)} – ${text(high)})`;
}
