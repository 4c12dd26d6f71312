// What a process and all that it has started use together, from /proc.
import { readdirSync, readFileSync, statSync } from 'node:fs';

export interface TreeUsage {
  readonly processes: number;
  /** Resident memory, in bytes; what processes share counts for each. */
  readonly rssBytes: number;
  /** CPU time in ms, that of children which have ended included; counted in steps of 10. */
  readonly cpuMs: number;
}

const PAGE_BYTES = 4096; // larger pages on some ARM systems: the limit bites later there
const TICK_MS = 10; // USER_HZ is 100 on every Linux that Node.js runs on

/** More are not looked at: the caller ends the tree long before. */
const MOST = 1000;

/** Undefined when the process has ended. */
export function treeUsage(root: number): TreeUsage | undefined {
  const pids = [root];
  let [processes, rssBytes, cpuMs] = [0, 0, 0];
  for (const pid of pids) {
    const fields = statOf(pid);
    if (fields === undefined) continue;
    processes++;
    rssBytes += Number(fields[21]) * PAGE_BYTES;
    cpuMs += [11, 12, 13, 14].reduce((sum, index) => sum + Number(fields[index]), 0) * TICK_MS;
    if (pids.length < MOST) pids.push(...childrenOf(pid));
  }
  return processes === 0 ? undefined : { processes, rssBytes, cpuMs };
}

/** Processes and threads of a user. */
export function tasksOf(uid: number): number {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.reduce((sum, pid) => sum + (ownerOf(pid) === uid ? Number(statOf(Number(pid))?.[17] ?? 0) : 0), 0);
}

/** The fields after the name, which stands in parentheses and may hold spaces. */
function statOf(pid: number): string[] | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}

function childrenOf(pid: number): number[] {
  try {
    const tasks = readdirSync(`/proc/${pid}/task`);
    const texts = tasks.map((task) => readFileSync(`/proc/${pid}/task/${task}/children`, 'latin1'));
    return texts.flatMap((text) => text.split(' ').filter(Boolean).map(Number));
  } catch {
    return [];
  }
}

function ownerOf(pid: string): number | undefined {
  try {
    return statSync(`/proc/${pid}`).uid;
  } catch {
    return undefined;
  }
}
