// One data folder, one server: a lock file with the owner's process id and start time. A lock whose owner is dead, or
// whose process id was given to something else, is taken over.
import fs from 'node:fs';
import path from 'node:path';

const NAME = 'server.lock';
/** Field of /proc/<pid>/stat, counted behind the command name, that holds the start time in clock ticks. */
const START_TIME_FIELD = 19;

/**
 * Takes the folder.
 * @returns gives it back
 * @throws Error that names the folder and the process that has it
 */
export function lockFolder(folder: string): () => void {
  fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = path.join(folder, NAME);
  const own = `${process.pid} ${startTime(process.pid)}\n`;
  for (;;) {
    try {
      fs.writeFileSync(file, own, { flag: 'wx' });
      return () => {
        if (read(file) === own) fs.rmSync(file, { force: true });
      };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    takeOver(file, folder);
  }
}

/** Removes a stale lock; renaming first lets only one of two servers that start at once do it. */
function takeOver(file: string, folder: string): void {
  const written = read(file);
  if (written === undefined) return;
  const [pid, started] = written.trim().split(' ');
  if (started !== undefined && startTime(Number(pid)) === started) {
    throw new Error(
      `The data folder ${path.resolve(folder)} is in use by another Coderoom server (process ${pid}). ` +
        'Stop that one, or give this one a folder of its own with DATA_DIR.',
    );
  }
  const stale = `${file}.${process.pid}`;
  try {
    fs.renameSync(file, stale);
  } catch {
    return;
  }
  // Between reading and renaming another server may have taken the folder: then its lock is put back.
  if (read(stale) !== written) fs.linkSync(stale, file);
  fs.rmSync(stale, { force: true });
}

function read(file: string): string | undefined {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

/** When a process began, in a form that differs between two processes of the same id; undefined when there is none. */
function startTime(pid: number): string | undefined {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return undefined;
  }
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[START_TIME_FIELD];
  } catch {
    // No /proc: the process id alone decides.
    return 'unknown';
  }
}
