// A run's state as an icon and a word, the same in the output and in the list.
import { CircleCheck, CircleDashed, CircleSlash, CircleX, Clock, LoaderCircle } from 'lucide-preact';
import type { Execution } from '../../client/index.ts';
import { duration } from '../ui/times.ts';

type Status = Execution['status'];

const ICONS = {
  queued: CircleDashed,
  running: LoaderCircle,
  completed: CircleCheck,
  failed: CircleX,
  timeout: Clock,
  cancelled: CircleSlash,
} as const;

const WORDS: Record<Status, string> = {
  queued: 'Waiting',
  running: 'Running',
  completed: 'Completed',
  failed: 'Failed',
  timeout: 'Time limit reached',
  cancelled: 'Cancelled',
};

export function RunStatus({ run }: { run: Execution }) {
  const Icon = ICONS[run.status];
  return (
    <span class={`run-status ${run.status}`}>
      <Icon size={14} aria-hidden="true" />
      {run.waitsForInput ? 'Waits for input' : run.status === 'queued' ? placeInQueue(run) : WORDS[run.status]}
    </span>
  );
}

/** `Waiting, next` or `Waiting, 3rd in the queue`. */
function placeInQueue({ position }: Execution): string {
  if (position === null) return 'Starting';
  return position <= 1 ? 'Waiting, next' : `Waiting, ${ordinal(position)} in the queue`;
}

const rules = new Intl.PluralRules('en', { type: 'ordinal' });
const SUFFIX: Partial<Record<Intl.LDMLPluralRule, string>> = { one: 'st', two: 'nd', few: 'rd' };

function ordinal(number: number): string {
  return `${number}${SUFFIX[rules.select(number)] ?? 'th'}`;
}

/** How long it took, or has taken; empty while it waits. */
export function runTime({ wallMs, startedAt, completedAt }: Execution): string {
  if (wallMs !== null) return duration(wallMs);
  if (startedAt === null || completedAt === null) return '';
  return duration(Math.max(0, Date.parse(completedAt) - Date.parse(startedAt)));
}
