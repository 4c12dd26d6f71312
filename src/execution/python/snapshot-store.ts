// The snapshot file on the server's side: named after all that it depends on, made when it is missing or damaged, by a
// process of its own. Whoever starts a Python gets it opened.
import { execFile } from 'node:child_process';
import { createHash, type Hash } from 'node:crypto';
import { type FileHandle, mkdir, open, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Log } from '../../observe/log.ts';
import { SNAPSHOT_PARTS } from './python-files.ts';
import { verifiedSnapshot } from './snapshot-format.ts';

export interface SnapshotStoreOptions {
  readonly folder: string;
  /** The Node.js binary that makes it, and later runs from it. */
  readonly execPath: string;
  readonly log: Log;
}

/** Making it takes about 3 s of CPU; a machine that is busy takes longer, in ms. */
const MAKE_MS = 120_000;

/** A snapshot of another version is left alone for so long, in ms. */
const OLD_MS = 24 * 60 * 60_000;

const MAKER = fileURLToPath(new URL('./snapshot-maker.ts', import.meta.url));
const FLAGS = ['--no-node-snapshot', '--no-warnings', '--no-wasm-code-gc'];

export class SnapshotStore {
  readonly #options: SnapshotStoreOptions;
  readonly #stop = new AbortController();
  #path: Promise<string> | undefined;
  #doubted = false;

  constructor(options: SnapshotStoreOptions) {
    this.#options = options;
  }

  /** The file, for the caller to close. Rejects with the reason when there is none and none can be made. */
  async open(): Promise<FileHandle> {
    this.#path ??= this.#made();
    try {
      return await open(await this.#path, 'r');
    } catch (error) {
      this.#path = undefined; // gone since, or never made: the next one looks again
      throw error;
    }
  }

  /** A Python did not start: the file is looked at before the next one does. */
  doubt(): void {
    this.#doubted = true;
    this.#path = undefined;
  }

  /** Stops making one. */
  close(): void {
    this.#stop.abort();
  }

  async #made(): Promise<string> {
    const { folder, execPath, log } = this.#options;
    const path = join(folder, `python-${await this.#key()}.snapshot`);
    if (await this.#isThere(path)) return path;
    await mkdir(folder, { recursive: true, mode: 0o755 });
    const began = performance.now();
    await this.#run(execPath, [...FLAGS, MAKER, path]);
    if (!(await this.#isThere(path))) throw new Error('the snapshot of Python could not be made');
    await this.#tidy(path);
    log.info({ path, ms: Math.round(performance.now() - began) }, 'the snapshot of Python was made');
    return path;
  }

  /** Whether there is one that may be used; a damaged one is removed. */
  async #isThere(path: string): Promise<boolean> {
    try {
      const file = await open(path, 'r');
      if (!this.#doubted) return await file.close().then(() => true);
      const bytes = await file.readFile().finally(() => file.close());
      verifiedSnapshot(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer);
      this.#doubted = false;
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
      this.#options.log.warn({ path, err: error }, 'the snapshot of Python is not usable');
      await rm(path, { force: true });
      return false;
    }
  }

  /** Removes those of other versions. A server of such a version that still runs would make its own again. */
  async #tidy(path: string): Promise<void> {
    const { folder } = this.#options;
    const now = Date.now();
    for (const name of await readdir(folder)) {
      const other = join(folder, name);
      if (!/^python-.*\.snapshot/.test(name) || other === path) continue;
      const { mtimeMs } = await stat(other).catch(() => ({ mtimeMs: now }));
      if (now - mtimeMs > OLD_MS) await rm(other, { force: true });
    }
  }

  /** Everything that the memory depends on: Pyodide, V8, and the code that prepares it. */
  async #key(): Promise<string> {
    const hash = createHash('sha256').update(`${process.version} ${process.arch}`);
    for (const name of SNAPSHOT_PARTS) addTo(hash, await readFile(name));
    return hash.digest('hex').slice(0, 32);
  }

  /** The maker's end says nothing, but for the words with which it failed: the file does. */
  #run(command: string, args: readonly string[]): Promise<void> {
    const { signal } = this.#stop;
    return new Promise((resolve, reject) => {
      execFile(command, args, { env: {}, timeout: MAKE_MS, signal }, (error, _, words) => {
        if (error !== null && error.signal !== 'SIGKILL') reject(new Error(reasonIn(words) ?? error.message));
        else resolve();
      });
    });
  }
}

/** The line of Node's own report that says what was wrong; its last one is Node's version. */
function reasonIn(words: string): string | undefined {
  const lines = words.split('\n').map((line) => line.trim());
  return lines.find((line) => /^(?:\w*Error|FATAL ERROR)\b/.test(line)) ?? lines.findLast((line) => line !== '');
}

function addTo(hash: Hash, bytes: Buffer): void {
  hash.update(`${bytes.length}\n`).update(bytes);
}
