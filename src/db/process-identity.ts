// Which process a number stands for: process ids are given out again, a start time is not.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';

/** Fields of /proc/<pid>/stat behind the command name, counted from 0: state and start time in clock ticks. */
const STATE_FIELD = 0;
const START_TIME_FIELD = 19;

/**
 * When a process began, as text that differs between two processes of the same id.
 * @returns undefined when there is none, or only its unreaped remains
 */
export function startTimeOf(pid: number): string | undefined {
  if (process.platform !== 'linux') return psOf(pid, 'lstart');
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[STATE_FIELD] === 'Z' ? undefined : fields[START_TIME_FIELD];
  } catch {
    return undefined;
  }
}

/** The command line of a process, words separated by blanks; undefined when there is none. */
export function commandOf(pid: number): string | undefined {
  if (process.platform !== 'linux') return psOf(pid, 'command');
  try {
    // Empty for what has ended but is not reaped yet.
    return fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim() || undefined;
  } catch {
    return undefined;
  }
}

function psOf(pid: number, column: string): string | undefined {
  const { stdout } = spawnSync('ps', ['-o', `${column}=`, '-p', String(pid)], { encoding: 'utf8' });
  return stdout?.trim() || undefined;
}
