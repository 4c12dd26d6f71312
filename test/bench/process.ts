// What processes cost, read from /proc (Linux): CPU seconds, memory, and which CPU they run on.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';

/** Clock ticks per second of /proc/stat; fixed on every Linux that Node runs on. */
const TICKS = 100;

/** CPU seconds that a process has used, all its threads; NaN when it has gone. */
export function cpuSeconds(pid: number): number {
  try {
    const threads = fs.readdirSync(`/proc/${pid}/task`);
    return threads.reduce((sum, thread) => sum + runTime(`/proc/${pid}/task/${thread}/schedstat`), 0) / 1e9;
  } catch {
    return Number.NaN;
  }
}

/** Nanoseconds on a CPU. */
const runTime = (file: string): number => Number(fs.readFileSync(file, 'latin1').split(' ')[0]);

/** CPU seconds of a process and its children, such as PostgreSQL with its backends. */
export function treeCpuSeconds(pid: number): number {
  const seconds = [pid, ...childrenOf(pid)].map(cpuSeconds);
  return seconds.reduce((sum, one) => sum + (Number.isNaN(one) ? 0 : one), 0);
}

/** Of a process: its children, theirs, and so on. */
export function descendantsOf(pid: number): number[] {
  return childrenOf(pid).flatMap((child) => [child, ...descendantsOf(child)]);
}

function childrenOf(pid: number): number[] {
  const processes = fs.readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return processes.map(Number).filter((candidate) => {
    try {
      return statOf(candidate)[1] === String(pid);
    } catch {
      return false;
    }
  });
}

/** The fields of /proc/PID/stat from the state on; the name before may have spaces. */
function statOf(pid: number): string[] {
  const text = fs.readFileSync(`/proc/${pid}/stat`, 'latin1');
  return text.slice(text.lastIndexOf(') ') + 2).split(' ');
}

/** Seconds in the program and in the kernel. */
export function userAndSystem(pid: number): { user: number; system: number } {
  const fields = statOf(pid);
  return { user: Number(fields[11]) / TICKS, system: Number(fields[12]) / TICKS };
}

export function residentMiB(pid: number): number {
  try {
    return Number(/VmRSS:\s+(\d+)/.exec(fs.readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1]) / 1024;
  } catch {
    return Number.NaN;
  }
}

/** Resident memory of which shared pages count in parts, one for each process that has them: so it can be added up. */
export function proportionalMiB(pid: number): number {
  try {
    return Number(/^Pss:\s+(\d+)/m.exec(fs.readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1'))?.[1]) / 1024;
  } catch {
    return Number.NaN;
  }
}

/** Keeps a process and all its threads on one CPU; does nothing where `taskset` is missing. */
export function pin(pid: number, cpu: number): void {
  try {
    execFileSync('taskset', ['-acp', String(cpu), String(pid)], { stdio: 'ignore' });
  } catch {
    // A machine without taskset, or with fewer CPUs: what was measured says how busy the CPU was with others.
  }
}

/** Seconds for which a CPU was busy, with whatever; and stolen by the hypervisor. */
export function cpuBusy(cpu: number): { busy: number; stolen: number } {
  const lines = fs.readFileSync('/proc/stat', 'latin1').split('\n');
  const [user = 0, nice = 0, system = 0, , , irq = 0, softIrq = 0, stolen = 0] = (
    lines.find((line) => line.startsWith(`cpu${cpu} `)) ?? ''
  )
    .split(/\s+/)
    .slice(1)
    .map(Number);
  return { busy: (user + nice + system + irq + softIrq) / TICKS, stolen: stolen / TICKS };
}

/** Processes that want to run, averaged over a minute. */
export const loadAverage = (): number => Number(fs.readFileSync('/proc/loadavg', 'latin1').split(' ')[0]);
