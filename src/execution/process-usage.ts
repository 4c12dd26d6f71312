// Memory and CPU of a process, from /proc. On a system without it nothing is known and nothing is enforced here.
import { readFileSync } from 'node:fs';
import { WATCH_EVERY_MS } from './limits.ts';

export interface Usage {
  /** Resident memory in bytes. */
  readonly rssBytes: number;
  /** CPU time since the process began, user and system, in ms; counted in steps of 10. */
  readonly cpuMs: number;
}

const PAGE_BYTES = 4096; // 16 or 64 kB pages exist on ARM: limits then bite later, RLIMIT_DATA still holds
const TICK_MS = 10; // USER_HZ is 100 on every Linux that Node.js runs on

/** What a process uses now; undefined when it has ended or there is no /proc. */
export function usageOf(pid: number): Usage | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name in parentheses may hold spaces; fields are counted after it: utime, stime and rss are 12, 13 and 22.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { rssBytes: Number(fields[21]) * PAGE_BYTES, cpuMs: (Number(fields[11]) + Number(fields[12])) * TICK_MS };
  } catch {
    return undefined;
  }
}

/** A look at one process while it works. */
export interface UsageWatch {
  /** Stops looking. CPU and memory are what was added since the start; the peak is seen every 25 ms. */
  stop(): { readonly cpuMs: number; readonly peakBytes: number };
}

/**
 * Calls `look` every 25 ms with what the process uses; CPU counts from now. The first look is not now but when what is to
 * be done at once is done: reading /proc takes a fraction of a millisecond, and somebody waits for the first output.
 */
export function watchUsage(pid: number, look: (usage: Usage) => void): UsageWatch {
  let start: Usage | undefined;
  let last: Usage | undefined;
  let peak = 0;
  const first = setImmediate(() => {
    start = usageOf(pid);
    last = start;
    peak = start?.rssBytes ?? 0;
  });
  const take = (): Usage | undefined => {
    const now = usageOf(pid);
    if (now === undefined || start === undefined || now.rssBytes === 0) return undefined; // 0: a zombie
    last = now;
    peak = Math.max(peak, now.rssBytes);
    return { rssBytes: now.rssBytes, cpuMs: now.cpuMs - start.cpuMs };
  };
  const timer = setInterval(() => {
    const now = take();
    if (now !== undefined) look(now);
  }, WATCH_EVERY_MS);
  return {
    stop() {
      clearImmediate(first);
      clearInterval(timer);
      take();
      return { cpuMs: (last?.cpuMs ?? 0) - (start?.cpuMs ?? 0), peakBytes: peak - (start?.rssBytes ?? 0) };
    },
  };
}
