// What came of a test case.
import type { RunResult } from '../../execution/execution.ts';
import type { Verdict } from '../../protocol/runs.ts';

export interface Trial {
  /** Null when the program only has to end by itself. */
  readonly expected: string | null;
  /** All of its standard output. */
  readonly printed: string;
  readonly result: Pick<RunResult, 'status'>;
}

/** The verdict: first how the program ended, then what it printed. */
export function judge({ expected, printed, result }: Trial): Verdict['verdict'] {
  if (result.status !== 'completed') return result.status;
  return expected === null || comparable(printed) === comparable(expected) ? 'passed' : 'wrong_output';
}

/**
 * An output as it is compared: line ends are all the same (`\r\n`, `\n`, `\r`), blanks at the end of a line and empty
 * lines at the end do not count. Everything else does: blanks at the start, inner blanks and empty lines, case.
 */
export function comparable(output: string): string {
  const lines = output.split(/\r\n|\n|\r/).map(withoutBlanksAtEnd);
  while (lines.at(-1) === '') lines.pop();
  return lines.join('\n');
}

/** By hand: patterns take stack, and sometimes time, for every blank of a long run, and programs print such. */
function withoutBlanksAtEnd(line: string): string {
  let end = line.length;
  while (end > 0 && (line[end - 1] === ' ' || line[end - 1] === '\t')) end--;
  return line.slice(0, end);
}
