// One data folder, one server. Who wants the folder lays a claim there, a file named after its process, and has it once
// it finds no claim of another living process. The name of a claim is never used again (process id and start time), so
// removing a dead one cannot hit a living one, which a single lock file that is taken over cannot promise.
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startTimeOf } from './process-identity.ts';

const CLAIM = /^server\.lock\.(\d+)\.([\w-]+)$/;
/** What a claim holds once it has won. */
const WON = 'owner\n';
/** Milliseconds between two looks while several claim at once. */
const LOOK_EVERY_MS = 5;
/** Milliseconds after which a claim that neither wins nor goes counts as the owner's: its process is stopped. */
const CLAIM_PATIENCE_MS = 5_000;

interface Claim {
  readonly file: string;
  readonly pid: number;
}

/**
 * Takes the folder; it is made when it is not there.
 * @returns gives it back
 * @throws Error that names the folder and the process that has it
 */
export async function lockFolder(folder: string): Promise<() => void> {
  fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
  const own: Claim = { file: path.join(folder, nameOf(process.pid)), pid: process.pid };
  if (fs.existsSync(own.file)) throw inUse(folder, own.pid);
  try {
    await win(folder, own);
  } catch (error) {
    withdraw(own);
    throw error;
  }
  return () => withdraw(own);
}

/** Nobody claims while others do: of several who did, the one with the lowest process id stays and the others step back. */
async function win(folder: string, own: Claim): Promise<void> {
  const patience = performance.now() + CLAIM_PATIENCE_MS;
  for (let claimed = false; ; ) {
    const others = claimsIn(folder).filter(({ pid }) => pid !== own.pid);
    const owner = performance.now() > patience ? others[0] : others.find(hasWon);
    if (owner !== undefined) throw inUse(folder, owner.pid);
    if (others.length === 0) {
      // Looked at again after the claim was laid: whoever comes later sees it.
      fs.writeFileSync(own.file, claimed ? WON : '', { mode: 0o600 });
      if (claimed) return;
      claimed = true;
      continue;
    }
    if (claimed && others.some(({ pid }) => pid < own.pid)) {
      withdraw(own);
      claimed = false;
    }
    await delay(LOOK_EVERY_MS);
  }
}

/** The claims of living processes; those of dead ones are removed. */
function claimsIn(folder: string): Claim[] {
  return fs.readdirSync(folder).flatMap((name) => {
    const found = CLAIM.exec(name);
    if (!found) return [];
    const claim = { file: path.join(folder, name), pid: Number(found[1]) };
    if (name === nameOf(claim.pid)) return [claim];
    withdraw(claim);
    return [];
  });
}

/** The name of a process's claim, as it would be now; another one when its id was given to something else. */
function nameOf(pid: number): string {
  return `server.lock.${pid}.${(startTimeOf(pid) ?? 'dead').replace(/\W+/g, '-')}`;
}

function hasWon({ file }: Claim): boolean {
  try {
    return fs.readFileSync(file, 'utf8') === WON;
  } catch {
    return false; // withdrawn meanwhile
  }
}

function withdraw({ file }: Claim): void {
  fs.rmSync(file, { force: true });
}

function inUse(folder: string, pid: number): Error {
  return new Error(
    `The data folder ${path.resolve(folder)} is in use by another Coderoom server (process ${pid}). ` +
      'Stop that one, or give this one a folder of its own with DATA_DIR.',
  );
}
