// The PostgreSQL that an earlier server left on a data folder, which is ours alone by now (folder-lock.ts): it is told
// to end, and waited for. Found by postmaster.pid, whose number may have been given to another process since.
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { commandOf } from './process-identity.ts';

/** Milliseconds for an orphan to end by itself; then it is stopped without a checkpoint, which a recovery makes good. */
const FAST_SHUTDOWN_MS = 10_000;
const LAST_WAIT_MS = 30_000;
const LOOK_EVERY_MS = 10;

/**
 * Ends what still runs on a folder and makes sure that PostgreSQL can start there.
 * @throws Error that names the folder and the process when that does not go away
 */
export async function endOrphan(folder: string): Promise<void> {
  const from = performance.now();
  let told: NodeJS.Signals | undefined;
  for (let pid = orphanOn(folder); pid !== undefined; pid = orphanOn(folder)) {
    const waited = performance.now() - from;
    const signal = waited > FAST_SHUTDOWN_MS ? 'SIGQUIT' : 'SIGINT';
    if (told !== signal) tell(pid, signal);
    told = signal;
    if (waited > LAST_WAIT_MS) throw new Error(`A PostgreSQL (process ${pid}) keeps ${folder} busy: end it.`);
    await delay(LOOK_EVERY_MS);
  }
}

/**
 * The living postmaster of a folder. Removes a postmaster.pid that names anything else: PostgreSQL does not start while
 * that process id is a stranger's, or a dead process's that nobody reaps, as in containers without an init. What
 * children of a killed postmaster still hold it finds by the shared memory of the folder.
 */
function orphanOn(folder: string): number | undefined {
  const file = path.join(folder, 'postmaster.pid');
  const [pid, seenAs] = linesOf(file);
  if (pid === undefined || seenAs === undefined) return undefined;
  const command = commandOf(Number(pid));
  if (command?.includes('postgres') && command.includes(seenAs)) return Number(pid);
  fs.rmSync(file, { force: true });
  return undefined;
}

function linesOf(file: string): string[] {
  try {
    return fs.readFileSync(file, 'utf8').split('\n');
  } catch {
    return [];
  }
}

function tell(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has just gone.
  }
}
