// One data folder, one server: `server.lock` holds the owner's process id and start time. A lock whose owner is gone is
// taken over. A second file is the mutex under which that is judged, so that two who start at once cannot both do it.
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startTimeOf } from './process-identity.ts';

const LOCK = 'server.lock';
const MUTEX = 'server.lock.mutex';
/** Milliseconds between two tries to get the mutex, which is held for less than one. */
const MUTEX_RETRY_MS = 5;

/**
 * Takes the folder; it is made when it is not there.
 * @returns gives it back
 * @throws Error that names the folder and the process that has it
 */
export async function lockFolder(folder: string): Promise<() => void> {
  fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
  const own = `${process.pid} ${startTimeOf(process.pid)}\n`;
  const lock = path.join(folder, LOCK);
  await takeMutex(folder, own);
  try {
    const owner = ownerOf(lock);
    if (owner !== undefined) throw inUse(folder, owner);
    putWhole(own, (file) => fs.renameSync(file, lock), lock);
  } finally {
    fs.rmSync(path.join(folder, MUTEX), { force: true });
  }
  return () => {
    if (readOf(lock) === own) fs.rmSync(lock, { force: true });
  };
}

/** Waits while a living process has it; one that died in between left it behind. */
async function takeMutex(folder: string, own: string): Promise<void> {
  const mutex = path.join(folder, MUTEX);
  for (;;) {
    try {
      return putWhole(own, (file) => fs.linkSync(file, mutex), mutex);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    if (ownerOf(mutex) === undefined) fs.rmSync(mutex, { force: true });
    else await delay(MUTEX_RETRY_MS);
  }
}

/** Puts a file in its place with its whole text: nobody can read half of it. */
function putWhole(text: string, place: (file: string) => void, target: string): void {
  const file = `${target}.${process.pid}`;
  fs.writeFileSync(file, text, { mode: 0o600 });
  try {
    place(file);
  } finally {
    fs.rmSync(file, { force: true });
  }
}

/** The living process that wrote a lock file. */
function ownerOf(file: string): number | undefined {
  const [, pid, started] = /^(\d+) (.+)\n$/.exec(readOf(file) ?? '') ?? [];
  return started !== undefined && startTimeOf(Number(pid)) === started ? Number(pid) : undefined;
}

function readOf(file: string): string | undefined {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

function inUse(folder: string, pid: number): Error {
  return new Error(
    `The data folder ${path.resolve(folder)} is in use by another Coderoom server (process ${pid}). ` +
      'Stop that one, or give this one a folder of its own with DATA_DIR.',
  );
}
