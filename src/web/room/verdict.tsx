// What came of a test case: a sign with a word, and the expected output beside the one it had.
import { CircleCheck, CircleDashed, CircleSlash, CircleX, Clock } from 'lucide-preact';
import type { Verdict } from '../../client/index.ts';

const SIGNS = {
  passed: [CircleCheck, 'Passed', 'completed'],
  wrong_output: [CircleX, 'Other output', 'failed'],
  failed: [CircleX, 'Failed', 'failed'],
  timeout: [Clock, 'Time limit reached', 'timeout'],
  cancelled: [CircleSlash, 'Cancelled', 'cancelled'],
} as const;

export function VerdictSign({ verdict }: { verdict: Verdict['verdict'] | undefined }) {
  if (!verdict) {
    return (
      <span class="run-status">
        <CircleDashed size={14} aria-hidden="true" /> <span class="sr-only">Not run yet</span>
      </span>
    );
  }
  const [Icon, word, look] = SIGNS[verdict];
  return (
    <span class={`run-status ${look}`}>
      <Icon size={14} aria-hidden="true" /> {word}
    </span>
  );
}

interface ComparisonProps {
  readonly expected: string;
  readonly printed: string;
  readonly cut: boolean;
}

/** Lines that are not the same are marked; which blanks count is the server's rule (`verdict.ts`). */
export function Comparison({ expected, printed, cut }: ComparisonProps) {
  const [wanted, had] = [linesOf(expected), linesOf(printed)];
  return (
    <div class="comparison">
      <Lines title="Expected" lines={wanted} others={had} look="wanted" />
      <Lines title={cut ? 'Printed (cut off)' : 'Printed'} lines={had} others={wanted} look="had" />
    </div>
  );
}

const BLANKS_AT_END = /(?<![ \t])[ \t]+$/;

function linesOf(text: string): string[] {
  const lines = text.split(/\r\n|\n|\r/).map((line) => line.replace(BLANKS_AT_END, ''));
  while (lines.at(-1) === '') lines.pop();
  return lines;
}

interface LinesProps {
  readonly title: string;
  readonly lines: readonly string[];
  readonly others: readonly string[];
  readonly look: 'wanted' | 'had';
}

function Lines({ title, lines, others, look }: LinesProps) {
  return (
    <figure class="comparison-side">
      <figcaption>{title}</figcaption>
      {lines.length === 0 && <p class="muted">Nothing</p>}
      <ol>
        {lines.map((line, index) => (
          <li key={index} class={line === others[index] ? '' : `differs ${look}`}>
            {line === others[index] || <span class="sr-only">differs: </span>}
            {line === '' ? ' ' : line}
          </li>
        ))}
      </ol>
    </figure>
  );
}
